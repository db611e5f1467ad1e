// The page around the drawing: headline, story, legend, and the state at the cursor.
function headline() {
  const head = element('headline');
  const name = `${run.scenario}, seed ${run.seed}`;
  document.title = `${violation ? 'FAILED' : 'good'}: ${name}`;
  head.className = violation ? 'bad' : 'good';
  head.append(make('div', { class: 'top' },
    make('span', { class: 'mark' }, violation ? 'FAILED' : 'GOOD'),
    make('h1', {}, name), make('span', { class: 'quiet' }, run.network)));
  if (run.about) head.append(make('div', { class: 'quiet' }, run.about));
  const list = make('dl');
  if (violation) {
    list.append(make('dt', {}, 'What must be so:'), make('dd', { id: 'invariant' }, violation.invariant),
      make('dt', {}, 'What happened:'), make('dd', { class: 'what', id: 'found-what' }, `at ${seconds(violation.at)} s, ${plain(violation.found)}`));
  } else list.append(make('dt', {}, 'What happened:'), make('dd', {}, 'nothing that must not; every invariant held to the end'));
  list.append(make('dt', {}, 'Run it again:'), make('dd', {}, make('code', { id: 'replay' }, run.replay)));
  head.append(list);
  const others = run.violations.slice(1);
  if (others.length) {
    head.append(make('details', {}, make('summary', {}, `and ${others.length} more violation${others.length > 1 ? 's' : ''}`),
      make('ul', {}, ...others.map((each) => make('li', {}, `at ${seconds(each.at)} s (${each.checker}): ${each.invariant}. ${plain(each.found)}`)))));
  }
}

function story() {
  const told = run.operations.map((each) => ({ at: each.from, kind: each.is_fault ? 'fault' : 'deed', text: each.text }));
  run.lanes.forEach((lane, index) => {
    const first = run.bars.lives.find((life) => life.lane === index);
    if (first && run.lanes.length <= 12) told.push({ at: first.from, kind: 'calm', text: `${lane.name} starts` });
  });
  told.push({ at: run.calm, kind: 'calm', text: 'from here on, nothing is done to them any more' });
  const isNew = (each, index) => index === 0 || each.at !== run.violations[index - 1].at || each.invariant !== run.violations[index - 1].invariant;
  run.violations.filter(isNew).slice(0, 5).forEach((each) => told.push({ at: each.at, kind: 'bad', text: `Violated: ${each.invariant}` }));
  told.sort((one, other) => one.at - other.at);
  element('story').append(make('h2', {}, 'What was done'), make('ol', { class: 'story', id: 'told' }, ...told.map(({ at, kind, text }) => make('li', { class: kind },
    make('button', { onclick: () => goTo(at) }, make('time', {}, seconds(at)), make('span', {}, text.length > 160 ? `${text.slice(0, 160)}…` : text))))));
  legend();
  const [arrows, lines] = [run.arrows_left_out, run.lines_left_out];
  if (arrows + lines) element('story').prepend(make('p', { class: 'wrong' }, `The run is too long for one page: ${arrows} arrows and ${lines} lines of the log far from ${violation ? 'the violation' : 'its end'} are left out.${lines ? ' The state at the cursor lacks what they said.' : ''}`));
}

function legend() {
  const sample = (paint) => {
    const small = make('canvas', { width: 68, height: 32 });
    samples.push(() => { const brush = small.getContext('2d'); brush.setTransform(2, 0, 0, 2, 0, 0); brush.clearRect(0, 0, 34, 16); paint(brush); });
    return small;
  };
  const fill = (colour, left, top, width, height) => (brush) => { brush.fillStyle = ink[colour]; brush.fillRect(left, top, width, height); };
  const row = (text, paint) => make('div', {}, sample(paint), make('span', {}, text));
  const kinds = Object.entries(KINDS).map(([what, text]) => make('button', {
    'aria-pressed': 'true', title: 'Click to hide or show',
    onclick: (event) => {
      if (!look.hidden.delete(what)) look.hidden.add(what);
      event.currentTarget.setAttribute('aria-pressed', String(!look.hidden.has(what)));
      redraw();
    },
  }, sample((brush) => {
    brush.fillStyle = brush.strokeStyle = ink[what]; brush.lineWidth = what === 'message' ? 2.4 : 1.6;
    brush.beginPath(); brush.moveTo(2, 4); brush.lineTo(28, 11); brush.stroke();
    brush.beginPath(); brush.moveTo(33, 12.5); brush.lineTo(25, 13.5); brush.lineTo(27, 7); brush.fill();
  }), make('span', {}, text)));
  element('story').append(make('div', { id: 'legend' }, make('h2', {}, 'Arrows: written to read'), make('div', { class: 'legend' }, ...kinds,
    row('lost: never read', (brush) => { brush.strokeStyle = ink.bad; brush.lineWidth = 2; brush.beginPath(); brush.moveTo(12, 3); brush.lineTo(22, 13); brush.moveTo(22, 3); brush.lineTo(12, 13); brush.stroke(); })),
  make('h2', {}, 'Lanes'), make('div', { class: 'legend' },
    row('the process runs', fill('line', 15.5, 0, 3, 16)), row('frozen', fill('frozen', 6, 1, 22, 14)),
    row('session, as the server noted', fill('session', 14, 0, 5, 16)), row('signed in, as the client believes', fill('signed-in', 14, 0, 5, 16)),
    row('a fault lasts', fill('fault-back', 0, 0, 34, 16)), row('reaped', fill('bad', 11, 3, 10, 10)), row('violation', fill('bad', 0, 6, 34, 4)))));
}
const samples = [];

