// Everything else that a report says, for those who want to know; then the whole page is put together.
function table(head, rows) {
  const isText = (index) => (head[index].endsWith('*') ? 'text' : undefined);
  return make('div', { class: 'scroll' }, make('table', {}, make('tr', {}, ...head.map((name, index) => make('th', { class: isText(index) }, name.replace('*', '')))),
    ...rows.map((row) => make('tr', {}, ...row.map((value, index) => make('td', { class: isText(index) }, value))))));
}
const or = (value, write) => (isNumber(value) ? write(value) : '–');

function details(run) {
  const { report } = run;
  const { target, machine, sessions, generator, audit, server } = report;
  const ms = (us) => or(us, (value) => figure(value / 1000));
  const operations = Object.entries(report.operations).map(([name, each]) => {
    const times = each.latency_us || {};
    return [name, whole(each.completed), whole(each.failed), whole(each.timed_out), figure(each.per_s), ...['p50', 'p90', 'p99', 'p99_9', 'p99_99', 'max'].map((key) => ms(times[key])), or(each.octets_out_each, figure), or(each.octets_in_each, figure)];
  });
  const parts = [alone ? '' : reasons(run), make('h2', {}, 'Operations'), table(['', 'completed', 'failed', 'timed out', '/s', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'p99.99 ms', 'max ms', 'out B', 'in B'], operations)];
  if (server) {
    const grown = (before, after) => `${or(before, (size) => words(bytes(size)))} → ${or(after, (size) => words(bytes(size)))}`;
    parts.push(make('h2', {}, 'Server'), table(['process', 'user s', 'system s', 'RSS', 'PSS', 'threads', 'files'], server.processes.map(({ name, pid, user_s, system_s, memory, threads, open_files }) => [`${name} ${pid}`, figure(user_s), figure(system_s),
      grown(memory.rss_bytes_before, memory.rss_bytes_after), grown(memory.pss_bytes_before, memory.pss_bytes_after), whole(threads), or(open_files, whole)])));
  }
  if (report.flaws.length) parts.push(make('h2', {}, 'What went wrong'), table(['', 'times', 'measured', 'first at', 'example*'], report.flaws.map((flaw) => [flaw.name, whole(flaw.times), whole(flaw.times_measured), `${figure(flaw.first_at_s)} s`, flaw.example])));
  if (audit) {
    parts.push(make('h2', {}, 'Every message'), table(['pairs', 'sent', 'delivered', 'given back', 'lost', 'twice', 'out of order', 'altered'], [['pairs', 'sent', 'delivered', 'returned', 'lost', 'doubled', 'reordered', 'altered'].map((key) => whole(audit[key] || 0))]));
    if (audit.findings.length) parts.push(make('ul', { class: 'reasons' }, ...audit.findings.map((finding) => make('li', {}, finding))));
  }
  const late = run.main && run.main.late_us;
  const facts = [
    ['target', `${target.domain} at ${target.address}, ${target.encryption}, ${target.mechanism}`],
    ['parameters', parameters(report.scenario.parameters)],
    ['sessions', `${whole(sessions.most)} of ${whole(sessions.wanted)} at a time, ${whole(sessions.signed_in)} sign-ins, ${whole(sessions.lost)} lost`],
    ['generator', `workers ${generator.workers.map((worker) => figure(worker.cpu_percent)).join(', ')} % of a core; ${or(generator.memory.bytes_per_session, (size) => `${words(bytes(size))} per session; `)}machine ${or(generator.machine_percent, figure)} % busy${late ? `; began late by ${words(time(late.p50))} (p50), ${words(time(late.p99))} (p99), ${words(time(late.max))} (max)` : ''}`],
    ['machine', `${machine.cores} × ${machine.cpu}, ${words(bytes(machine.memory_bytes))}, Linux ${machine.kernel}`],
    ['measured', `for ${figure(report.measured_s)} s, begun ${report.started}, with ${report.tool}`],
  ];
  parts.push(make('h2', {}, 'Circumstances'), make('dl', {}, ...facts.flatMap(([name, text]) => [make('dt', {}, name), make('dd', {}, text)])));
  element('details').append(make('details', alone ? { open: '' } : {}, make('summary', {}, alone ? 'All figures' : run.label), ...parts));
}

headline();
figures();
throughput();
failures();
latencies();
distributions();
resources();
element('details').append(make('h2', {}, 'In full'));
runs.forEach(details);
element('notes').append('Figures are those of the measured phase, which is shaded; times over the plots count from its beginning. Latencies count from when an operation was meant to begin. CPU is user and system time of the server’s processes.');
redraw();
window.addEventListener('resize', redraw);
