// XML, indented and coloured, as elements that only hold text; and octets that are no text.
//
// The most parts that are coloured; what is longer is shown as it is.
const PARTS_MAX = 20000;

function pretty(text) {
  const out = make('pre', { class: 'xml' });
  const parts = text.match(/<!-{2}[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<(?:[^"'<>]|"[^"]*"|'[^']*')*>|[^<]+|</g) || [];
  let depth = 0;
  let before = '';
  parts.slice(0, PARTS_MAX).forEach((part, index) => {
    const isTag = /^<[^]*>$/.test(part) && !part.startsWith('<![');
    const isEnd = part.startsWith('</');
    if (isEnd) depth = Math.max(depth - 1, 0);
    // A tag begins a line, but not after text, and an end not right after its beginning.
    if (index > 0 && isTag && before !== 'text' && !(isEnd && before === 'start')) out.append(`\n${'  '.repeat(Math.min(depth, 40))}`);
    if (isTag) colour(out, part);
    else out.append(part.trim() ? said(part) : spaces(part));
    before = !isTag ? 'text' : isEnd || part.endsWith('/>') || /^<[?!]/.test(part) ? 'end' : 'start';
    if (before === 'start' && !/^<(?:\w+:)?stream[\s>]/.test(part)) depth += 1;
  });
  if (parts.length > PARTS_MAX) out.append(said(parts.slice(PARTS_MAX).join('')));
  return out;
}

// White space between elements is something that was said, too: a keep-alive.
const SPACES = { ' ': 'space', '\t': 'tab', '\n': 'LF', '\r': 'CR' };
function spaces(text) {
  const out = make('span', {});
  for (const [run, char] of text.matchAll(/(.)\1*/gs)) out.append(make('i', { class: 'unseen' }, `${SPACES[char] || shape(char)}${run.length > 1 ? ` ×${run.length}` : ''}`), ' ');
  return out;
}

function colour(out, tag) {
  const parts = /^(<[\/?!]?[^\s\/>?]*)([^]*?)([\/?]?>)$/.exec(tag);
  if (!parts || tag.startsWith('<!')) { out.append(make('span', { class: 'faint' }, said(tag))); return; }
  out.append(make('span', { class: 'tag' }, said(parts[1])));
  for (const [, space, name, value] of parts[2].matchAll(/(\s*)([^\s=]+)((?:\s*=\s*(?:"[^"]*"|'[^']*'))?)/g)) {
    out.append(space, make('span', { class: 'attribute' }, said(name)));
    if (value) out.append('=', make('span', { class: /^xmlns/.test(name) ? 'namespace' : 'value' }, said(value.replace(/^\s*=\s*/, ''))));
  }
  out.append(make('span', { class: 'tag' }, said(parts[3])));
}

// Octets in rows of sixteen, as a dump has them.
function dump(base64) {
  const octets = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const lines = [];
  for (let at = 0; at < octets.length; at += 16) {
    const row = [...octets.slice(at, at + 16)];
    const hex = row.map((octet) => octet.toString(16).padStart(2, '0')).join(' ').padEnd(48);
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex} ${row.map((octet) => (octet > 0x1f && octet < 0x7f ? String.fromCharCode(octet) : '·')).join('')}`);
  }
  return make('pre', { class: 'xml dump' }, lines.join('\n'));
}
