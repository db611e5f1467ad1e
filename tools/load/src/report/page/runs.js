// The runs as they were embedded, and small things that everything else needs.
const element = (id) => document.getElementById(id);
const runs = JSON.parse(element('runs').textContent).map(({ headline, report }, index) => ({
  index, headline, report, label: report.label, colour: `var(--run-${index % 8})`, shown: true,
  main: report.operations[report.scenario.operation],
  // All plots over time count from here.
  zero: (report.phases.find((span) => span.phase === 'measure') || report.phases.find((span) => span.phase === 'sign-in') || { from_s: 0 }).from_s,
}));
const alone = runs.length === 1;
const PHASES = { prepare: 'prepare', 'sign-in': 'sign in', 'warm-up': 'warm up', measure: 'measure', drain: 'drain' };

// Makes an element. What comes from a report only ever becomes text, never markup.
function make(name, attributes, ...children) { return made(document.createElement(name), attributes, children); }
function draw(name, attributes, ...children) { return made(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children); }
function made(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return node;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const whole = (number) => Math.round(number).toLocaleString('en-US');
// Three significant digits, more before the point if need be.
function figure(number) {
  const size = Math.abs(number);
  if (size === 0) return '0';
  if (size < 0.0995) return number.toFixed(4);
  if (size < 0.9995) return number.toFixed(3);
  if (size < 9.995) return number.toFixed(2);
  if (size < 99.95) return number.toFixed(1);
  return whole(number);
}
const split = (number, units, step) => {
  let unit = 0;
  while (Math.abs(number) >= step && unit < units.length - 1) { number /= step; unit += 1; }
  return [figure(number), units[unit]];
};
const time = (us) => (us < 1000 ? [figure(us), 'µs'] : split(us / 1000, ['ms', 's'], 1000));
const bytes = (size) => split(size, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024);
// An axis has round numbers: no more digits than they need.
const round = ([number, unit]) => `${/\./.test(number) ? number.replace(/\.?0+$/, '') : number} ${unit}`;
const words = ([number, unit]) => `${number} ${unit}`;
const parameters = (table) => Object.entries(table || {}).map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`).join(' ');

// What a headline begins with, as marks, and what it goes on with.
function marks(run) {
  const { verdict, generator } = run.report;
  const all = [!verdict.passed && ['bad', 'FAILED'], generator.bottleneck && ['limit', "GENERATOR'S LIMIT"]].filter(Boolean);
  return all.length ? all : [['good', 'GOOD']];
}
const badges = (run) => make('span', {}, ...marks(run).map(([kind, word]) => make('span', { class: `mark ${kind}` }, word)));
const says = ({ headline }) => headline.slice(headline.indexOf(': ') + 2);
const reasons = ({ report }) => {
  const all = [...report.verdict.reasons, ...report.generator.reasons];
  return all.length > 1 ? make('ul', { class: 'reasons' }, ...all.map((reason) => make('li', {}, reason))) : '';
};
