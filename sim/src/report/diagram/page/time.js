// Where a time is on the page. With quiet time skipped, the space between two moments at which something happens grows
// more slowly than the time between them, and a pause of more than 300 ms is a fold; else it is proportional.
const FOLDED_ABOVE = 300e3;
const FOLD_PIXELS = 30;

const moments = (() => {
  const all = [0, run.end];
  for (const arrow of run.arrows) all.push(arrow.written, arrow.until);
  for (const line of run.lines) all.push(line.at);
  for (const operation of run.operations) all.push(operation.from, operation.to);
  for (const { at } of run.violations) all.push(at);
  return [...new Set(all)].sort((a, b) => a - b);
})();

const time = {
  zoom: 1, skipsQuiet: true, places: [], height: 0,

  lay() {
    let y = 26;
    // The page may not be taller than browsers bear.
    const proportional = Math.min(this.zoom * 1.6e-3, 8e6 / Math.max(run.end, 1));
    this.places = moments.map((at, index) => {
      if (index > 0) {
        const pause = at - moments[index - 1];
        if (!this.skipsQuiet) y += pause * proportional;
        else y += pause > FOLDED_ABOVE ? FOLD_PIXELS : this.pixels(pause / 1000) * this.zoom;
      }
      return y;
    });
    this.height = y + 60;
  },

  pixels(ms) {
    return ms <= 16 ? Math.sqrt(ms) * 8.5 : 34 + 8 * Math.log(ms / 16);
  },

  y(at) {
    const after = firstFrom(moments, at, (moment) => moment);
    if (after >= moments.length) return this.places[moments.length - 1];
    if (moments[after] === at || after === 0) return this.places[after];
    const part = (at - moments[after - 1]) / (moments[after] - moments[after - 1]);
    return this.places[after - 1] + part * (this.places[after] - this.places[after - 1]);
  },

  at(y) {
    const after = firstFrom(this.places, y, (place) => place);
    if (after >= this.places.length) return run.end;
    if (after === 0) return moments[0];
    const part = (y - this.places[after - 1]) / Math.max(this.places[after] - this.places[after - 1], 1e-9);
    return moments[after - 1] + part * (moments[after] - moments[after - 1]);
  },

  // Folds between two heights, as [y, pause].
  folds(from, to) {
    const found = [];
    if (!this.skipsQuiet) return found;
    for (let index = Math.max(firstFrom(this.places, from - FOLD_PIXELS, (place) => place), 1); index < moments.length; index += 1) {
      if (this.places[index - 1] > to) break;
      const pause = moments[index] - moments[index - 1];
      if (pause > FOLDED_ABOVE) found.push([(this.places[index] + this.places[index - 1]) / 2, pause]);
    }
    return found;
  },
};
