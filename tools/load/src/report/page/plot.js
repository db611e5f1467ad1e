// A plot: axes, lines, a legend that hides and shows, and what is under the pointer.
const HEIGHT = 270;
const EDGE = { left: 66, right: 16, top: 20, bottom: 26 };
const redraws = [];
const redraw = () => redraws.forEach((each) => each());

// `plan`: title, note, x and y ({ scale, tick, word }), lines ({ run, style, colour, dash, points, area }) and bands ({ from, to, name, strong }).
function plot(plan) {
  const lines = plan.lines.filter((line) => line.points.length);
  if (!lines.length) return;
  const hidden = new Set(plan.hidden || []);
  const svg = draw('svg', { height: HEIGHT, role: 'img', 'aria-label': `${plan.title}: the figures are in the table above` });
  const tip = make('div', { class: 'tip', hidden: '' });
  const box = make('figure', {}, make('figcaption', {}, make('span', {}, make('b', {}, plan.title), make('small', {}, plan.note)), legend(lines, hidden)), svg, tip);
  element('plots').append(box);
  const visible = () => lines.filter((line) => line.run.shown && !hidden.has(line.style));
  let frame;
  const paint = () => { frame = paintPlot(svg, plan, visible(), lines); tip.hidden = true; };
  redraws.push(paint);
  svg.addEventListener('pointermove', (event) => point(svg, tip, plan, visible(), frame, event));
  svg.addEventListener('pointerleave', () => { tip.hidden = true; svg.querySelector('.under').replaceChildren(); });
}

function legend(lines, hidden) {
  const styles = new Map(lines.map((line) => [line.style, line]));
  const toggle = (name, colour, dash, isOn, flip) => make('button', {
    type: 'button', 'aria-pressed': String(isOn()), title: 'Click to hide or show',
    onclick: (event) => { flip(); event.currentTarget.setAttribute('aria-pressed', String(isOn())); redraw(); },
  }, draw('svg', { width: 22, height: 10 }, draw('line', { x1: 1, x2: 21, y1: 5, y2: 5, 'stroke-width': 2.5, 'stroke-dasharray': dash, style: `stroke: ${colour}` })), name);
  const ofStyle = ([style, line]) => toggle(style, alone ? line.colour : 'var(--faint)', line.dash, () => !hidden.has(style), () => hidden.delete(style) || hidden.add(style));
  const ofRun = (run) => {
    const button = toggle(run.label, run.colour, undefined, () => run.shown, () => { run.shown = !run.shown; });
    redraws.push(() => button.setAttribute('aria-pressed', String(run.shown)));
    return button;
  };
  const shown = runs.filter((run) => lines.some((line) => line.run === run));
  return make('span', { class: 'legend' }, ...(alone ? [] : shown.map(ofRun)), ...(styles.size > 1 ? [...styles].map(ofStyle) : []));
}

// Where everything goes. Axes stay as wide as all lines need, so that hiding one moves nothing.
function frameOf(svg, plan, lines) {
  const width = Math.max(svg.clientWidth, 280);
  const [inside, height] = [width - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];
  const span = (axis) => lines.reduce(([low, high], line) => line.points.reduce(([a, b], each) => [Math.min(a, each[axis]), Math.max(b, each[axis])], [low, high]), [Infinity, -Infinity]);
  const [across, up] = [plan.x.scale.fit(span(0)), plan.y.scale.fit(span(1))];
  return {
    width, inside, height, across, up,
    x: (value) => EDGE.left + plan.x.scale.place(value, across) * inside,
    y: (value) => EDGE.top + (1 - Math.max(plan.y.scale.place(value, up), 0)) * height,
  };
}

