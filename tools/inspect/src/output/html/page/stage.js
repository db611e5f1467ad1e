// The stage: only rows in sight are elements, so that length costs nothing.
const stage = element('stage');
const rows = new Map();
const BEYOND = 300;

function show() {
  const [from, to] = look.isPrinting ? [-1, Infinity] : [stage.scrollTop - BEYOND, stage.scrollTop + stage.clientHeight + BEYOND];
  const first = Math.max(firstAbove(look.tops, from) - 1, 0);
  let last = first;
  while (last < look.shown.length && look.tops[last] < to) last += 1;
  for (const [place, row] of rows) {
    if (place < first || place >= last) { row.remove(); rows.delete(place); }
  }
  const parent = element('rows');
  // In the order of time, for those who read the page rather than see it.
  let after = null;
  for (let place = last - 1; place >= first; place -= 1) {
    let row = rows.get(place);
    if (!row) {
      row = rowAt(place);
      rows.set(place, row);
      parent.insertBefore(row, after);
    }
    after = row;
  }
}

// Everything anew, with the entry at the top of the stage (or the chosen one, if it is in sight) where it was.
function relay() {
  const held = anchor();
  sift();
  relocate(held);
}

function anchor() {
  const [from, to] = [stage.scrollTop, stage.scrollTop + stage.clientHeight - 80];
  const chosen = look.place.get(look.chosen);
  const isSeen = chosen !== undefined && look.tops[chosen] >= from && look.tops[chosen] <= to;
  const place = isSeen ? chosen : Math.min(firstAbove(look.tops, from) - 1, look.shown.length - 1);
  return place < 0 ? null : { entry: look.shown[place], offset: look.tops[place] - from };
}

function relocate(held) {
  const width = look.isPrinting ? PRINTED_WIDTH : stage.clientWidth;
  lay(width);
  rows.forEach((row) => row.remove());
  rows.clear();
  element('canvas').style.width = `${look.width}px`;
  element('canvas').style.setProperty('--lane', `${look.lane}px`);
  element('canvas').style.setProperty('--axis', `${AXIS}px`);
  element('canvas').style.setProperty('--lanes', `${look.lane * look.columns.length}px`);
  const parent = element('rows');
  parent.style.height = `${look.tops[look.shown.length] + 24}px`;
  const units = make('div', { class: 'axis' }, make('span', {}, times.length ? 'seconds' : ''), make('span', {}, 'no.'));
  element('heads').replaceChildren(make('div', { class: 'band' }, units, ...look.columns.map(headOf)));
  parent.dataset.empty = look.shown.length ? '' : entries.length ? 'Nothing that is shown fits the filter' : 'There is nothing here';
  if (held) {
    // What was held may be hidden now: then the next that is shown.
    const place = look.place.get(held.entry) ?? placeAfter(held.entry);
    stage.scrollTop = look.tops[Math.min(place, look.shown.length)] - held.offset;
  }
  show();
  unhover();
  tell();
}

// The first shown entry that is not before this one.
function placeAfter(entry) {
  let [low, high] = [0, look.shown.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (look.shown[middle].index < entry.index) low = middle + 1; else high = middle;
  }
  return low;
}

function tell() {
  const all = entries.length;
  element('shown').textContent = look.fit === all ? count(all, 'entry', 'entries') : `${whole(look.fit)} of ${count(all, 'entry', 'entries')}`;
}

function refreshClasses() {
  for (const [place, row] of rows) {
    const entry = look.shown[place];
    row.className = `row ${classes(entry)}`;
    row.setAttribute('aria-selected', String(entry === look.chosen));
  }
}

// Brings a shown entry into sight: as little as needed, or to the middle where it is far away.
function reveal(place) {
  const [top, bottom] = [look.tops[place], look.tops[place + 1]];
  const room = stage.clientHeight - element('heads').offsetHeight;
  const [from, to] = [stage.scrollTop, stage.scrollTop + room];
  if (top >= from + 4 && bottom <= to - 4) return;
  const isFar = bottom < from - ROW * 3 || top > to + ROW * 3;
  stage.scrollTop = isFar ? (top + bottom - room) / 2 : top < from + 4 ? top - ROW : bottom - room + ROW;
}
