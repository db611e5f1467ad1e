// The drawing: only what is visible is drawn, so that length costs nothing.
const HEAD = 62;
const AXIS = 74;
const stage = element('stage');
const canvas = element('drawing');
const pen = canvas.getContext('2d');
const look = { width: 0, height: 0, lane: 150, cursor: violation ? violation.at : 0, hidden: new Set(), filter: '', matches: null, chosen: null };
let ink = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ['back', 'raised', 'edge', 'ink', 'faint', 'line', 'bad', 'bad-back', 'good', 'cursor', 'fault', 'fault-back', 'deed',
    'frozen', 'session', 'signed-in', 'lane', ...Object.keys(KINDS)];
  ink = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const x = (lane) => AXIS + (lane + 0.5) * look.lane - stage.scrollLeft;
const y = (at) => HEAD + time.y(at) - stage.scrollTop;
const isShown = (arrow) => !look.hidden.has(arrow.what) && (!look.matches || look.matches.has(arrow.index));

function fit() {
  const ratio = window.devicePixelRatio || 1;
  [look.width, look.height] = [stage.clientWidth, stage.clientHeight];
  canvas.width = look.width * ratio; canvas.height = look.height * ratio;
  canvas.style.width = `${look.width}px`; canvas.style.height = `${look.height}px`;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  look.lane = Math.max((look.width - AXIS - 8) / run.lanes.length, 96);
  const space = element('space');
  space.style.width = `${AXIS + look.lane * run.lanes.length + 8}px`;
  space.style.height = `${time.height + HEAD}px`;
}

// Labels that would cover one another are left out: the first come stay.
let taken = [];
function isFree(left, top, width, height) {
  for (const [l, t, w, h] of taken) if (left < l + w && l < left + width && top < t + h && t < top + height) return false;
  taken.push([left, top, width, height]);
  return true;
}

function write(text, left, top, colour, { size = 11, weight = 400, align = 'left', free = true, halo = true } = {}) {
  pen.font = `${weight} ${size}px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
  const width = pen.measureText(text).width;
  const start = align === 'right' ? left - width : align === 'center' ? left - width / 2 : left;
  if (free && !isFree(start - 2, top - size, width + 4, size + 2)) return false;
  if (halo) { pen.strokeStyle = ink.back; pen.lineWidth = 3; pen.lineJoin = 'round'; pen.strokeText(text, start, top); }
  pen.fillStyle = colour;
  pen.fillText(text, start, top);
  return true;
}

function measure(text, size, weight = 400) {
  pen.font = `${weight} ${size}px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
  return pen.measureText(text).width;
}

function cropped(text, width, size = 11, weight = 400) {
  const there = measure(text, size, weight);
  if (there <= width) return text;
  return `${text.slice(0, Math.max(Math.floor((text.length * width) / there) - 1, 1)).trimEnd()}…`;
}

function stroke(colour, width, points, dash = []) {
  pen.strokeStyle = colour; pen.lineWidth = width; pen.setLineDash(dash);
  pen.beginPath(); points.forEach(([px, py], index) => (index ? pen.lineTo(px, py) : pen.moveTo(px, py)));
  pen.stroke(); pen.setLineDash([]);
}

function draw() {
  const from = time.at(stage.scrollTop - 30);
  const to = time.at(stage.scrollTop + look.height - HEAD + 30);
  taken = [];
  pen.clearRect(0, 0, look.width, look.height);
  // Lines and shapes first; then text, the most telling first, because it takes its place from what comes later.
  drawLanes();
  drawBands(from, to);
  drawFolds();
  drawBars(from, to);
  const arrows = drawArrows(from, to);
  drawViolations();
  drawMarks(from, to);
  labelViolations();
  labelBands(from, to);
  labelMarks(from, to);
  labelArrows(arrows);
  drawAxis(from, to);
  drawCursor();
  drawHeads();
  drawOverview();
}

function drawLanes() {
  run.lanes.forEach((_, lane) => {
    if (lane % 2 === 0) { pen.fillStyle = ink.lane; pen.fillRect(x(lane) - look.lane / 2, HEAD, look.lane, look.height); }
    stroke(ink.edge, 1, [[x(lane), HEAD], [x(lane), look.height]], [2, 4]);
  });
}

