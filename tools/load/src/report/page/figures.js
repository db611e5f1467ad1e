// The headline, the figures, and their comparison with the first run.
function headline() {
  const head = element('headline');
  const scenarios = [...new Set(runs.map((run) => run.report.scenario.name))].join(', ');
  document.title = alone ? `${scenarios}: ${runs[0].label}` : `${scenarios}: ${runs.length} runs compared`;
  if (!alone) {
    const rows = runs.flatMap((run) => {
      const button = make('button', { type: 'button', 'aria-pressed': 'true', title: 'Click to hide or show in all plots', onclick: () => { run.shown = !run.shown; redraw(); } },
        make('i', { class: 'swatch', style: `background: ${run.colour}` }), make('span', {}, run.label));
      redraws.push(() => button.setAttribute('aria-pressed', String(run.shown)));
      return [button, badges(run), make('span', {}, says(run))];
    });
    head.append(make('div', { class: 'top' }, make('h1', {}, document.title)), make('div', { class: 'runs' }, ...rows));
    return;
  }
  const { report } = runs[0];
  const { target, scenario } = report;
  [[head.className]] = marks(runs[0]);
  head.append(make('div', { class: 'top' }, badges(runs[0]), make('h1', {}, document.title), make('span', { class: 'quiet' }, parameters(scenario.parameters))),
    reasons(runs[0]) || make('p', { class: 'says' }, says(runs[0])),
    make('div', { class: 'quiet' }, `${target.domain} at ${target.address}, ${target.encryption}, ${target.mechanism}; measured for ${figure(report.measured_s)} s, ${report.started}`));
}

// Each: its name, its value of a run, how it is written, and whether less is better (`null`: neither).
const latency = (key) => (run) => run.main && run.main.latency_us && run.main.latency_us[key];
const busiest = (run) => Math.max(0, ...run.report.generator.workers.map((worker) => Math.max(worker.cpu_percent, worker.cpu_percent_max || 0)));
const FIGURES = [
  ['operations a second', (run) => run.main && run.main.per_s, (value) => [figure(value), '/s'], false],
  ['CPU per operation', (run) => run.report.server && run.report.server.cpu_us_per_operation, (value) => [figure(value), 'µs'], true],
  ['median latency', latency('p50'), time, true],
  ['p90', latency('p90'), time, true],
  ['p99', latency('p99'), time, true],
  ['p99.9', latency('p99_9'), time, true],
  ['p99.99', latency('p99_99'), time, true],
  ['slowest', latency('max'), time, true],
  ['completed', (run) => run.main && run.main.completed, (value) => [whole(value), ''], null],
  ['failed or timed out', (run) => run.main && run.main.failed + run.main.timed_out, (value) => [whole(value), ''], null],
  ['server CPU', (run) => run.report.server && run.report.server.cpu_percent, (value) => [figure(value), '% of a core'], null],
  ['memory per session', (run) => run.report.server && run.report.server.bytes_per_session, bytes, true],
  ['sessions', (run) => run.report.sessions.most, (value) => [whole(value), ''], null],
  ['generator, busiest worker', busiest, (value) => [figure(value), '% of a core'], null],
];
const TILES = ['operations a second', 'CPU per operation', 'median latency', 'p99', 'p99.9', 'slowest', 'server CPU', 'memory per session'];

function figures() {
  const there = FIGURES.filter(([, value]) => runs.some((run) => isNumber(value(run))));
  if (alone) {
    const tiles = there.filter(([name]) => TILES.includes(name)).map(([name, value, write]) => {
      const [number, unit] = write(value(runs[0]));
      return make('div', { class: 'tile' }, make('span', {}, name), make('b', {}, number, make('small', {}, unit)));
    });
    element('figures').append(make('div', { class: 'tiles' }, ...tiles));
    return;
  }
  const head = make('tr', {}, make('th', {}, ''), ...runs.map((run) => make('th', { scope: 'col' }, make('i', { style: `background: ${run.colour}` }), run.label)));
  const rows = there.map(([name, value, write, less]) => make('tr', {}, make('td', {}, name), ...runs.map((run) => cell(run, value, write, less, name))));
  element('figures').append(make('div', { class: 'scroll' }, make('table', { class: 'compared' }, head, ...rows)));
  const note = differences();
  if (note) element('figures').append(make('p', { class: 'warning' }, note));
}

function cell(run, value, write, less, name) {
  const own = value(run);
  if (!isNumber(own)) return make('td', {}, '–', make('small', {}, ''));
  const ratio = own / value(runs[0]);
  const isCompared = less !== null && run.index > 0 && Number.isFinite(ratio) && ratio > 0;
  const better = less ? ratio < 0.95 : ratio > 1.05;
  const worse = less ? ratio > 1.05 : ratio < 0.95;
  const small = make('small', { class: better ? 'better' : worse ? 'worse' : undefined, title: better ? 'better than the first' : worse ? 'worse than the first' : undefined }, `${figure(ratio)} ×`);
  return make('td', { class: name.startsWith('failed') && own > 0 ? 'alarm' : undefined }, words(write(own)).trim(), isCompared ? small : make('small', {}, ''));
}

// Runs of different things should not be compared; whoever does is told.
function differences() {
  const facts = (run) => ({ scenario: run.report.scenario.name, encryption: run.report.target.encryption, mechanism: run.report.target.mechanism, ...run.report.scenario.parameters });
  const all = runs.map(facts);
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))];
  const written = (value) => (value === undefined ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value));
  const different = names.filter((name) => new Set(all.map((each) => written(each[name]))).size > 1);
  return different.length ? `These runs are not of the same thing: ${different.map((name) => `${name} is ${all.map((each) => written(each[name])).join(' / ')}`).join('; ')}.` : '';
}
