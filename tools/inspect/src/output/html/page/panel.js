// The panel: everything that is known of the chosen entry.
function jump(n, text) {
  const entry = byNumber.get(n);
  if (!entry) return make('span', { class: 'faint', title: 'not in this page' }, text || `#${n}`);
  return make('button', { class: 'link', onclick: () => choose(entry, true) }, text || `#${n}`);
}

// Asks in the filter's language for what has this value.
function asking(field, value) {
  const quoted = () => `"${value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
  const term = `${field}=${/^[\w.:@#][\w.:\/@#-]*$/.test(value) ? value : quoted()}`;
  return make('button', { class: 'seek', title: `Show only ${plain(term)}`, 'aria-label': `filter: ${plain(term)}`, onclick: () => narrow(term) }, '⌕');
}

const timed = (ns, words) => (ns === null || ns === undefined ? '' : ` ${spell(ns)} ${words}`);
// Of very many, the first.
const LINKS_MAX = 30;

function links(entry) {
  const out = [];
  const more = (all) => (all.length > LINKS_MAX ? ` and ${all.length - LINKS_MAX} more` : '');
  if (entry.answers) out.push(['answers', [jump(entry.answers[0]), timed(entry.answers[1], 'later')]]);
  const answers = answered.get(entry.n) || [];
  if (answers.length) out.push(['answered by', [...answers.slice(0, LINKS_MAX).flatMap((n) => [jump(n), byNumber.has(n) ? timed(latency(byNumber.get(n)), 'later ') : ' ']), more(answers)]]);
  if (entry.seen) {
    const [first, after, times] = entry.seen;
    out.push(['same, first', [jump(first), timed(after, 'before'), times > 1 ? `, ${times} times until here` : '']]);
  }
  const others = copies(entry).filter((n) => n !== entry.n && (!entry.seen || n !== entry.seen[0]));
  if (others.length) out.push([entry.seen ? 'same, also' : 'same, again', [...others.slice(0, LINKS_MAX).flatMap((n) => [jump(n), byNumber.get(n) ? ` ${plain(way(byNumber.get(n)))} ` : ' ']), more(others)]]);
  return out;
}

function facts(entry) {
  const out = [];
  const add = (name, value, field) => { if (value !== undefined && value !== '') out.push([name, [said(String(value)), field ? asking(field, String(value)) : '']]); };
  add('kind', entry.kind, 'kind');
  add('type', entry.type, 'type');
  add('id', entry.id, 'id');
  add('from', entry.from, 'from');
  add('to', entry.to, 'to');
  (entry.payloads || []).forEach(([name, namespace, title]) => {
    out.push(['payload', [said(name), namespace ? make('span', { class: 'faint' }, ' ', said(namespace)) : '', title ? ` (${title})` : '', namespace ? asking('ns', namespace) : asking('payload', name)]]);
  });
  out.push(...links(entry));
  add('time', clock(entry));
  if (entry.connection !== undefined) {
    out.push(['connection', [`#${entry.connection}, ${entry.phase}, `, entry.tls ? 'within TLS' : make('b', { class: 'clear' }, 'in the clear'), asking('connection', String(entry.connection))]]);
    connections.get(entry.connection).names.forEach((names, side) => {
      const ours = [...names].slice(-4);
      out.push([SIDES[side], ours.flatMap((name, index) => [index ? make('span', { class: 'faint' }, ', then ') : '', said(name)])]);
    });
  }
  add('octets', whole(entry.octets));
  return out;
}

function xmlOf(entry) {
  if (!entry.xml) {
    const wasLeftOut = entry.cut ? `Its ${count(entry.cut, 'octet')} of XML are not in this page, which has no room for more.` : '';
    return wasLeftOut ? [make('p', { class: 'faint' }, wasLeftOut)] : [];
  }
  const heading = make('h3', {}, entry.kind === 'remark' ? 'Words' : 'What was said', make('button', { class: 'link', title: 'Copy it as it was said (c)', onclick: copy }, 'copy'));
  const parts = [heading, pretty(entry.xml)];
  if (entry.cut) parts.push(make('p', { class: 'faint' }, `${count(entry.cut, 'more octet')} are not in this page.`));
  if (entry.bytes) parts.push(make('h3', {}, 'Its octets, which are no UTF-8'), dump(entry.bytes));
  return parts;
}

function copy() {
  if (look.chosen && look.chosen.xml && navigator.clipboard) navigator.clipboard.writeText(look.chosen.xml).catch(() => {});
}

function panel() {
  const entry = look.chosen;
  const out = element('panel');
  out.hidden = !look.isOpen || !entry;
  document.body.classList.toggle('with-panel', !out.hidden);
  if (out.hidden) { out.replaceChildren(); return; }
  const title = make('header', { class: `is-${entry.kind}` }, make('h2', {}, `#${entry.n} `, said(entry.title)), make('button', { title: 'Close (Esc)', 'aria-label': 'Close', onclick: shut }, '✕'));
  const heard = entry.connection === undefined ? '' : make('p', { class: 'way' }, said(speaker(entry).name), entry.side === undefined ? ' ↔ ' : ' → ', said(hearer(entry).name));
  const detail = entry.detail && entry.detail !== entry.xml ? make('p', { class: 'detail' }, said(entry.detail)) : '';
  const found = (entry.findings || []).map(({ rule, severity, section, found: words }) => make('div', { class: `finding is-${severity}` },
    make('b', {}, `${SIGNS[severity]} ${severity}: `, said(rule)), make('small', {}, said(section)), make('p', {}, said(words))));
  if (entry.further) found.push(make('p', { class: 'faint' }, `and ${count(entry.further, 'finding')} more, which are not in this page`));
  out.replaceChildren(...[title, heard, detail, ...found, make('dl', {}, ...facts(entry).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, ...value)])), ...xmlOf(entry)].filter(Boolean));
  out.scrollTop = 0;
}

// Shown only because it is chosen.
const isExtra = (entry) => entry !== null && !(isOn(entry) && look.filter(entry));

function choose(entry, isOpen = look.isOpen) {
  const held = anchor();
  const width = stage.clientWidth;
  const isSifted = isExtra(look.chosen) || !look.place.has(entry);
  [look.chosen, look.isOpen] = [entry, isOpen];
  panel();
  if (isSifted) sift();
  if (isSifted || stage.clientWidth !== width) relocate(held);
  reveal(look.place.get(entry));
  show();
  relate(entry);
  stage.setAttribute('aria-activedescendant', `n${entry.n}`);
  try { history.replaceState(null, '', `#n${entry.n}`); } catch { /* some browsers refuse it for files; the link is a convenience */ }
}

function shut() {
  const held = anchor();
  look.isOpen = false;
  panel();
  relocate(held);
  stage.focus();
}
