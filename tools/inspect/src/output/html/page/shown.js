// Which entries are shown, and where each of them is. Only those that are visible become elements (`stage.js`).
const ROW = 31;
const GAP = 24;
const AXIS = 142;
const LANE_MIN = 130;
const NOTE_LINE = 18;
// A pause of at least so many nanoseconds is told.
const PAUSE = 500e6;
// The most rows that are printed; the page says how many are not.
const PRINTED_MAX = 3000;
const PRINTED_WIDTH = 1000;

const look = {
  filter: everything, kindsOff: new Set(), connectionsOff: new Set(),
  shown: [], place: new Map(), fit: 0, columns: [], lane: LANE_MIN, width: 0,
  // Where each row begins, and at its end where the last one ends.
  tops: new Float64Array(1),
  // The chosen entry is shown whatever the filter says: who jumps to it wants to see it.
  chosen: null, isOpen: false, related: new Set(), isPrinting: false,
};

const isOn = (entry) => !look.kindsOff.has(entry.kind) && !look.connectionsOff.has(entry.connection);
const pause = (place) => {
  const [before, entry] = [look.shown[place - 1], look.shown[place]];
  return before && before.at !== undefined && entry.at !== undefined && entry.at - before.at >= PAUSE ? entry.at - before.at : 0;
};

function sift() {
  look.shown = [];
  look.fit = 0;
  for (const entry of entries) {
    const fits = isOn(entry) && look.filter(entry);
    if (fits) look.fit += 1;
    if (fits || entry === look.chosen) look.shown.push(entry);
  }
  if (look.isPrinting) look.shown.length = Math.min(look.shown.length, PRINTED_MAX);
  look.place = new Map(look.shown.map((entry, place) => [entry, place]));
  const used = new Set();
  for (const entry of look.shown) if (entry.connection !== undefined) lanesOf.get(entry.connection).forEach((lane) => used.add(lane));
  look.columns = lanes.filter((lane) => used.has(lane));
  look.columns.forEach((lane, column) => { lane.column = column; });
}

const noteText = (entry) => entry.xml || entry.detail || entry.title;

function lay(width) {
  const columns = Math.max(look.columns.length, 1);
  // An even number, so that a lane's line is one pixel wide.
  look.lane = Math.max(Math.floor((width - AXIS - 8) / columns / 2) * 2, LANE_MIN);
  look.width = Math.max(AXIS + look.lane * columns + 8, width);
  const room = Math.max(Math.min(width - AXIS, 1200) - 60, 140);
  look.tops = new Float64Array(look.shown.length + 1);
  look.shown.forEach((entry, place) => {
    let height = ROW;
    if (entry.kind === 'remark') height = 14 + NOTE_LINE * Math.min(Math.ceil((noteText(entry).length * (isViolation(entry) ? 8.1 : 7)) / room), 5);
    look.tops[place + 1] = look.tops[place] + height + (pause(place) ? GAP : 0);
  });
}

const x = (lane) => (lane.column + 0.5) * look.lane;
// The height of an arrow's line within its row.
const LINE = 23;
// The height of a shown entry's line on the canvas.
const y = (place) => look.tops[place + 1] - ROW + LINE;
