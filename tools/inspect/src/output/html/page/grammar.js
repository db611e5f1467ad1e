// The filter's language, as on the command line: `kind=iq and to~"bob" and latency>50ms`. It is the same one (`src/filter`), with the same
// errors; a test asks both the same.
const LENGTH_OCTETS_MAX = 4096;
const DEPTH_MAX = 32;

// What is wrong with a filter, from where to where, and what may have been meant.
class Wrong extends Error {
  constructor(from, to, what, help = '') { super(what); [this.from, this.to, this.help] = [from, to, help]; }
}

// Of candidates the one that was most likely meant: less than half of its letters are another's, swapped or missing, or it is begun.
function nearest(typed, candidates) {
  const wanted = typed.toLowerCase().slice(0, 100);
  const distance = (one, other) => {
    const table = Array.from({ length: one.length + 1 }, (_, row) => [row, ...new Array(other.length).fill(0)]);
    table[0] = Array.from({ length: other.length + 1 }, (_, column) => column);
    for (let row = 1; row <= one.length; row += 1) {
      for (let column = 1; column <= other.length; column += 1) {
        const differs = Number(one[row - 1] !== other[column - 1]);
        table[row][column] = Math.min(table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + differs);
        if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) table[row][column] = Math.min(table[row][column], table[row - 2][column - 2] + 1);
      }
    }
    return table[one.length][other.length];
  };
  let best = [Infinity, ''];
  for (const candidate of candidates) {
    const letters = distance(wanted, candidate);
    const isNear = candidate.length === 2 ? letters <= 1 : letters * 2 < candidate.length;
    if ((isNear || (wanted.length >= 2 && candidate.startsWith(wanted))) && letters < best[0]) best = [letters, candidate];
  }
  return best[1] && `did you mean \`${best[1]}\`?`;
}

// Signs, those that begin like another one before it.
const SPELLINGS = [['==', '='], ['=~', '~'], ['=', '='], ['!=', '!='], ['!~', '!~'], ['!', 'not'], ['~', '~'], ['<=', '<='], ['<', '<'], ['>=', '>='], ['>', '>'], ['&&', 'and'], ['||', 'or'], ['(', '('], [')', ')']];
const OPERATORS = ['=', '!=', '~', '!~', '<', '<=', '>', '>='];
const ESCAPES = { '\\': '\\', '"': '"', "'": "'", n: '\n', r: '\r', t: '\t' };

function lex(text) {
  const found = [];
  let at = 0;
  const push = (kind, value, length) => { found.push({ kind, text: value, from: at, to: at + length }); at += length; };
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/u.exec(rest);
    const sign = SPELLINGS.find(([written]) => rest.startsWith(written));
    if (space) at += space[0].length;
    else if (sign) push(OPERATORS.includes(sign[1]) ? 'operator' : 'sign', sign[1], sign[0].length);
    else if (rest[0] === '"' || rest[0] === "'") {
      const quoted = (rest[0] === '"' ? /^"((?:[^"\\]|\\[^])*)"/ : /^'((?:[^'\\]|\\[^])*)'/).exec(rest);
      const inside = quoted ? quoted[1] : rest.slice(1);
      const odd = [...inside.matchAll(/\\([^])/gu)].find(([, char]) => !Object.hasOwn(ESCAPES, char));
      if (odd) throw new Wrong(at + 1 + odd.index, at + 1 + odd.index + odd[0].length, 'expected an escape (\\\\ \\" \\\' \\n \\r \\t), found another one', 'a backslash itself is `\\\\`; a regular expression stands between slashes: /…/');
      if (!quoted) throw new Wrong(at, text.length, `expected a closing ${rest[0]}, found the end`);
      push('quoted', inside.replace(/\\([^])/g, (_, char) => ESCAPES[char]), quoted[0].length);
    } else if (rest[0] === '/') {
      const pattern = /^\/((?:[^\/\\]|\\[^])*)\//.exec(rest);
      if (!pattern) throw new Wrong(at, text.length, 'expected a closing / of the regular expression, found the end', 'text that begins with a slash stands in quotes');
      push('pattern', pattern[1], pattern[0].length);
    } else {
      const word = /^[^\s()"'=!~<>&|]+/u.exec(rest);
      if (!word) throw new Wrong(at, at + 1, `expected \`${rest[0]}${rest[0]}\`, found a single \`${rest[0]}\``, `\`${rest[0]}\` as part of a value stands in quotes`);
      push('word', word[0], word[0].length);
    }
  }
  return found;
}

// From text to a function of an entry. `or` binds least, then `and`, then `not`. `ask` knows the fields.
class Parser {
  constructor(text, ask) {
    [this.text, this.ask, this.next] = [text, ask, 0];
    const length = new TextEncoder().encode(text).length;
    if (length > LENGTH_OCTETS_MAX) throw new Wrong(0, text.length, `expected at most ${LENGTH_OCTETS_MAX} octets, found ${length}`);
    this.tokens = lex(text);
  }

  parse() {
    const whole = this.any(0);
    if (this.peek()) this.expected('`and`, `or` or the end', this.take());
    return whole;
  }

  peek() { return this.tokens[this.next]; }
  take() { this.next += 1; return this.tokens[this.next - 1]; }
  is(name) { const token = this.peek(); return Boolean(token) && ((token.kind === 'sign' && token.text === name) || (token.kind === 'word' && token.text.toLowerCase() === name)); }
  takes(name) { return this.is(name) ? this.take() : null; }

  any(depth) {
    const parts = [this.all(depth)];
    while (this.takes('or')) parts.push(this.all(depth));
    return parts.length === 1 ? parts[0] : (entry) => parts.some((part) => part(entry));
  }

  all(depth) {
    const parts = [this.not(depth)];
    while (this.takes('and')) parts.push(this.not(depth));
    return parts.length === 1 ? parts[0] : (entry) => parts.every((part) => part(entry));
  }

  not(depth) {
    const deeper = (token) => { if (depth >= DEPTH_MAX) this.expected(`\`not\` and parentheses at most ${DEPTH_MAX} deep`, token); };
    const negation = this.takes('not');
    if (negation) {
      deeper(negation);
      const inner = this.not(depth + 1);
      return (entry) => !inner(entry);
    }
    if (!this.is('(')) return this.condition();
    deeper(this.take());
    const inner = this.any(depth + 1);
    const close = this.take();
    if (!close || close.kind !== 'sign' || close.text !== ')') this.expected('`and`, `or` or `)`', close);
    return inner;
  }

  condition() {
    if (!this.peek() || this.is('and') || this.is('or')) this.expected('a condition, such as kind=iq', this.take());
    const token = this.take();
    if (token.kind === 'quoted' || token.kind === 'pattern') return this.ask.text(this, 'text', '~', token);
    if (token.kind !== 'word') this.expected('a condition, such as kind=iq', token);
    const operator = this.peek();
    return operator && operator.kind === 'operator' ? this.ask.comparison(this, token, this.take()) : this.ask.bare(this, token);
  }

  found(from, to) { return from === to ? 'the end' : `\`${plain(this.text.slice(from, to)).slice(0, 40)}\``; }
  wrong(from, to, what, help) { throw new Wrong(from, to, what, help); }
  expected(what, token, help) {
    const [from, to] = token ? [token.from, token.to] : [this.text.length, this.text.length];
    this.wrong(from, to, `expected ${what}, found ${this.found(from, to)}`, help);
  }
}
