// What stands around the diagram: the headline, what can be switched off, findings, and what the signs mean.
//
// The most connections, findings of a rule, and notes of the source that are listed.
const CONNECTIONS_LISTED_MAX = 300;
const FINDINGS_LISTED_MAX = 200;
const NOTES_LISTED_MAX = 100;

function headline() {
  const told = summary ? summary.told : null;
  const of = (severity) => findings.filter((finding) => finding.severity === severity).length;
  const grave = of('error');
  const violations = entries.filter(isViolation).length;
  const open = summary ? summary.connections : connections.size;
  const facts = [count(summary ? summary.entries : entries.length, 'entry', 'entries'), count(open, 'connection'), span > 0 ? spell(span) : '', base === null ? '' : `from ${clock(times[0])}`];
  const marks = [violations ? make('span', { class: 'mark bad' }, count(violations, 'VIOLATION', 'VIOLATIONS')) : '', grave ? make('span', { class: 'mark bad' }, count(grave, 'ERROR', 'ERRORS')) : '',
    of('warning') ? make('span', { class: 'mark limit' }, count(of('warning'), 'WARNING', 'WARNINGS')) : '', of('note') ? make('span', { class: 'mark quiet' }, count(of('note'), 'NOTE', 'NOTES')) : ''];
  const top = make('div', { class: 'top' }, make('h1', {}, said(document.title)), ...marks, make('span', { class: 'faint' }, facts.filter(Boolean).join(', ')));
  const warnings = [];
  if (!told) warnings.push(`This page was not written to its end: it shows the ${count(entries.length, 'entry', 'entries')} that were. It may still be being written; reload it then`);
  if (told && told.entries_left_out) {
    const lost = told.findings_left_out ? `, with ${count(told.findings_left_out, 'finding')},` : '';
    warnings.push(`The page is full: ${count(told.entries_left_out, 'entry', 'entries')} after #${entries.length ? entries[entries.length - 1].n : 0}${lost} ${told.entries_left_out === 1 ? 'is' : 'are'} left out. Narrow it with a filter on the command line`);
  }
  if (told && told.xml_left_out) warnings.push(`The page has no room for more XML: ${count(told.xml_left_out, 'entry is', 'entries are')} shown without`);
  const notes = (summary && summary.notes) || [];
  const header = element('headline');
  header.className = violations || grave ? 'bad' : findings.length || warnings.length ? 'limit' : '';
  header.replaceChildren(top, ...warnings.map((text) => make('p', { class: 'warning' }, text)),
    ...(notes.length > 1 ? [make('details', {}, make('summary', {}, `Not used: ${notes.length} things`), make('ul', {}, ...notes.slice(0, NOTES_LISTED_MAX).map((note) => make('li', {}, said(note)))))] : notes.map((note) => make('p', { class: 'faint' }, 'Not used: ', said(note)))));
}

// A checkbox that hides and shows, with a button that hides all others.
function toggle(label, off, key, others, ...words) {
  const box = make('input', { type: 'checkbox', onchange: (event) => { if (event.target.checked) off.delete(key); else off.add(key); relay(); } });
  box.checked = !off.has(key);
  const only = make('button', { class: 'link only', title: 'Only this; again: all', 'aria-label': `only ${label}`, onclick: () => {
    const isOnly = off.size === others.length - 1 && !off.has(key);
    off.clear();
    if (!isOnly) others.forEach((other) => { if (other !== key) off.add(other); });
    sides();
    relay();
  } }, 'only');
  return make('div', { class: 'toggle' }, make('label', {}, box, ...words), only);
}

function sample(kind) {
  const line = draw('svg', { class: `sample is-${kind} in-tls`, width: 26, height: 12, 'aria-hidden': 'true' });
  if (kind === 'missing') line.append(draw('path', { class: 'hole', d: 'M13 0v12' }), draw('path', { class: 'line', d: 'M7 7l12 -4m-12 8l12 -4' }));
  else if (kind === 'connection') line.append(draw('path', { class: 'line', d: 'M4 6h18' }), draw('circle', { class: 'dot', cx: 4, cy: 6, r: 3 }), draw('circle', { class: 'dot', cx: 22, cy: 6, r: 3 }));
  else if (kind === 'remark') line.append(draw('rect', { class: 'slab', x: 1, y: 1, width: 24, height: 10, rx: 3 }));
  else line.append(draw('path', { class: 'line', d: 'M0 6h18' }), draw('path', { class: 'tip', d: 'M26 6l-8 -4.5v9z' }));
  return line;
}

function kindList() {
  const counts = new Map();
  entries.forEach(({ kind }) => counts.set(kind, (counts.get(kind) || 0) + 1));
  const there = Object.keys(KINDS).filter((kind) => counts.has(kind));
  if (!there.length) return '';
  return make('section', { id: 'kinds' }, make('h2', {}, 'Kinds'),
    ...there.map((kind) => toggle(kind, look.kindsOff, kind, there, sample(kind), make('span', { class: 'grow' }, kind), make('small', {}, whole(counts.get(kind))))));
}

