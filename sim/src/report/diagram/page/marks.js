// What else is drawn: marks of single events, the violation, the cursor, the lanes' heads, the overview.
const MARKS = {
  reaped: { colour: 'bad', label: (line) => `reaped ${called(line.parts[0])}`, shape: 'diamond' },
  bound: { colour: 'session', label: (line) => `bound ${called(line.parts[0])} · session ${line.parts[1]}`, shape: 'dot' },
  ended: { colour: 'session', label: (line) => `ended session ${line.parts[1]} of ${called(line.parts[0])}`, shape: 'ring' },
  entered: { colour: 'presence', label: (line) => `${called(line.parts[0])} in the directory`, shape: 'up' },
  departed: { colour: 'faint', label: (line) => `${called(line.parts[0])} left the directory`, shape: 'down' },
  'signed-in': { colour: 'signed-in', label: () => 'signed in', shape: 'dot' },
  'signed-out': { colour: 'bad', label: (line) => `signed out: ${line.text}`, shape: 'ring' },
  'saw-online': { colour: 'presence', label: (line) => `sees ${called(line.parts[0])}`, shape: 'up' },
  'saw-gone': { colour: 'faint', label: (line) => `sees ${called(line.parts[0])} gone`, shape: 'down' },
  shown: { colour: 'message', label: (line) => `shown “${line.parts[2].slice(0, 30)}”`, shape: 'square' },
  sent: { colour: 'message', label: (line) => `sends “${line.parts[2].slice(0, 30)}”`, shape: 'dot' },
  message: { colour: 'message', label: (line) => `message ${line.parts[1]}`, shape: 'small' },
  'not-reached': { colour: 'bad', label: () => 'dial failed', shape: 'ring' },
  dialling: { colour: 'stream', label: () => 'dials', shape: 'small' },
  'cut-off': { colour: 'bad', label: (line) => `cut ${line.text}`, shape: 'ring' },
  started: { colour: 'ink', label: () => 'started', shape: 'none' },
  killed: { colour: 'bad', label: () => 'killed', shape: 'none' },
  finished: { colour: 'ink', label: () => 'finished', shape: 'none' },
  paused: { colour: 'frozen', label: () => 'frozen', shape: 'none' },
  resumed: { colour: 'frozen', label: () => 'goes on', shape: 'none' },
};
const UNMARKED = new Set(['op', 'op over', 'dialled', 'accepted', 'handshaken', 'closed', 'heard']);
const markOf = (line) => MARKS[line.word] || { colour: 'faint', label: () => `${line.word} ${line.text}`, shape: 'small' };
const isMarked = (line) => line.lane !== null && !UNMARKED.has(line.word);

function shape(name, left, top, colour) {
  pen.fillStyle = colour; pen.strokeStyle = colour; pen.lineWidth = 1.6;
  const polygon = (...points) => { pen.beginPath(); points.forEach(([dx, dy], i) => pen[i ? 'lineTo' : 'moveTo'](left + dx, top + dy)); pen.closePath(); pen.fill(); };
  if (name === 'diamond') polygon([0, -8], [8, 0], [0, 8], [-8, 0]);
  else if (name === 'up') polygon([0, -4.5], [4.5, 3.5], [-4.5, 3.5]);
  else if (name === 'down') polygon([0, 4.5], [4.5, -3.5], [-4.5, -3.5]);
  else if (name === 'square') polygon([-5, -4], [5, -4], [5, 4], [0, 4], [-3, 7], [-3, 4], [-5, 4]);
  else if (name !== 'none') {
    pen.beginPath(); pen.arc(left, top, name === 'small' ? 2.2 : 4, 0, 7);
    if (name === 'ring') { pen.fillStyle = ink.back; pen.fill(); pen.stroke(); } else pen.fill();
  }
}

function marked(from, to) {
  const there = [];
  for (let index = firstFrom(run.lines, from, (line) => line.at); index < run.lines.length && run.lines[index].at <= to; index += 1) {
    if (isMarked(run.lines[index])) there.push(run.lines[index]);
  }
  return there;
}

function drawMarks(from, to) {
  for (const line of marked(from, to)) shape(markOf(line).shape, x(line.lane), y(line.at), ink[markOf(line).colour]);
}

function labelMarks(from, to) {
  const there = marked(from, to);
  const isLoud = (line) => markOf(line).shape === 'diamond';
  for (const line of [...there.filter(isLoud), ...there.filter((each) => !isLoud(each))]) {
    const [left, top, mark] = [x(line.lane), y(line.at), markOf(line)];
    if (top < HEAD + 4) continue;
    const text = cropped(mark.label(line), Math.min(look.lane - 24, look.width - left - 18), 10.5);
    const options = { size: 10.5, weight: isLoud(line) ? 700 : 400 };
    for (const drop of [3.5, -7, 15, 27]) if (write(text, left + 14, top + drop, ink[mark.colour], options)) break;
  }
}

