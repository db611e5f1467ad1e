// Small things that everything else needs: elements, and text that hides nothing.
const element = (id) => document.getElementById(id);

// Makes an element. Children that are strings are ours or plain; what comes from a capture goes through `said`.
function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return made;
}

function draw(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Characters that are not seen, or that change where others are seen. U+200D within an emoji is left alone.
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Co}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]|(?!\u200d)\p{Cf}|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d/gu;

function shape(char) {
  return `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

// Text from a capture as nodes: what would not be seen is, and nothing in it turns its surroundings around.
function said(text) {
  const out = make('bdi', {});
  let last = 0;
  for (const found of text.matchAll(UNSEEN)) {
    out.append(text.slice(last, found.index), make('i', { class: 'unseen' }, shape(found[0])));
    last = found.index + found[0].length;
  }
  out.append(text.slice(last));
  return out;
}
// The same where only a string will do.
const plain = (text) => text.replace(UNSEEN, (char) => `⟨${shape(char)}⟩`).replace(/[\n\t]+/g, ' ');

const whole = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
const count = (number, one, many) => `${whole(number)} ${number === 1 ? one : many || `${one}s`}`;

// Nanoseconds in words, with three figures.
function spell(ns) {
  const size = Math.abs(ns);
  const [unit, each] = size < 1e3 ? ['ns', 1] : size < 1e6 ? ['µs', 1e3] : size < 1e9 ? ['ms', 1e6] : ['s', 1e9];
  if (size >= 3600e9) return `${Math.floor(ns / 3600e9)} h ${Math.round((ns % 3600e9) / 60e9)} min`;
  if (size >= 120e9) return `${Math.floor(ns / 60e9)} min ${Math.round((ns % 60e9) / 1e9)} s`;
  return `${+(ns / each).toPrecision(3)} ${unit}`;
}

// The first place in a sorted array whose value is above `limit`.
function firstAbove(array, limit) {
  let [low, high] = [0, array.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (array[middle] <= limit) low = middle + 1; else high = middle;
  }
  return low;
}