function bar(entry, from, to, offset, width, colour) {
  const end = entry.to === null ? run.end : entry.to;
  if (end < from || entry.from > to) return null;
  const [top, bottom] = [Math.max(y(entry.from), HEAD - 5), Math.min(y(end), look.height + 5)];
  pen.fillStyle = colour;
  pen.beginPath(); pen.roundRect(x(entry.lane) + offset, top, width, Math.max(bottom - top, 2), width / 2); pen.fill();
  return [top, bottom];
}

function drawBars(from, to) {
  for (const life of run.bars.lives) {
    const drawn = bar(life, from, to, -1.25, 2.5, ink.line);
    if (!drawn) continue;
    pen.fillStyle = ink.line; pen.beginPath(); pen.arc(x(life.lane), y(life.from), 4, 0, 7); pen.fill();
    if (life.to === null) continue;
    const bottom = y(life.to);
    if (life.text === 'killed') cross(x(life.lane), bottom, 6, ink.bad, 3);
    else stroke(ink.line, 3, [[x(life.lane) - 7, bottom], [x(life.lane) + 7, bottom]]);
  }
  for (const frozen of run.bars.frozen) {
    const drawn = bar(frozen, from, to, -12, 24, ink.frozen);
    if (drawn) for (let at = drawn[0] + 8; at < drawn[1] - 4; at += 9) stroke(ink.back, 1.5, [[x(frozen.lane) - 8, at + 4], [x(frozen.lane) + 8, at - 4]]);
  }
  for (const session of run.bars.sessions) bar(session, from, to, -8, 4.5, ink.session);
  for (const belief of run.bars.signed_in) bar(belief, from, to, 3.5, 4.5, ink['signed-in']);
}

function cross(left, top, size, colour, width) {
  stroke(colour, width, [[left - size, top - size], [left + size, top + size]]);
  stroke(colour, width, [[left - size, top + size], [left + size, top - size]]);
}

const visibleOperations = (from, to) => run.operations.filter((each) => each.lanes.length > 0 && each.to >= from && each.from <= to);

function drawBands(from, to) {
  const there = visibleOperations(from, to);
  run.lanes.forEach((_, lane) => {
    const left = x(lane) - look.lane / 2;
    // Where several last at once, the lane is no darker.
    let covered = -Infinity;
    pen.fillStyle = ink['fault-back'];
    there.filter((each) => each.lanes.includes(lane) && each.to > each.from).forEach((each) => {
      const [top, bottom] = [Math.max(y(each.from), covered), y(each.to)];
      if (bottom > top) pen.fillRect(left, top, look.lane, bottom - top);
      covered = Math.max(covered, bottom);
    });
  });
  for (const each of there) {
    const [top, bottom] = [y(each.from), y(each.to)];
    const colour = each.is_fault ? ink.fault : ink.deed;
    for (const lane of each.lanes) {
      const left = x(lane) - look.lane / 2;
      if (each.is_fault) stroke(colour, 1.5, [[left, top], [left + look.lane, top]]);
      if (each.to === each.from) continue;
      stroke(colour, 3, [[left + 1.5, top], [left + 1.5, bottom]]);
      stroke(colour, 1, [[left, bottom], [left + look.lane, bottom]], [4, 3]);
    }
  }
}

function labelBands(from, to) {
  for (const each of visibleOperations(from, to)) {
    const [top, bottom] = [y(each.from), y(each.to)];
    const text = cropped(`${each.is_fault ? '⚡' : '▸'} ${each.text}`, look.width - AXIS - 20, 11.5, 600);
    const left = Math.min(Math.max(x(each.lanes[0]) - look.lane / 2 + 8, AXIS + 4), look.width - 6 - measure(text, 11.5, 600));
    // It stays in sight as long as the band does.
    let label = Math.max(top + 14, HEAD + 14);
    if (each.is_fault ? label > Math.max(bottom, top + 18) : top < HEAD) continue;
    const options = { size: 11.5, weight: 600 };
    for (let tries = 0; tries < 5 && !write(text, left, label, each.is_fault ? ink.fault : ink.deed, options); tries += 1) label += 14;
  }
}

