// The entries as they were embedded, and what follows from them. `index` is a place in `entries`, `n` the number in the source.
const KINDS = {
  message: 'message', presence: 'presence', iq: 'iq', sm: 'sm', nonza: 'nonza', stream: 'stream', sasl: 'sasl', tls: 'tls',
  connection: 'connection', keepalive: 'keepalive', missing: 'missing', broken: 'broken', remark: 'remark',
};
const SIDES = ['dialler', 'answerer'];
const SEVERITIES = ['note', 'warning', 'error'];

// A page that was cut off while it was written ends in the middle of a line.
const entries = [];
for (const line of element('entries').textContent.split('\n')) {
  if (!line) continue;
  try { entries.push(JSON.parse(line)); } catch (wrong) { if (!(wrong instanceof SyntaxError)) throw wrong; }
}
const summary = (() => {
  const embedded = element('summary');
  try { return embedded && JSON.parse(embedded.textContent); } catch { return null; }
})();

const byNumber = new Map();
const connections = new Map();
const answered = new Map();
const sightings = new Map();
const findings = [];

function connectionOf(entry) {
  let known = connections.get(entry.connection);
  if (!known) {
    known = { id: entry.connection, names: [new Set(), new Set()], ends: ['', ''], entries: 0, octets: 0, stanzas: 0, tls: false };
    connections.set(entry.connection, known);
  }
  return known;
}

const NOBODY = ['', ''];
const listed = (map, key) => map.get(key) || map.set(key, []).get(key);

entries.forEach((entry, index) => {
  entry.index = index;
  byNumber.set(entry.n, entry);
  if (entry.connection !== undefined) {
    const connection = connectionOf(entry);
    if (entry.ends) { connection.ends = entry.ends; entry.ends.forEach((end, side) => connection.names[side].add(end)); }
    // What the ends were called when this was said.
    entry.called = connection.ends;
    connection.entries += 1;
    connection.octets += entry.octets;
    connection.tls ||= Boolean(entry.tls);
  } else entry.called = entry.ends || NOBODY;
  if (entry.answers) listed(answered, entry.answers[0]).push(entry.n);
  if (entry.seen) listed(sightings, entry.seen[0]).push(entry.n);
  (entry.findings || []).forEach((finding) => findings.push({ ...finding, entry }));
});

const times = entries.filter((entry) => entry.at !== undefined);
const base = times.length && times[0].base ? BigInt(times[0].base) : null;
const span = times.length ? times[times.length - 1].at - times[0].at : 0;
const DECIMALS = span < 1000e9 ? 6 : 3;
const since = (entry) => (entry.at === undefined ? '' : (entry.at / 1e9).toFixed(DECIMALS));

// The time of day, in UTC, as exact as it came.
function clock(entry) {
  if (entry.at === undefined || base === null) return '';
  const ns = base + BigInt(entry.at);
  const date = new Date(Number(ns / 1000000n));
  if (Number.isNaN(date.getTime())) return '';
  const rest = String(ns % 1000000000n).padStart(9, '0').replace(/(000)+$/, '');
  return `${date.toISOString().slice(0, 19)}${rest ? `.${rest}` : ''}Z`;
}

const latency = (entry) => (entry.answers && entry.answers[1] !== null ? entry.answers[1] : null);
const worst = (entry) => (entry.findings || []).reduce((most, { severity }) => Math.max(most, SEVERITIES.indexOf(severity)), -1);
const isReset = (entry) => entry.kind === 'connection' && /\breset\b|\brst\b|\bcut off\b/i.test(`${entry.title} ${entry.detail || ''}`);
const isViolation = (entry) => entry.kind === 'remark' && /\bVIOLAT(?:ED|ION)\b/.test(`${entry.title} ${entry.detail || ''} ${entry.xml || ''}`);
