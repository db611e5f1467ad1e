// XML, indented and coloured, as elements that only hold text.
function pretty(text) {
  const out = make('pre');
  const tokens = text.match(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<(?:[^"'>]|"[^"]*"|'[^']*')*>|[^<]+|</g) || [];
  let depth = 0;
  let before = '';
  tokens.forEach((token, index) => {
    const isEnd = token.startsWith('</');
    const isTag = token.startsWith('<') && token.length > 1;
    if (isEnd) depth = Math.max(depth - 1, 0);
    // A tag begins a line, but not after text, and an end not right after its beginning.
    const breaks = isTag ? before !== 'text' && !(isEnd && before === 'start') : false;
    if (index > 0 && breaks) out.append('\n' + '  '.repeat(depth));
    if (isTag) colour(out, token); else out.append(token.trim() ? token : visible(token));
    before = !isTag ? 'text' : isEnd || token.endsWith('/>') || /^<[?!]/.test(token) ? 'end' : 'start';
    if (before === 'start' && !token.startsWith('<stream:stream')) depth += 1;
  });
  return out;
}

const visible = (space) => space.replace(/ /g, '␠').replace(/\n/g, '⏎').replace(/\t/g, '⇥');

function colour(out, tag) {
  const parts = tag.match(/^(<\/?[^\s\/>]*)([^]*?)(\/?>)$/);
  if (!parts) { out.append(tag); return; }
  out.append(make('span', { class: 'tag' }, parts[1]));
  for (const [all, space, name, value] of parts[2].matchAll(/(\s*)([^\s=]+)(=(?:"[^"]*"|'[^']*'))?/g)) {
    if (!all) continue;
    out.append(space, make('span', { class: 'attribute' }, name));
    if (value) out.append('=', make('span', { class: 'value' }, value.slice(1)));
  }
  out.append(make('span', { class: 'tag' }, parts[3]));
}
