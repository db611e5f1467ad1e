// What belongs together: a request and its answers, joined by a bracket as long as the latency, and sightings of one message.
const overlay = draw('svg', { id: 'bracket', 'aria-hidden': 'true' });

// The numbers of a request and its answers, if this is one of them.
function exchange(entry) {
  const request = answered.has(entry.n) ? entry.n : entry.answers ? entry.answers[0] : null;
  return request === null ? [] : [request, ...(answered.get(request) || [])];
}

// The numbers of all sightings of what this is.
function copies(entry) {
  const first = entry.seen ? entry.seen[0] : entry.n;
  return sightings.has(first) ? [first, ...sightings.get(first)] : [];
}

function relate(entry) {
  overlay.replaceChildren();
  look.related = new Set(entry ? [...exchange(entry), ...copies(entry)] : []);
  refreshClasses();
  if (!entry) return;
  const [request, ...answers] = exchange(entry).map((n) => byNumber.get(n)).filter(Boolean);
  if (!request || !look.place.has(request) || request.connection === undefined) return;
  const across = Math.sign(x(hearer(request)) - x(speaker(request))) || 1;
  const left = AXIS + x(speaker(request)) - 9 * across;
  for (const answer of answers.slice(0, 20)) {
    if (!look.place.has(answer)) continue;
    const [top, bottom] = [y(look.place.get(request)), y(look.place.get(answer))];
    overlay.append(draw('path', { d: `M${left + 6 * across} ${top}H${left}V${bottom}H${left + 6 * across}` }));
    const time = latency(answer);
    if (time === null) continue;
    // In the middle of what is in sight of it.
    const [from, to] = look.isPrinting ? [top, bottom] : [Math.max(top, stage.scrollTop), Math.min(bottom, stage.scrollTop + stage.clientHeight - 60)];
    const text = draw('text', { x: left - 5 * across, y: (from + to) / 2 + 4, 'text-anchor': across > 0 ? 'end' : 'start' }, spell(time));
    overlay.append(text);
  }
}

// The card beside the pointer.
function card(entry) {
  const facts = [
    [`#${entry.n}`, since(entry) ? `${since(entry)} s` : 'no time'],
    ['octets', whole(entry.octets)],
    ['connection', entry.connection === undefined ? 'none' : `#${entry.connection}, ${entry.tls ? 'in TLS' : 'in the clear'}`],
  ];
  if (latency(entry) !== null) facts.push(['latency', `${spell(latency(entry))} after #${entry.answers[0]}`]);
  for (const n of answered.get(entry.n) || []) if (byNumber.has(n)) facts.push(['answered', `by #${n}${latency(byNumber.get(n)) === null ? '' : ` after ${spell(latency(byNumber.get(n)))}`}`]);
  if (entry.seen) facts.push(['seen before', `#${entry.seen[0]}${entry.seen[1] === null ? '' : `, ${spell(entry.seen[1])} ago`}`]);
  return [make('p', {}, say(way(entry))), make('dl', {}, ...facts.slice(0, 8).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)])),
    ...(entry.findings || []).slice(0, 3).map(({ severity, found }) => make('p', { class: `is-${severity}` }, `${SIGNS[severity]} `, said(found.slice(0, 200))))];
}
const say = (text) => text || 'about the whole';

let hovered = null;
function hover(event) {
  const row = event.target.closest ? event.target.closest('.row') : null;
  const entry = row ? byNumber.get(Number(row.id.slice(1))) : null;
  if (entry !== hovered) {
    hovered = entry;
    relate(entry || look.chosen);
    if (entry) element('tip').replaceChildren(...card(entry));
  }
  const box = element('tip');
  box.hidden = !entry;
  if (!entry) return;
  box.style.left = `${Math.max(Math.min(event.clientX + 18, stage.getBoundingClientRect().right - box.offsetWidth - 10), 4)}px`;
  const below = event.clientY + 20;
  box.style.top = `${below + box.offsetHeight > window.innerHeight - 6 ? event.clientY - box.offsetHeight - 14 : below}px`;
}

function unhover() {
  hovered = null;
  element('tip').hidden = true;
  relate(look.chosen);
}