function drawFolds() {
  for (const [fold, pause] of time.folds(stage.scrollTop, stage.scrollTop + look.height)) {
    const middle = HEAD + fold - stage.scrollTop;
    const points = [];
    for (let left = AXIS; left <= look.width; left += 7) points.push([left, middle + (points.length % 2 ? 3 : -3)]);
    stroke(ink.back, 9, points); stroke(ink.edge, 1.2, points);
    write(`${spell(pause)} in which nothing happens`, AXIS + 10, middle + 3.5, ink.faint, { size: 10.5 });
  }
}

// What is rare and telling is drawn over the rest, and labelled before it.
const RANKS = ['keep-alive', 'ack', 'iq', 'stream', 'presence', 'rest', 'message'];

function drawArrows(from, to) {
  const there = [];
  for (let index = firstFrom(reaches, from, (at) => at); index < run.arrows.length && run.arrows[index].written <= to; index += 1) {
    const arrow = run.arrows[index];
    if (arrow.until >= from && isShown(arrow)) there.push(arrow);
  }
  there.sort((one, other) => RANKS.indexOf(one.what) - RANKS.indexOf(other.what));
  return there.map((arrow) => [arrow, drawArrow(arrow)]).reverse();
}

function labelArrows(labels) {
  for (const [arrow, [left, top, right, bottom]] of labels) {
    const direction = Math.sign(right - left) || 1;
    const text = cropped(summary(arrow), Math.min(Math.abs(right - left), look.lane) - 34, 10.5);
    // An arrow that answers another begins where that one ends, coming from above: its label goes below it.
    const along = direction > 0 ? 18 + measure(text, 10.5) : 22;
    const part = Math.min(along / Math.max(Math.abs(right - left), 1), 1);
    const height = top + (bottom - top) * part + (direction > 0 ? 10.5 : -3);
    const options = { size: 10.5, align: direction < 0 ? 'right' : 'left' };
    if (height > HEAD + 8 && text.length > 2) write(text, left + direction * 14, height, ink[arrow.what], options);
  }
}

function arrowEnds(arrow) {
  const to = arrow.to === null ? (arrow.from === 0 ? 0.4 : arrow.from - 0.4) : arrow.to;
  const direction = Math.sign(to - arrow.from) || 1;
  const [left, top] = [x(arrow.from) + direction * 10, y(arrow.written)];
  if (arrow.read !== null) return [left, top, x(to) - direction * 10, y(arrow.read)];
  // Lost: it ends on its way.
  return [left, top, left + (x(to) - left) * 0.5, top + 16];
}

function drawArrow(arrow) {
  const ends = arrowEnds(arrow);
  const [left, top, right, bottom] = ends;
  const isChosen = look.chosen === arrow;
  const colour = ink[arrow.what];
  pen.globalAlpha = arrow.what === 'keep-alive' || arrow.what === 'ack' ? 0.75 : 1;
  stroke(colour, isChosen ? 4 : arrow.what === 'message' ? 2.2 : 1.3, [[left, top], [right, bottom]], arrow.read === null ? [5, 3] : []);
  if (arrow.read === null) cross(right, bottom, 4.5, ink.bad, 2);
  else {
    const angle = Math.atan2(bottom - top, right - left);
    const tip = (turn) => [right - 7 * Math.cos(angle + turn), bottom - 7 * Math.sin(angle + turn)];
    pen.fillStyle = colour; pen.beginPath(); pen.moveTo(right, bottom); pen.lineTo(...tip(0.42)); pen.lineTo(...tip(-0.42)); pen.fill();
  }
  pen.globalAlpha = 1;
  return ends;
}

function drawAxis(from, to) {
  pen.fillStyle = ink.back; pen.fillRect(0, HEAD, AXIS - 6, look.height);
  let last = -100;
  for (let index = firstFrom(moments, from, (at) => at); index < moments.length && moments[index] <= to; index += 1) {
    const top = y(moments[index]);
    stroke(ink.line, 1, [[AXIS - 11, top], [AXIS - 7, top]]);
    if (top - last < 15 || top < HEAD + 4) continue;
    write(seconds(moments[index]), AXIS - 16, top + 3.5, ink.faint, { size: 10.5, align: 'right', free: false, halo: false });
    last = top;
  }
}
