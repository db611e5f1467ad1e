// Scales: from a value to its place between 0 and 1, and the ticks of an axis.
const linear = {
  fit: ([low, high]) => { const step = stepOf(high - low || 1); return [Math.min(0, Math.floor(low / step) * step), Math.ceil((high * 1.02) / step) * step || 1]; },
  place: (value, [low, high]) => (value - low) / (high - low),
  ticks: ([low, high], many = 5) => { const step = stepOf(high - low, many); return range(Math.ceil(low / step - 1e-9) * step, high, (at) => at + step); },
};
// Memory: steps are powers of two, so that its units come out even.
const binary = {
  ...linear,
  fit: ([, high]) => { const step = 2 ** Math.ceil(Math.log2((high || 1) / 5)); return [0, Math.ceil((high * 1.02) / step) * step]; },
  ticks: ([low, high]) => { const step = 2 ** Math.ceil(Math.log2((high - low) / 5)); return range(low, high, (at) => at + step); },
};
const log = {
  fit: ([low, high]) => [low * 0.8, high * 1.25],
  place: (value, [low, high]) => Math.log(value / low) / Math.log(high / low),
  ticks: ([low, high]) => {
    const decades = Math.log10(high / low);
    const marks = decades > 4 ? [1] : decades > 2 ? [1, 3] : decades > 0.6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
    const powers = range(10 ** Math.floor(Math.log10(low)), high, (at) => at * 10);
    return powers.flatMap((power) => marks.map((each) => each * power)).filter((at) => at >= low && at <= high);
  },
};
// Quantiles: each step to the right is a tenth of what was left, as people who look for the slowest want it.
const tail = {
  fit: ([, high]) => [0, high],
  place: (quantile, [, high]) => Math.log10(1 - quantile) / Math.log10(1 - high),
  ticks: ([, high]) => [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999].filter((at) => at <= high),
};

function stepOf(span, many = 5) {
  const rough = span / many;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999);
}
function range(from, to, next) {
  const all = [];
  for (let at = from; at <= to * (1 + 1e-9) + 1e-12 && all.length < 100; at = next(at)) all.push(Math.abs(at) < 1e-12 ? 0 : at);
  return all;
}