function drawViolations() {
  for (const { at } of run.violations) {
    const top = y(at);
    if (top >= HEAD && top <= look.height) stroke(ink.bad, 3.5, [[AXIS - 6, top], [look.width, top]]);
  }
}

// Just below its line, so that what happened at that moment stays in sight.
function labelViolations() {
  run.violations.forEach((each, index) => {
    const top = y(each.at) + 9;
    taken.push([AXIS, top - 11, look.width, 4]);
    if (top < HEAD || top > look.height + 20 || (index > 0 && each.at === run.violations[index - 1].at)) return;
    const text = cropped(`✖ VIOLATED at ${seconds(each.at)} s: ${brief(each.found)}`, look.width - AXIS - 40, 12.5, 700);
    const width = Math.min(measure(text, 12.5, 700) + 20, look.width - AXIS);
    pen.fillStyle = ink.bad; pen.beginPath(); pen.roundRect(AXIS - 2, top, width, 22, 7); pen.fill();
    taken.push([AXIS - 2, top - 2, width, 26]);
    write(text, AXIS + 8, top + 15.5, ink.back, { size: 12.5, weight: 700, free: false, halo: false });
  });
}

function drawCursor() {
  const top = y(look.cursor);
  if (top < HEAD || top > look.height) return;
  stroke(ink.cursor, 1.2, [[AXIS - 6, top], [look.width, top]], [5, 4]);
  pen.fillStyle = ink.cursor; pen.beginPath(); pen.roundRect(4, top - 9, AXIS - 12, 18, 5); pen.fill();
  write(seconds(look.cursor), AXIS - 14, top + 4, ink.back, { size: 11, weight: 700, align: 'right', free: false, halo: false });
}

function drawHeads() {
  pen.fillStyle = ink.raised; pen.fillRect(0, 0, look.width, HEAD);
  stroke(ink.edge, 1, [[0, HEAD - 0.5], [look.width, HEAD - 0.5]]);
  run.lanes.forEach((lane, index) => {
    const [centre, room] = [x(index), look.lane - 10];
    const line = (text, top, colour, size, weight) => write(cropped(text, room, size, weight), centre, top, colour, { align: 'center', free: false, halo: false, size, weight });
    line(lane.name, 20, ink.ink, 14, 700);
    line(measure(lane.jid, 10.5) > room ? lane.jid.replace('@example.net', '@…') : lane.jid || 'own machine', 36, ink.faint, 10.5, 400);
    const clock = lane.clock_rate_ppm === 0 ? '' : `${look.lane > 130 ? 'clock ' : ''}${lane.clock_rate_ppm > 0 ? '+' : '−'}${Math.abs(lane.clock_rate_ppm)} ppm`;
    const parts = [lane.kind === 'person' || index === 0 ? '' : lane.kind, index === 0 ? '' : `on ${lane.machine}`, clock];
    line(parts.filter(Boolean).join(' · '), 51, clock ? ink.fault : ink.faint, 10.5, 400);
  });
  pen.fillStyle = ink.raised; pen.fillRect(0, 0, AXIS - 6, HEAD - 1);
  write('seconds', AXIS - 16, 51, ink.faint, { size: 10.5, align: 'right', free: false, halo: false });
}

// The whole run at a glance, beside the drawing.
function drawOverview() {
  const all = element('overview');
  const ratio = window.devicePixelRatio || 1;
  all.style.height = `${look.height}px`;
  all.width = 34 * ratio; all.height = look.height * ratio;
  const brush = all.getContext('2d');
  brush.scale(ratio, ratio * (look.height / (time.height + 1)));
  brush.fillStyle = ink.raised; brush.fillRect(0, 0, 34, time.height);
  const unit = time.height / look.height;
  for (const operation of run.operations) {
    const top = time.y(operation.from);
    brush.fillStyle = operation.is_fault ? ink.fault : ink.deed;
    brush.globalAlpha = operation.is_fault ? 0.5 : 0.8;
    brush.fillRect(operation.is_fault ? 4 : 18, top, 12, Math.max(time.y(operation.to) - top, 2 * unit));
  }
  brush.globalAlpha = 1;
  for (const { at } of run.violations) { brush.fillStyle = ink.bad; brush.fillRect(0, time.y(at) - 1.5 * unit, 34, 3 * unit); }
  brush.fillStyle = ink.cursor; brush.fillRect(0, time.y(look.cursor), 34, unit);
  brush.globalAlpha = 0.18; brush.fillStyle = ink.ink;
  brush.fillRect(0, stage.scrollTop, 34, Math.max(look.height - HEAD, 8 * unit));
}
