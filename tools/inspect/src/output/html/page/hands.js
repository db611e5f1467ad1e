// What a person does with the page: filter, keys, links, printing.
function filterNow() {
  const box = element('filter');
  const wrong = element('wrong');
  try {
    look.filter = filterOf(box.value);
    wrong.hidden = true;
    box.removeAttribute('aria-invalid');
    relay();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    // What was shown stays until the filter can be understood.
    const marks = '^'.repeat(Math.min(Math.max([...plain(box.value.slice(error.from, error.to))].length, 1), 60));
    wrong.textContent = `${plain(box.value.slice(0, error.from)).replace(/./gsu, ' ')}${marks} ${error.message}${error.help ? `; ${error.help}` : ''}`;
    wrong.hidden = false;
    box.setAttribute('aria-invalid', 'true');
  }
}

let due = 0;
element('filter').addEventListener('input', () => { clearTimeout(due); due = setTimeout(filterNow, entries.length > 20000 ? 150 : 40); });

// Puts a term into the filter.
function narrow(term) {
  const box = element('filter');
  const now = box.value.trim();
  box.value = !now || now.includes(term) ? now || term : `${/\bor\b/i.test(now) ? `(${now})` : now} and ${term}`;
  filterNow();
}

function step(by) {
  if (!look.shown.length) return;
  const place = look.place.get(look.chosen);
  const top = Math.min(firstAbove(look.tops, stage.scrollTop), look.shown.length - 1);
  // Where nothing is chosen yet, the first in sight is.
  const next = place === undefined && Number.isFinite(by) ? (stage.scrollTop < 1 ? 0 : top) : Math.min(Math.max((place || 0) + by, 0), look.shown.length - 1);
  choose(look.shown[next]);
}

// The next entry with a finding, or the one before, after the last the first again.
function stepFinding(by) {
  const there = look.shown.filter((entry) => worst(entry) >= 0 || isViolation(entry));
  if (!there.length) return;
  const now = look.chosen ? look.chosen.index : -1;
  const next = by > 0 ? there.find(({ index }) => index > now) || there[0] : there.findLast(({ index }) => index < now) || there[there.length - 1];
  choose(next);
}

function follow() {
  if (!look.chosen) return;
  const n = look.chosen.answers ? look.chosen.answers[0] : (answered.get(look.chosen.n) || copies(look.chosen).filter((other) => other !== look.chosen.n))[0];
  if (byNumber.has(n)) choose(byNumber.get(n));
}

function help() {
  const box = element('manual');
  box.hidden = !box.hidden;
  element('help').setAttribute('aria-expanded', String(!box.hidden));
}

const page = () => Math.max(Math.floor(stage.clientHeight / ROW) - 3, 1);
const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  PageDown: () => step(page()), PageUp: () => step(-page()), Home: () => step(-Infinity), End: () => step(Infinity),
  Enter: () => { if (look.chosen) choose(look.chosen, true); }, n: () => stepFinding(1), N: () => stepFinding(-1), a: follow, c: copy, '?': help,
  '/': () => { element('filter').focus(); element('filter').select(); },
  Escape: () => { if (!element('manual').hidden) help(); else if (look.isOpen) shut(); },
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.id === 'filter';
  if (isTyping) {
    if (event.key === 'Escape' || event.key === 'Enter') { clearTimeout(due); filterNow(); stage.focus(); event.preventDefault(); }
    return;
  }
  // Buttons and checkboxes keep the keys that they are worked with.
  const isControl = event.target.closest && event.target.closest('button, input, summary');
  if (isControl && ['Enter', ' '].includes(event.key)) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!act) return;
  event.preventDefault();
  unhover();
  act();
});

stage.addEventListener('click', (event) => {
  const row = event.target.closest('.row');
  if (!row || String(getSelection())) return;
  unhover();
  choose(byNumber.get(Number(row.id.slice(1))), true);
});
element('rows').addEventListener('mousemove', hover);
element('rows').addEventListener('mouseleave', unhover);
element('help').addEventListener('click', help);

let isDue = false;
stage.addEventListener('scroll', () => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; show(); relate(hovered || look.chosen); });
});
window.addEventListener('resize', () => relocate(anchor()));

function open() {
  const linked = /^#n(\d+)$/.exec(location.hash);
  const entry = linked && byNumber.get(Number(linked[1]));
  if (entry && entry !== look.chosen) choose(entry, true);
}
window.addEventListener('hashchange', open);

// On paper there is no scrolling: every row is there, up to a limit.
function print(isPrinting) {
  look.isPrinting = isPrinting;
  document.body.classList.toggle('printing', isPrinting);
  relay();
  const left = look.fit - look.shown.length;
  element('rows').dataset.more = isPrinting && left > 0 ? `${count(left, 'more entry is', 'more entries are')} not printed: narrow the filter` : '';
}
window.addEventListener('beforeprint', () => print(true));
window.addEventListener('afterprint', () => print(false));

headline();
manual();
sides();
element('canvas').append(overlay);
sift();
relocate(null);
stage.focus({ preventScroll: true });
open();
