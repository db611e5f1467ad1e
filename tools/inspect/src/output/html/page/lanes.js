// Who has a lane. An end is who it was last known to be; ends of the same name, on however many connections, are one lane.
//
// The most lanes that a diagram has; those with the fewest entries share the last.
const LANES_MAX = 120;

const isAddress = (name) => /^(?:\[[\da-f:.%\w]*\]|\d+\.\d+\.\d+\.\d+)(?::\d+)?$/i.test(name);
// A machine's name stands for it whatever the port; an address with a port may be anybody's.
const machine = (name) => (!isAddress(name) && /^[^@\/\s]+:\d+$/.test(name) ? name.replace(/:\d+$/, '') : name);

const lanes = [];
// Both lanes of each connection.
const lanesOf = new Map();

(() => {
  // What was only ever called by its machine's name is whoever else of that name there is, if that is one.
  const known = new Map();
  for (const { ends, names } of connections.values()) {
    ends.forEach((end, side) => names[side].forEach((name) => {
      if (!isAddress(name) && name !== '?' && name) (known.get(machine(name)) || known.set(machine(name), new Set()).get(machine(name))).add(machine(end));
    }));
  }
  const called = (end, connection, side) => {
    const name = machine(end);
    if (!name || name === '?') return `? (#${connection.id} ${SIDES[side]})`;
    const others = [...(known.get(name) || [])].filter((other) => other !== name);
    return others.length === 1 ? others[0] : name;
  };
  const byName = new Map();
  for (const connection of connections.values()) {
    const pair = connection.ends.map((end, side) => {
      const name = called(end, connection, side);
      let lane = byName.get(name);
      if (!lane) {
        lane = { index: lanes.length, name, also: new Set(), connections: new Set(), entries: 0 };
        byName.set(name, lane);
        lanes.push(lane);
      }
      connection.names[side].forEach((other) => { if (other && other !== name) lane.also.add(other); });
      lane.connections.add(connection.id);
      lane.entries += connection.entries;
      return lane;
    });
    lanesOf.set(connection.id, pair);
  }
  if (lanes.length <= LANES_MAX) return;
  const few = new Set([...lanes].sort((one, other) => other.entries - one.entries).slice(LANES_MAX - 1));
  const rest = { name: `${few.size} others`, also: new Set(), connections: new Set(), entries: 0, isRest: true };
  for (const lane of few) { rest.entries += lane.entries; lane.connections.forEach((id) => rest.connections.add(id)); rest.also.add(lane.name); }
  for (const [id, pair] of lanesOf) lanesOf.set(id, pair.map((lane) => (few.has(lane) ? rest : lane)));
  const kept = lanes.filter((lane) => !few.has(lane));
  lanes.splice(0, lanes.length, ...kept, rest);
  lanes.forEach((lane, index) => { lane.index = index; });
})();

const laneAt = (entry, side) => (lanesOf.get(entry.connection) || [])[side];
const speaker = (entry) => laneAt(entry, entry.side ?? 0);
const hearer = (entry) => laneAt(entry, 1 - (entry.side ?? 0));
const way = (entry) => (entry.connection === undefined ? '' : `${plain(speaker(entry).name)} ${entry.side === undefined ? '↔' : '→'} ${plain(hearer(entry).name)}`);