function paintPlot(svg, plan, lines, all) {
  const frame = frameOf(svg, plan, all);
  const { x, y, across, up, width, height, inside } = frame;
  const bottom = EDGE.top + height;
  svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  const bands = (plan.bands || []).flatMap((band) => {
    const [left, right] = [x(Math.max(band.from, across[0])), x(Math.min(band.to, across[1]))];
    if (right <= left) return [];
    return [band.strong && draw('rect', { class: 'band', x: left, y: EDGE.top, width: right - left, height }),
      draw('line', { class: 'border', x1: left, x2: left, y1: EDGE.top, y2: bottom }),
      right - left > band.name.length * 6.2 && draw('text', { class: 'phase', x: left + 4, y: EDGE.top - 6 }, band.name)].filter(Boolean);
  });
  const rows = plan.y.scale.ticks(up).map((at) => draw('g', {}, draw('line', { class: 'grid', x1: EDGE.left, x2: EDGE.left + inside, y1: y(at), y2: y(at) }),
    draw('text', { x: EDGE.left - 8, y: y(at) + 4, 'text-anchor': 'end' }, plan.y.tick(at))));
  const columns = plan.x.scale.ticks(across, 8).map((at) => draw('g', {}, draw('line', { class: 'axis', x1: x(at), x2: x(at), y1: bottom, y2: bottom + 4 }),
    draw('text', { x: x(at), y: bottom + 17, 'text-anchor': x(at) > width - 34 ? 'end' : 'middle' }, plan.x.tick(at))));
  svg.replaceChildren(...bands, ...rows, ...columns, draw('line', { class: 'axis', x1: EDGE.left, x2: EDGE.left + inside, y1: bottom, y2: bottom }),
    ...lines.flatMap((line) => strokes(line, frame, bottom)), draw('g', { class: 'under' }));
  return frame;
}

function strokes(line, { x, y }, bottom) {
  const pieces = [];
  line.points.forEach((point, index) => {
    if (index === 0 || (line.gap && point[0] - line.points[index - 1][0] > line.gap)) pieces.push([]);
    pieces[pieces.length - 1].push(`${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`);
  });
  const style = `stroke: ${line.colour}`;
  const path = pieces.map((piece) => `M${piece.join('L')}${piece.length === 1 ? 'h.1' : ''}`).join('');
  const area = line.area && draw('path', { d: `M${x(line.points[0][0])} ${bottom}L${pieces.flat().join('L')}L${x(line.points[line.points.length - 1][0])} ${bottom}Z`, style: `fill: ${line.colour}`, opacity: 0.13 });
  return [area, draw('path', { class: 'line', d: path, style, 'stroke-width': line.width || 2, 'stroke-dasharray': line.dash })].filter(Boolean);
}

// Each line's value that is nearest to the pointer.
function point(svg, tip, plan, lines, frame, event) {
  const bounds = svg.getBoundingClientRect();
  const at = event.clientX - bounds.left;
  const near = lines.map((line) => {
    const distance = (each) => Math.abs(frame.x(each[0]) - at);
    return { line, value: line.points.reduce((best, each) => (distance(each) < distance(best) ? each : best)) };
  }).filter(({ value }) => Math.abs(frame.x(value[0]) - at) < 24).sort((one, other) => other.value[1] - one.value[1]);
  const under = svg.querySelector('.under');
  tip.hidden = !near.length;
  if (!near.length) { under.replaceChildren(); return; }
  const first = near.reduce((best, each) => (Math.abs(frame.x(each.value[0]) - at) < Math.abs(frame.x(best.value[0]) - at) ? each : best)).value;
  const cursor = draw('line', { class: 'cursor', x1: frame.x(first[0]), x2: frame.x(first[0]), y1: EDGE.top, y2: EDGE.top + frame.height });
  under.replaceChildren(cursor, ...near.map(({ line, value }) => draw('circle', { cx: frame.x(value[0]), cy: frame.y(value[1]), r: 3.5, style: `fill: ${line.colour}` })));
  const many = new Set(lines.map((line) => line.style)).size > 1;
  const name = (line) => [alone ? '' : line.run.label, many || alone ? line.style : ''].filter(Boolean).join(' ');
  tip.replaceChildren(make('b', {}, plan.x.word(first[0])), ...near.map(({ line, value }) => make('div', {}, make('i', { style: `background: ${line.colour}` }), make('span', {}, name(line)), make('b', {}, plan.y.word(value[1])))));
  // To the right of the cursor, or to its left where it would leave the figure.
  const around = tip.offsetParent.getBoundingClientRect();
  const left = bounds.left - around.left + frame.x(first[0]) + 14;
  tip.style.left = `${left + tip.offsetWidth > around.width ? left - tip.offsetWidth - 28 : left}px`;
  tip.style.top = `${bounds.top - around.top + EDGE.top + 6}px`;
}