function connectionList() {
  const all = [...connections.values()];
  if (!all.length) return '';
  const ids = all.map(({ id }) => id);
  const rows = all.slice(0, CONNECTIONS_LISTED_MAX).map((connection) => toggle(`connection ${connection.id}`, look.connectionsOff, connection.id, ids,
    make('b', {}, `#${connection.id}`), make('span', { class: 'ends', title: connection.ends.map(plain).join(' → ') }, make('span', {}, said(connection.ends[0])), make('span', {}, '→ ', said(connection.ends[1]))),
    make('small', { title: `${count(connection.octets, 'octet')}${connection.tls ? ', TLS' : ', in the clear'}` }, connection.tls ? '' : make('i', { class: 'clear' }, 'clear '), whole(connection.entries))));
  const more = all.length - rows.length;
  return make('section', { id: 'connections' }, make('h2', {}, 'Connections'), ...rows, more > 0 ? make('p', { class: 'faint' }, `and ${whole(more)} more: ask for connection=… in the filter`) : '');
}

function findingList() {
  if (!findings.length) return '';
  const byRule = new Map();
  findings.forEach((finding) => listed(byRule, finding.rule).push(finding));
  const groups = [...byRule.values()].sort((one, other) => SEVERITIES.indexOf(other[0].severity) - SEVERITIES.indexOf(one[0].severity) || other.length - one.length);
  const table = make('table', {}, make('thead', {}, make('tr', {}, make('th', {}, 'what, and the section'), make('th', {}, 'at'))));
  table.append(make('tbody', {}, ...groups.map((group) => {
    const [{ rule, severity, section }] = group;
    const first = group.slice(0, group.length > 4 ? 3 : 4);
    const places = make('td', {}, ...first.flatMap(({ entry }) => [jump(entry.n), ' ']));
    if (group.length > first.length) {
      places.append(make('button', { class: 'link', title: 'Show them all', onclick: () => {
        places.replaceChildren(...group.slice(0, FINDINGS_LISTED_MAX).flatMap(({ entry }) => [jump(entry.n), ' ']));
        if (group.length > FINDINGS_LISTED_MAX) places.append(`and ${whole(group.length - FINDINGS_LISTED_MAX)} more`);
      } }, `+${whole(group.length - first.length)}`));
    }
    return make('tr', { class: `is-${severity}` }, make('td', {}, make('b', {}, `${SIGNS[severity]} `, said(rule)), asking('rule', rule), make('small', {}, said(section))), places);
  })));
  return make('section', { id: 'findings' }, make('h2', {}, `Findings (${whole(findings.length)})`), table);
}

function legend() {
  const row = (picture, words) => make('div', { class: 'key' }, picture, make('span', {}, words));
  const line = (kind, layer) => draw('svg', { class: `sample is-${kind} in-${layer}`, width: 26, height: 12, 'aria-hidden': 'true' }, draw('path', { class: 'line', d: 'M0 6h18' }), draw('path', { class: 'tip', d: 'M26 6l-8 -4.5v9z' }));
  const torn = draw('svg', { class: 'sample is-broken', width: 26, height: 12, 'aria-hidden': 'true' }, draw('path', { class: 'cross', d: 'M8 1l10 10m0 -10l-10 10' }));
  return make('section', { id: 'legend' }, make('h2', {}, 'Signs'), row(line('iq', 'tls'), 'within TLS'), row(line('iq', 'clear'), 'in the clear'), row(torn, 'reset, or no XML as XMPP has it'),
    row(make('i', { class: 'chip' }, 'Δ'), 'time since the request'), row(make('i', { class: 'chip' }, '='), 'the same message, seen there first'));
}

function sides() {
  element('side').replaceChildren(...[kindList(), connectionList(), findingList(), legend()].filter(Boolean));
}

function manual() {
  const row = (name, ...words) => [make('dt', {}, name), make('dd', {}, ...words)];
  const keys = [['j k ↓ ↑', 'next, the one before'], ['Enter', 'open'], ['/', 'filter'], ['Esc', 'close, leave the filter'], ['a', 'to what it answers, or to its answer'], ['n N', 'next finding, the one before'], ['Home End', 'first, last'], ['c', 'copy what was said'], ['?', 'this']];
  const examples = make('dl', {},
    ...row('kind=iq and to~"bob"', 'a field, ', make('code', {}, '= != ~ !~ < <= > >='), ', a value; ~: contains, in any case'),
    ...row('iq and latency>50ms', 'a kind alone is a condition; and, or, not, parentheses'),
    ...row('"disco#info" or /b.b/', 'what was said contains it, matches it'),
    ...row('error or lint>=warning', 'failures, findings'),
    ...row('time<1.5s', 'since the first entry; or a date in UTC'));
  const reference = make('details', {}, make('summary', {}, 'Everything that can be asked, as on the command line'), make('pre', {}, JSON.parse(element('reference').textContent)));
  element('manual').replaceChildren(make('div', {}, make('h2', {}, 'Filter'), examples),
    make('div', {}, make('h2', {}, 'Keys'), make('dl', { class: 'keys' }, ...keys.flatMap(([key, words]) => row(key, words)))), reference);
}
