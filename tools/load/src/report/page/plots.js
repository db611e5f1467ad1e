// Which plots there are, and where their lines come from.
const DASHES = { p50: undefined, p99: '6 4', max: '1.5 4', server: undefined, generator: '6 4' };
const HUES = ['var(--run-0)', 'var(--run-1)', 'var(--run-3)', 'var(--run-2)', 'var(--run-4)', 'var(--run-5)', 'var(--run-6)'];

// A line over the seconds of a run. Alone, lines differ in colour; else colours tell the runs apart, and dashes the lines of one.
function over(run, style, hue, value, more) {
  const middle = (second) => (second.from_s + second.to_s) / 2 - run.zero;
  const points = run.report.timeline.filter((second) => second.phase !== 'drain').map((second) => [middle(second), value(second)]).filter((each) => isNumber(each[1]) && each[0] >= begin(run));
  return { run, style, points, gap: 1.7, colour: alone ? hue : run.colour, dash: alone ? undefined : DASHES[style], ...more };
}
const dated = (at, digits) => `${at < 0 ? '−' : ''}${Math.abs(at).toFixed(digits)} s`;
// All of them have the same time from left to right: from the first session of any run to the end of the longest.
const begin = (run) => (run.report.phases.find((span) => span.phase !== 'prepare') || run.report.phases[0] || { from_s: run.zero }).from_s - run.zero;
const end = (run) => Math.max(run.zero, ...run.report.phases.map((span) => span.to_s)) - run.zero;
const lasting = [Math.min(...runs.map(begin)), Math.max(...runs.map(end))];
const seconds = { scale: { ...linear, fit: () => lasting }, tick: (at) => dated(at, at % 1 ? 1 : 0), word: (at) => dated(at, 1) };
const bands = runs[0].report.phases.map((span) => ({ from: span.from_s - runs[0].zero, to: span.to_s - runs[0].zero, name: PHASES[span.phase] || span.phase, strong: span.from_s === runs[0].zero }));
const overTime = (title, note, y, lines, hidden) => plot({ title, note, x: seconds, y, lines, bands, hidden });
const moment = (second, kind) => second.operations[kind] || {};

function throughput() {
  const kinds = (run) => (alone ? [...new Set(run.report.timeline.flatMap((second) => Object.keys(second.operations)))] : [run.report.scenario.operation]);
  const lines = runs.flatMap((run) => kinds(run).map((kind, index) => over(run, alone ? kind : 'completed', HUES[index % HUES.length], (second) => moment(second, kind).per_s)));
  overTime('Throughput', 'completed a second', { scale: linear, tick: (at) => at.toLocaleString('en-US'), word: (at) => `${figure(at)} /s` }, lines);
}

// Few among many would be a flat line below the throughput, so they have a plot of their own.
function failures() {
  const failed = (second) => Object.values(second.operations).reduce((sum, each) => sum + each.failed, 0);
  const lines = runs.map((run) => over(run, 'failed or timed out', 'var(--bad)', failed)).filter((line) => line.points.some((each) => each[1] > 0));
  overTime('Failures', 'failed or timed out, in each second', { scale: linear, tick: whole, word: whole }, lines);
}

function latencies() {
  const kind = (run) => run.report.scenario.operation;
  const lines = [['p50', 'p50_us', 2], ['p99', 'p99_us', 2], ['max', 'max_us', 1.5]].flatMap(([style, key, width], index) => runs.map((run) => over(run, style, HUES[index], (second) => moment(second, kind(run))[key] || undefined, { width })));
  overTime('Latency over time', 'of each second, logarithmic', { scale: log, tick: (at) => round(time(at)), word: (at) => words(time(at)) }, lines, alone ? [] : ['max']);
}

// Shares in steps of an eighth of a doubling. An entry of the report is spread evenly over the steps that it touches.
function shares({ count, histogram }) {
  const step = (us) => 8 * Math.log2(us);
  const filled = new Map();
  let before = 0;
  histogram.forEach(([bound, times]) => {
    const to = Math.max(bound, 1e-3);
    const from = Math.max(before, to / 1.07, 1e-3);
    before = bound;
    const [low, high] = [step(from), step(to)];
    for (let at = Math.floor(low); at <= Math.floor(high); at += 1) {
      const part = high > low ? (Math.min(high, at + 1) - Math.max(low, at)) / (high - low) : 1;
      filled.set(at, (filled.get(at) || 0) + (times * part) / count);
    }
  });
  const [first, last] = [Math.min(...filled.keys()), Math.max(...filled.keys())];
  return Array.from({ length: last - first + 3 }, (_, index) => first - 1 + index).map((at) => [2 ** ((at + 0.5) / 8), 100 * (filled.get(at) || 0)]);
}

function quantiles({ count, min, histogram }) {
  let seen = 0;
  const points = [[0, Math.max(min, 1e-3)]];
  histogram.forEach(([bound, times]) => { seen += times; points.push([Math.min(seen / count, 1 - 0.5 / count), Math.max(bound, 1e-3)]); });
  return points;
}

function distributions() {
  const drawn = runs.filter((run) => run.main && run.main.latency_us && (run.main.latency_us.histogram || []).length);
  const lines = (points, more) => drawn.map((run) => ({ run, style: run.report.scenario.operation, colour: run.colour, points: points(run.main.latency_us), ...more }));
  const latency = { scale: log, tick: (at) => round(time(at)), word: (at) => words(time(at)) };
  plot({ title: 'Latency by percentile', note: 'the slowest to the right', x: { scale: tail, tick: (at) => `${+(at * 100).toFixed(4)} %`, word: (at) => `${+(at * 100).toFixed(4)} % took at most` }, y: latency, lines: lines(quantiles) });
  plot({ title: 'Latency histogram', note: 'share of operations, logarithmic steps', x: { ...latency, word: (at) => `about ${words(time(at))}` }, y: { scale: linear, tick: (at) => `${+at.toFixed(3)} %`, word: (at) => `${figure(at)} %` }, lines: lines(shares, { area: true }) });
}

function resources() {
  const percent = { scale: linear, tick: (at) => `${at} %`, word: (at) => `${figure(at)} %` };
  overTime('CPU', 'percent of one core', percent, [...runs.map((run) => over(run, 'server', HUES[0], (second) => second.server_cpu_percent)),
    ...runs.map((run) => over(run, 'generator', HUES[2], (second) => second.generator_cpu_percent, { width: 1.5 }))], alone ? [] : ['generator']);
  overTime('Server memory', 'resident', { scale: binary, tick: (at) => (at ? round(bytes(at)) : '0'), word: (at) => words(bytes(at)) }, runs.map((run) => over(run, 'server', HUES[0], (second) => second.server_rss_bytes || undefined)));
  if (runs.some((run) => !run.report.server)) overTime('Sessions', 'bound', { scale: linear, tick: whole, word: whole }, runs.map((run) => over(run, 'sessions', HUES[0], (second) => second.sessions)));
}
