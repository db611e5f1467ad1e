// The state at a moment, from the lines of the log up to it.
function stateAt(at) {
  const state = {
    clients: run.lanes.map(() => ({ life: 'not started', frozen: false, believes: false, list: new Map() })),
    bound: new Map(), directory: new Map(), messages: new Map(),
  };
  for (const line of run.lines) {
    if (line.at > at) break;
    if (line.lane !== null) take(state, line);
  }
  return state;
}

function take(state, line) {
  const client = state.clients[line.lane];
  const [first, second, third] = line.parts || [];
  switch (line.word) {
    case 'started':
      Object.assign(client, { life: 'runs', frozen: false, believes: false, list: new Map() });
      if (line.lane === 0) { state.bound.clear(); state.directory.clear(); }
      break;
    case 'finished': case 'killed':
      Object.assign(client, { life: line.word, frozen: false, believes: false, list: new Map() });
      if (line.lane === 0) { state.bound.clear(); state.directory.clear(); }
      break;
    case 'paused': client.frozen = true; break;
    case 'resumed': client.frozen = false; break;
    case 'signed-in': client.believes = true; break;
    case 'signed-out': client.believes = false; break;
    default: if (line.parts) takeParts(state, client, line, first, second, third);
  }
}

function takeParts(state, client, line, first, second, third) {
  switch (line.word) {
    case 'bound': state.bound.set(first, second); break;
    case 'ended': if (state.bound.get(first) === second) state.bound.delete(first); break;
    case 'entered': state.directory.set(first, second); break;
    case 'departed': case 'reaped': state.directory.delete(first); break;
    case 'saw-online': client.list.set(first, second); break;
    case 'saw-gone': client.list.delete(first); break;
    case 'sent': state.messages.set(second, { from: line.lane, to: first, text: third, state: 'written', shown: 0 }); break;
    case 'message': if (state.messages.has(first)) state.messages.get(first).state = second; break;
    case 'shown': if (state.messages.has(second)) state.messages.get(second).shown += 1; break;
  }
}
