// What a person does with the page: cursor, clicks, filter, zoom, keys.
let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; draw(); panel(); });
}

function lay() { time.lay(); fit(); }

function goTo(at) {
  look.cursor = at;
  stage.scrollTop = time.y(at) - (look.height - HEAD) * 0.62;
  redraw();
}

function choose(arrow) { look.chosen = arrow; if (arrow) look.cursor = arrow.written; redraw(); }

function relay(change) {
  const [at, offset] = [look.cursor, y(look.cursor)];
  change();
  lay();
  stage.scrollTop = time.y(at) + HEAD - Math.min(Math.max(offset, HEAD), look.height);
  redraw();
}
const zoom = (factor) => relay(() => { time.zoom = Math.min(Math.max(time.zoom * factor, 0.05), 40); });

// The distance of a point from an arrow's line.
function distance([left, top, right, bottom], px, py) {
  const [dx, dy] = [right - left, bottom - top];
  const part = Math.min(Math.max(((px - left) * dx + (py - top) * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(px - left - part * dx, py - top - part * dy);
}

function arrowAt(px, py) {
  const [from, to] = [time.at(py - HEAD + stage.scrollTop - 30), time.at(py - HEAD + stage.scrollTop + 30)];
  let best = [7, null];
  for (let index = firstFrom(reaches, from, (at) => at); index < run.arrows.length && run.arrows[index].written <= to; index += 1) {
    const arrow = run.arrows[index];
    if (!isShown(arrow)) continue;
    const away = distance(arrowEnds(arrow), px, py);
    if (away < best[0]) best = [away, arrow];
  }
  return best[1];
}

function marksAt(px, py) {
  const [from, to] = [time.at(py - HEAD + stage.scrollTop - 7), time.at(py - HEAD + stage.scrollTop + 7)];
  const found = [];
  for (let index = firstFrom(run.lines, from, (line) => line.at); index < run.lines.length && run.lines[index].at <= to; index += 1) {
    if (isMarked(run.lines[index]) && Math.abs(x(run.lines[index].lane) - px) < 10) found.push(run.lines[index]);
  }
  return found;
}

let isPinned = false;
function hover(event) {
  const [px, py] = [event.offsetX, event.offsetY];
  const tip = element('tip');
  const [arrow, marks] = py > HEAD ? [arrowAt(px, py), marksAt(px, py)] : [null, []];
  if (marks.length) tip.textContent = marks.slice(0, 8).map((line) => `${seconds(line.at)}  ${line.word} ${line.text}`).join('\n');
  else if (arrow) tip.textContent = `${laneName(arrow.from)} → ${arrow.to === null ? 'nobody' : laneName(arrow.to)}: ${summary(arrow)}\n${seconds(arrow.written)} s, ${arrow.read === null ? 'never read' : `read after ${spell(arrow.read - arrow.written)}`}. Click for the XML.`;
  tip.hidden = !marks.length && !arrow;
  tip.style.left = `${Math.min(px + 16, look.width - 320)}px`;
  tip.style.top = `${py + 52}px`;
  canvas.style.cursor = arrow ? 'pointer' : 'crosshair';
  if (!isPinned && py > HEAD) { look.cursor = Math.round(time.at(py - HEAD + stage.scrollTop)); redraw(); }
}

function click(event) {
  if (event.offsetY < HEAD) return;
  const arrow = arrowAt(event.offsetX, event.offsetY);
  isPinned = arrow !== null || !isPinned;
  if (!arrow) look.cursor = Math.round(time.at(event.offsetY - HEAD + stage.scrollTop));
  choose(arrow);
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  look.matches = null;
  if (wanted) {
    const isWanted = (arrow) => arrow.text.toLowerCase().includes(wanted) || laneName(arrow.from).toLowerCase() === wanted || (arrow.to !== null && laneName(arrow.to).toLowerCase() === wanted);
    look.matches = new Set(run.arrows.filter(isWanted).map((arrow) => arrow.index));
  }
  element('found').textContent = look.matches ? `${look.matches.size} of ${run.arrows.length} arrows` : '';
  redraw();
}

function step(direction) {
  let place = firstFrom(moments, look.cursor, (at) => at);
  if (direction < 0) place -= 1; else if (moments[place] === look.cursor) place += 1;
  isPinned = true;
  look.cursor = moments[Math.min(Math.max(place, 0), moments.length - 1)];
  const top = y(look.cursor);
  if (top < HEAD + 30 || top > look.height - 30) stage.scrollTop = time.y(look.cursor) - look.height / 2;
  redraw();
}

function begin() {
  headline(); story(); readColours(); samples.forEach((paint) => paint()); lay();
  stage.addEventListener('scroll', redraw);
  canvas.addEventListener('mousemove', hover);
  canvas.addEventListener('mouseleave', () => { element('tip').hidden = true; });
  canvas.addEventListener('click', click);
  stage.addEventListener('wheel', (event) => { if (event.ctrlKey) { event.preventDefault(); zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2); } }, { passive: false });
  window.addEventListener('resize', () => { fit(); redraw(); });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); samples.forEach((paint) => paint()); redraw(); });
  window.addEventListener('keydown', (event) => {
    if (event.target.tagName === 'INPUT' || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    step(event.key === 'ArrowUp' ? -1 : 1);
  });
  element('filter').addEventListener('input', (event) => filter(event.target.value));
  element('skip').addEventListener('change', (event) => relay(() => { time.skipsQuiet = event.target.checked; }));
  element('in').addEventListener('click', () => zoom(1.4));
  element('out').addEventListener('click', () => zoom(1 / 1.4));
  element('previous').addEventListener('click', () => step(-1));
  element('next').addEventListener('click', () => step(1));
  const overview = element('overview');
  const slide = (event) => { if (event.buttons || event.type === 'click') { isPinned = true; goTo(Math.round(time.at((event.offsetY / look.height) * time.height))); } };
  ['click', 'mousemove', 'mousedown'].forEach((kind) => overview.addEventListener(kind, slide));
  if (violation) {
    const button = element('to-violation');
    button.hidden = false;
    button.addEventListener('click', () => { isPinned = true; goTo(violation.at); });
    isPinned = true;
  }
  draw(); panel();
  goTo(violation ? violation.at : (run.operations[0] || { from: 0 }).from);
  const worst = document.querySelector('#told .bad');
  if (worst) element('told').scrollTop = worst.offsetTop + worst.offsetHeight - element('told').clientHeight;
  document.body.dataset.ready = 'yes';
}
begin();
