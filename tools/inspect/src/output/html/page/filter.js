// What a filter can ask of an entry: the fields, and what their values are.
//
// What an entry does not have answers no comparison, `!=` and `!~` included. Of several values one is enough for `=` and `~`, and none may be
// for `!=` and `!~`.
const word = (value) => (value ? [value] : []);
const attribute = (value) => (value === undefined ? [] : [value]);
const bare = (jid) => jid.split('/')[0];
const local = (name) => name.split(':').pop();

// The namespaces that are declared in an element, as they are written.
function declared(entry) {
  if (!entry.declared) {
    entry.declared = [];
    for (const [tag] of (entry.xml || '').matchAll(/<(?:[^"'<>]|"[^"]*"|'[^']*')*>?/g)) {
      for (const [, double, single] of tag.matchAll(/\sxmlns(?::[^\s=]+)?\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) entry.declared.push(double ?? single);
    }
  }
  return entry.declared;
}

const TEXTS = {
  type: (entry) => attribute(entry.type),
  id: (entry) => attribute(entry.id),
  from: (entry) => attribute(entry.from),
  to: (entry) => attribute(entry.to),
  jid: (entry) => [...[...attribute(entry.from), ...attribute(entry.to)].flatMap((jid) => [jid, bare(jid)]), ...entry.called.flatMap((end) => [...word(end), ...word(bare(end))])],
  speaker: (entry) => (entry.side === undefined ? [] : word(entry.called[entry.side])),
  hearer: (entry) => (entry.side === undefined ? [] : word(entry.called[1 - entry.side])),
  name: (entry) => (entry.name ? [entry.name, local(entry.name)] : []),
  ns: (entry) => [...(entry.payloads || []).flatMap(([, namespace]) => word(namespace)), ...declared(entry).flatMap(word)],
  payload: (entry) => (entry.payloads || []).flatMap(([name, , title]) => [...word(name), ...word(title)]),
  title: (entry) => word(entry.title),
  detail: (entry) => word(entry.detail),
  text: (entry) => [...word(entry.xml), ...word(entry.detail)],
  rule: (entry) => (entry.findings || []).map(({ rule }) => rule),
};
const COUNTS = {
  number: (entry) => entry.n, connection: (entry) => entry.connection, answers: (entry) => entry.answers && entry.answers[0], seen: (entry) => entry.seen && entry.seen[0],
};
const OCTETS = { octets: (entry) => entry.octets };
const DURATIONS = { latency, 'seen-after': (entry) => entry.seen && entry.seen[1] };
const WORDS = {
  kind: [Object.keys(KINDS), (entry) => entry.kind],
  side: [SIDES, (entry) => SIDES[entry.side]],
  layer: [['clear', 'tls'], (entry) => (entry.tls ? 'tls' : 'clear')],
  phase: [['opening', 'negotiating', 'authenticating', 'authenticated', 'established', 'closing', 'ended'], (entry) => entry.phase],
  lint: [SEVERITIES, (entry) => SEVERITIES[worst(entry)]],
};
const IS_ORDERED = { phase: true, lint: true };
const FLAGS = {
  stanza: (entry) => ['message', 'presence', 'iq'].includes(entry.kind),
  request: (entry) => entry.kind === 'iq' && ['get', 'set'].includes(entry.type),
  error: (entry) => ({ message: entry.type, presence: entry.type, iq: entry.type, stream: local(entry.name || ''), tls: local(entry.name || ''), sasl: local(entry.name || ''), sm: local(entry.name || '') }[entry.kind]
    === ({ tls: 'failure', sasl: 'failure', sm: 'failed' }[entry.kind] || 'error')),
};
const FIELDS = ['number', 'time', 'kind', 'type', 'id', 'from', 'to', 'jid', 'speaker', 'hearer', 'name', 'ns', 'payload', 'title', 'detail', 'text', 'connection', 'side', 'layer',
  'phase', 'latency', 'answers', 'seen', 'seen-after', 'octets', 'lint', 'rule'];
const EXAMPLES = {
  number: 'number>=100', time: 'time>=1.5s', kind: 'kind=iq', type: 'type=result', id: 'id="a1"', from: 'from=bob@localhost/phone', to: 'to~bob', jid: 'jid=bob@localhost', speaker: 'speaker~alice',
  hearer: 'hearer=localhost', name: 'name=features', ns: 'ns=urn:xmpp:mam:2', payload: 'payload=query', title: 'title~disco', detail: 'detail~hello', text: 'text~/<body>\\s*</', connection: 'connection=3',
  side: 'side=dialler', layer: 'layer=clear', phase: 'phase<established', latency: 'latency>50ms', answers: 'answers=12', seen: 'seen=7', 'seen-after': 'seen-after>1s', octets: 'octets>4KiB',
  lint: 'lint>=warning', rule: 'rule=iq-without-id',
};

const DURATION_UNITS = { h: 3600e9, min: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1, 'µs': 1e3 };
const OCTET_UNITS = { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, octets: 1 };
const MEASURES = {
  count: [{}, 'a whole number, such as 12'], octets: [OCTET_UNITS, 'a number of octets, such as 1500 or 4KiB'], duration: [DURATION_UNITS, 'a duration, such as 50ms or 1.5s'],
};

const valueOf = (typed) => ({ value: typed });
// A value, or what would have been one.
function quantity(measure, typed) {
  const [units, expected] = MEASURES[measure];
  const [, written, unit] = /^([\d._]*)([^]*)$/.exec(typed);
  const number = written.replaceAll('_', '');
  const isNumber = /^\d+(?:\.\d{1,15})?$/.test(number);
  if (measure === 'count') return unit || !/^\d+$/.test(number) ? { expected } : valueOf(Number(number));
  let size = 1;
  if (unit || (measure === 'duration' && !/^0+$/.test(written))) {
    const known = Object.keys(units).find((name) => name.toLowerCase() === unit.toLowerCase());
    if (!known) return { expected, help: (written && nearest(unit, Object.keys(units))) || `units are ${Object.keys(units).join(' ')}` };
    size = units[known];
  }
  return isNumber ? valueOf(Math.floor(Number((Number(number) * size).toPrecision(15)))) : { expected };
}

// Nanoseconds since the first entry.
function moment(typed) {
  const after = quantity('duration', typed);
  if (after.value !== undefined) return after;
  const expected = 'a duration since the first entry, such as 10s, or a date and time, such as 2026-03-01T12:00:00Z';
  const parts = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d(?::?\d\d)?)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/.exec(typed);
  if (!parts) return { expected };
  const [, date, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = parts;
  const zone = /^z$/i.test(offset) ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
  const ms = Date.parse(`${date}T${`${minutes}${minutes.length === 2 ? ':00' : ''}`.replace(/^(\d\d):?(\d\d)$/, '$1:$2')}:${seconds}${zone}`);
  if (Number.isNaN(ms) || ms < 0) return { expected };
  return base === null ? valueOf(Infinity) : { value: Number(BigInt(ms) * 1000000n + BigInt(fraction.padEnd(9, '0')) - base), isClock: true };
}

const ORDERS = {
  '=': (one, other) => one === other, '!=': (one, other) => one !== other, '<': (one, other) => one < other,
  '<=': (one, other) => one <= other, '>': (one, other) => one > other, '>=': (one, other) => one >= other,
};
const operators = (field) => (Object.hasOwn(TEXTS, field) ? '= != ~ !~' : WORDS[field] && !IS_ORDERED[field] ? '= !=' : '= != < <= > >=');
const wrongOperator = (parser, field, { from, to }) => parser.wrong(from, to, `expected one of ${operators(field)} behind \`${field}\`, found ${parser.found(from, to)}`, `such as ${EXAMPLES[field]}`);
const valueToken = (token) => (token && (token.kind === 'word' || token.kind === 'quoted') ? token : null);

// The next value, as `read` reads it. A unit may stand apart: `50 ms`.
function valueOfNext(parser, units, read) {
  const token = parser.take();
  if (!valueToken(token)) parser.expected(read('').expected, token);
  let [typed, to] = [token.text, token.to];
  const unit = parser.peek();
  if (units && /^[\d._]+$/.test(typed) && unit && unit.kind === 'word' && Object.keys(units).some((name) => name.toLowerCase() === unit.text.toLowerCase())) {
    typed += unit.text;
    to = parser.take().to;
  }
  const found = read(typed);
  if (found.value === undefined) parser.wrong(token.from, to, `expected ${found.expected}, found ${parser.found(token.from, to)}`, found.help);
  return found;
}

function oneOf(words, typed) {
  const index = words.indexOf(typed.toLowerCase());
  return index < 0 ? { expected: `one of ${words.join(', ')}`, help: nearest(typed, words) } : valueOf(index);
}

// A regular expression as the command line has it; `(?i)` and the like in front become flags.
function pattern(parser, { text, from, to }) {
  const [, flags = '', rest] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(text);
  try { return new RegExp(rest, `u${[...new Set(flags)].join('')}`); } catch (wrong) {
    return parser.wrong(from, to, `expected a regular expression, found ${parser.found(from, to)}: ${plain(wrong.message.replace(/^.*?: /s, ''))}`);
  }
}

const ask = {
  text(parser, field, operator, token) {
    const [isNegated, isWhole] = [operator[0] === '!', operator.endsWith('=')];
    if (token && token.kind === 'pattern' && isWhole) parser.expected('text', token, 'a regular expression stands behind `~`; text that begins with a slash, in quotes');
    if (!valueToken(token) && !(token && token.kind === 'pattern')) parser.expected('text', token);
    const wanted = token.text.toLowerCase();
    const regex = token.kind === 'pattern' ? pattern(parser, token) : null;
    const test = regex ? (value) => regex.test(value) : isWhole ? (value) => value === token.text : (value) => value.toLowerCase().includes(wanted);
    const of = TEXTS[field];
    return (entry) => { const values = of(entry); return values.length > 0 && values.some(test) !== isNegated; };
  },

  comparison(parser, name, operator) {
    const field = name.text.toLowerCase();
    const sign = operator.text;
    if (!FIELDS.includes(field)) parser.wrong(name.from, name.to, `expected a field, found ${parser.found(name.from, name.to)}`, nearest(name.text, FIELDS) || `fields are ${FIELDS.join(' ')}`);
    if (!operators(field).split(' ').includes(sign)) wrongOperator(parser, field, operator);
    if (Object.hasOwn(TEXTS, field)) return this.text(parser, field, sign, parser.take());
    const order = ORDERS[sign];
    if (WORDS[field]) {
      const [words, of] = WORDS[field];
      const { value } = valueOfNext(parser, null, (typed) => oneOf(words, typed));
      return (entry) => { const found = words.indexOf(of(entry)); return found >= 0 && order(found, value); };
    }
    if (field === 'time') {
      const { value, isClock } = valueOfNext(parser, DURATION_UNITS, moment);
      return (entry) => entry.at !== undefined && order(isClock ? entry.at : Math.max(entry.at, 0), value);
    }
    const [measure, of] = Object.hasOwn(COUNTS, field) ? ['count', COUNTS[field]] : field === 'octets' ? ['octets', OCTETS.octets] : ['duration', DURATIONS[field]];
    const { value } = valueOfNext(parser, MEASURES[measure][0], (typed) => quantity(measure, typed));
    return (entry) => { const found = of(entry); return found !== undefined && found !== null && order(found, value); };
  },

  // A word that no operator follows.
  bare(parser, { text, from, to }) {
    const name = text.toLowerCase();
    if (name === 'connection') parser.wrong(from, to, 'expected a flag, found `connection`, which is a field and a kind', 'write kind=connection, or connection=1');
    if (Object.hasOwn(FLAGS, name)) return FLAGS[name];
    if (Object.hasOwn(KINDS, name)) return (entry) => entry.kind === name;
    if (['number', 'octets', 'kind', 'layer', 'phase'].includes(name)) parser.wrong(from, to, `expected one of ${operators(name)} behind \`${name}\`, which every entry has`, `such as ${EXAMPLES[name]}`);
    if (Object.hasOwn(TEXTS, name)) return (entry) => TEXTS[name](entry).length > 0;
    if (name === 'time') return (entry) => entry.at !== undefined;
    if (name === 'side') return (entry) => entry.side !== undefined;
    if (name === 'lint') return (entry) => Boolean(entry.findings);
    const of = COUNTS[name] || DURATIONS[name];
    if (of) return (entry) => (of(entry) ?? undefined) !== undefined;
    return parser.wrong(from, to, `expected a field, a kind or a flag, found ${parser.found(from, to)}`, nearest(text, [...FIELDS, ...Object.keys(FLAGS), ...Object.keys(KINDS)]) || 'text that is searched for stands in quotes');
  },
};

const everything = () => true;
const filterOf = (text) => (text.trim() ? new Parser(text, ask).parse() : everything);
