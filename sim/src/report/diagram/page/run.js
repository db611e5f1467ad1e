// The run as it was embedded, and small things that everything else needs.
const run = JSON.parse(document.getElementById('run').textContent);
const element = (id) => document.getElementById(id);

// Makes an element. What comes from the log only ever becomes text, never markup.
function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

const seconds = (at) => (at / 1e6).toFixed(3);
const spell = (us) => (us >= 1e6 ? `${+(us / 1e6).toFixed(2)} s` : `${+(us / 1e3).toFixed(1)} ms`);
// What was found is often a line of the log: without its columns, its time and its long ids.
const plain = (found) => found.trim().replace(/\s+/g, ' ').replace(/^\d+\.\d{3} /, '');
const brief = (found) => plain(found).replace(/ id [0-9a-f]{16,}/g, '').replaceAll('@example.net', '');
const laneName = (lane) => (lane === null || lane === undefined ? 'the schedule' : run.lanes[lane].name);
const lanesOf = new Map();
run.lanes.forEach((lane, index) => lanesOf.set(lane.jid, [...(lanesOf.get(lane.jid) || []), index]));
// How a full JID is called on this page: as its only client, else in full.
const called = (jid) => {
  const lanes = lanesOf.get(jid) || [];
  return lanes.length === 1 ? laneName(lanes[0]) : jid.replace('@example.net', '');
};

// The first place in a sorted array whose value is not below `limit`.
function firstFrom(array, limit, value) {
  let [low, high] = [0, array.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(array[middle]) < limit) low = middle + 1; else high = middle;
  }
  return low;
}

const KINDS = {
  message: 'message', presence: 'presence', iq: 'iq: request or answer', stream: 'stream, sign-in', ack: 'acknowledgement (XEP-0198)',
  'keep-alive': 'keep-alive', rest: 'ill-formed, torn or unknown',
};

// An arrow in a few words.
function summary(arrow) {
  if (arrow.short !== undefined) return arrow.short;
  const text = arrow.text;
  const names = [...text.matchAll(/<([a-zA-Z][^\s\/>]*)/g)].slice(0, 3).map((match) => match[1]);
  const type = (/^<[^>]*?\stype=['"]([^'"]*)/.exec(text) || [])[1];
  let short = [names[0], type].filter(Boolean).join(' ');
  if (arrow.what === 'keep-alive') short = 'keep-alive';
  else if (arrow.what === 'message') {
    const body = /<body[^>]*>([^<]*)/.exec(text);
    short = body ? `“${body[1].slice(0, 40)}”` : `message: ${names[1] || ''}`;
  } else if (text.startsWith('</')) short = 'end of stream';
  else if (names[0] === 'stream:stream') short = 'stream header';
  else if (arrow.what === 'iq' && names[1]) short += ` ${names[1]}`;
  else if (arrow.what === 'rest') short = `torn or unknown: ${text.slice(0, 30)}`;
  arrow.short = short.trim();
  return arrow.short;
}

run.arrows.forEach((arrow, index) => { arrow.index = index; arrow.until = arrow.read === null ? arrow.written : arrow.read; });
// The latest time up to which any arrow until here is under way: where to begin looking for visible ones.
let reach = 0;
const reaches = run.arrows.map((arrow) => (reach = Math.max(reach, arrow.until)));
const violation = run.violations[0];
