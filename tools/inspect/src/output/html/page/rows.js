// A row: an entry as an arrow from who said it to who heard it, a mark on a lane, or a note across all of them.
const SIGNS = { error: '✕', warning: '▲', note: '●' };

function tip(at, direction) {
  return draw('path', { class: 'tip', d: `M${at} ${LINE}l${-8 * direction} -4.5v9z` });
}

function cross(at, size = 5) {
  return draw('path', { class: 'cross', d: `M${at - size} ${LINE - size}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}` });
}

// What is said between two lanes. Solid: within TLS; dashed: in the clear.
function arrow(from, to) {
  if (from === to) {
    const [left, top] = [from + 4, LINE - 7];
    return [draw('path', { class: 'line', d: `M${left} ${top}h26q8 0 8 6t-8 6h-19` }), draw('path', { class: 'tip', d: `M${left} ${top + 12}l8 -4.5v9z` })];
  }
  const direction = Math.sign(to - from);
  return [draw('path', { class: 'line', d: `M${from + 4 * direction} ${LINE}H${to - 9 * direction}` }), tip(to - 2 * direction, direction)];
}

const dot = (at) => draw('circle', { class: 'dot', cx: at, cy: LINE, r: 4 });

// The parts of a picture, and where its label begins.
function picture(entry) {
  const [from, to] = [x(speaker(entry)), x(hearer(entry))];
  const left = Math.min(from, to) + 12;
  if (entry.kind === 'missing') {
    return [from + 16, draw('path', { class: 'hole', d: `M${from} ${LINE - 20}v30` }), draw('path', { class: 'line', d: `M${from - 7} ${LINE - 7}l14 -5m-14 11l14 -5` })];
  }
  if (isReset(entry)) {
    return [left, draw('path', { class: 'line', d: `M${from} ${LINE}H${to}` }), cross(from), ...(entry.side === undefined ? [cross(to)] : [dot(to)])];
  }
  if (entry.kind === 'connection' || entry.side === undefined) {
    return [left, draw('path', { class: 'line', d: `M${from} ${LINE}H${to}` }), dot(from), dot(to)];
  }
  if (entry.kind === 'broken') return [left, ...arrow(from, to), cross(from + Math.sign(to - from || 1) * 9)];
  return [left, ...arrow(from, to)];
}

function chips(entry) {
  const found = (entry.findings || []).map(({ rule, severity }) => make('i', { class: `chip is-${severity}` }, `${SIGNS[severity]} `, said(rule)));
  const time = latency(entry);
  if (time !== null) found.push(make('i', { class: 'chip', title: 'after the request' }, `Δ ${spell(time)}`));
  if (entry.seen) found.push(make('i', { class: 'chip' }, `= #${entry.seen[0]}`));
  return found;
}

// An entry in a line, for those who do not see the picture.
function spoken(entry) {
  const parts = [`number ${entry.n}`, since(entry) && `${since(entry)} s`, way(entry), `${plain(entry.title)}${entry.detail ? `: ${plain(entry.detail)}` : ''}`,
    entry.connection === undefined ? '' : entry.tls ? 'in TLS' : 'in the clear', latency(entry) === null ? '' : `answers ${entry.answers[0]} after ${spell(latency(entry))}`,
    ...(entry.findings || []).map(({ rule, severity }) => `${severity} ${rule}`)];
  return parts.filter(Boolean).join(', ');
}

const classes = (entry) => [entry.kind, entry.type === 'error' && 'failed', isViolation(entry) && 'violation', isReset(entry) && 'reset',
  entry === look.chosen && 'chosen', look.related.has(entry.n) && 'related'].filter(Boolean).map((name) => `is-${name}`).join(' ') + (entry.tls ? ' in-tls' : ' in-clear');

function fillRow(row, entry) {
  row.append(make('div', { class: 'axis' }, make('time', {}, since(entry)), make('span', {}, String(entry.n))));
  if (entry.connection === undefined || entry.kind === 'remark') {
    const about = entry.connection === undefined ? '' : make('b', {}, `#${entry.connection} `);
    row.append(make('div', { class: 'note' }, isViolation(entry) ? make('span', { class: 'sign' }, '✕') : '', make('span', { class: 'words' }, about, said(noteText(entry)))));
    return;
  }
  const [left, ...parts] = picture(entry);
  const lines = draw('svg', { width: look.width - AXIS, height: ROW, 'aria-hidden': 'true' }, ...parts);
  // A label that begins near the right edge goes further left than its arrow, as far as it needs (by guess), and not very far.
  const most = look.columns.length * look.lane;
  const signs = (entry.findings || []).reduce((all, { rule }) => all + 30 + rule.length * 6.5, (entry.answers ? 70 : 0) + (entry.seen ? 60 : 0));
  const needed = Math.min(entry.title.length * 7.5 + (entry.detail || '').length * 6.6 + signs + 14, 340);
  const place = Math.max(Math.min(left, most - needed), left - 110, 6);
  const label = make('div', { class: 'label' }, make('b', {}, said(entry.title)), entry.detail ? make('span', {}, said(entry.detail)) : '', ...chips(entry));
  label.style.left = `${AXIS + place}px`;
  label.style.maxWidth = `${most - place + 4}px`;
  row.append(lines, label);
}

function rowAt(place) {
  const entry = look.shown[place];
  const row = make('div', { class: `row ${classes(entry)}`, id: `n${entry.n}`, role: 'option', 'aria-label': spoken(entry), 'aria-selected': String(entry === look.chosen),
    'aria-setsize': look.shown.length, 'aria-posinset': place + 1 });
  row.style.top = `${look.tops[place]}px`;
  row.style.height = `${look.tops[place + 1] - look.tops[place]}px`;
  const quiet = pause(place);
  if (quiet) row.append(make('div', { class: 'gap' }, make('span', {}, `${spell(quiet)} later`)));
  const line = make('div', { class: 'said' });
  fillRow(line, entry);
  row.append(line);
  return row;
}

function headOf(lane) {
  const names = [...lane.also].sort((one, other) => isAddress(other) - isAddress(one));
  const numbers = [...lane.connections].map((id) => `#${id}`);
  const also = [...names.slice(0, 2), numbers.slice(0, 6).join(' ') + (numbers.length > 6 ? ` and ${numbers.length - 6} more` : '')];
  const all = [lane.name, ...names.slice(0, 40), numbers.slice(0, 100).join(' ')].map(plain).join('\n');
  const head = make('div', { class: 'head', title: all }, make('b', {}, ...lane.name.split(/(?=\/|:\d+$)/).flatMap((part, index) => [index ? make('wbr') : '', said(part)])), make('small', {}, ...also.flatMap((name, index) => [index ? ' · ' : '', said(name)])));
  head.style.left = `${AXIS + lane.column * look.lane}px`;
  head.style.width = `${look.lane}px`;
  return head;
}