function clientRow(state, index) {
  const [lane, client] = [run.lanes[index], state.clients[index]];
  const bound = state.bound.get(lane.jid);
  const list = [...client.list.keys()];
  const missing = client.believes ? [...state.directory.keys()].filter((jid) => !client.list.has(jid)) : [];
  const cell = make('td');
  // Of many, only those who differ from the directory are named.
  const named = list.length > 8 ? list.filter((jid) => !state.directory.has(jid)) : list;
  if (named !== list) cell.append(`${list.length} people `);
  named.forEach((jid) => cell.append(make('span', state.directory.has(jid) ? {} : { class: 'wrong', title: 'not in the directory' }, `${called(jid)} `)));
  missing.forEach((jid) => cell.append(make('span', { class: 'no', title: 'in the directory, and not seen yet' }, make('s', {}, called(jid)), ' ')));
  if (!list.length && !missing.length) cell.append('–');
  const life = client.frozen ? make('span', { class: 'icy' }, 'frozen') : make('span', { class: client.life === 'runs' ? '' : 'no' }, client.life);
  const disagree = (bound !== undefined) !== client.believes;
  return make('tr', {}, make('td', {}, lane.name, client.frozen || client.life !== 'runs' ? make('div', {}, life) : ''),
    make('td', { class: bound === undefined ? 'no' : '' }, bound === undefined ? '–' : `session ${bound}`),
    make('td', { class: state.directory.has(lane.jid) ? 'yes' : 'no' }, state.directory.has(lane.jid) ? 'in' : '–'),
    make('td', { class: disagree ? 'wrong' : client.believes ? 'yes' : 'no', title: disagree ? 'the server thinks otherwise' : undefined }, client.believes ? 'yes' : 'no'), cell);
}

const CLIENTS_SHOWN = 60;
function panel() {
  const state = stateAt(look.cursor);
  const server = state.clients[0];
  const parts = [];
  if (look.chosen) parts.push(card(look.chosen));
  parts.push(make('div', { class: 'clock' }, `${seconds(look.cursor)} s`,
    make('small', {}, `server ${server.frozen ? 'frozen' : server.life}, ${state.bound.size} bound, ${state.directory.size} in its directory`)));
  const rows = run.lanes.slice(1, CLIENTS_SHOWN).map((_, index) => clientRow(state, index + 1));
  const head = ['client', 'server has', 'directory', 'signed in?', 'its own list'];
  parts.push(make('h2', {}, 'Who is who at the cursor'), make('table', {}, make('tr', {}, ...head.map((text) => make('th', {}, text))), ...rows));
  const messages = [...state.messages.values()].slice(-12);
  if (messages.length) {
    parts.push(make('h2', {}, 'Messages'), make('table', { class: 'messages' }, ...messages.map((message) => make('tr', {},
      make('td', {}, `${laneName(message.from)} → ${message.to.replace('@example.net', '')}`), make('td', {}, message.text.slice(0, 80)),
      make('td', { class: message.state === 'failed' ? 'wrong' : 'yes' }, message.state),
      make('td', { class: message.shown > 1 ? 'wrong' : message.shown ? 'yes' : 'no' }, message.shown ? `shown ${message.shown > 1 ? `${message.shown} times` : ''}` : 'not shown')))));
  }
  parts.push(make('h2', {}, 'The log around the cursor'), log());
  element('moment').replaceChildren(...parts);
}

function card(arrow) {
  const way = arrow.read === null ? 'never read by the other end' : `read ${seconds(arrow.read)} s (${spell(arrow.read - arrow.written)})`;
  return make('div', { class: 'card' },
    make('header', {}, make('span', {}, `${laneName(arrow.from)} → ${arrow.to === null ? 'nobody' : laneName(arrow.to)}`), make('button', { title: 'close', onclick: () => choose(null) }, '✕')),
    make('p', {}, `written ${seconds(arrow.written)} s, ${way}; connection #${arrow.connection}, ${arrow.sealed ? 'within TLS' : 'in the clear'}`), pretty(arrow.text));
}

function log() {
  const after = firstFrom(run.lines, look.cursor + 1, (line) => line.at);
  const row = (line, state) => make('div', { class: state, onclick: () => goTo(line.at), title: line.text }, make('time', {}, seconds(line.at)),
    make('span', {}, laneName(line.lane)), make('span', {}, line.word),
    make('span', {}, line.word.startsWith('op') && run.operations[+line.text] ? run.operations[+line.text].text : line.text));
  return make('div', { class: 'log' }, ...run.lines.slice(Math.max(after - 20, 0), after).map((line) => row(line, line.at === look.cursor ? 'now' : '')),
    make('hr'), ...run.lines.slice(after, after + 14).map((line) => row(line, 'after')));
}
