/**
 * Keeps a text in its usual spelling. Many token sequences give the same text, and the tokenizer writes one of them; a model
 * that draws freely now and then writes another (`Cost` `ert` for a name it knows as `Co` `st` `ert`), and then nobody who
 * sees the text can say how probable it was. So a token may come only if the sequence with it is how the tokenizer spells
 * some text. Every text has one spelling then: its probability is that of its tokens, exactly.
 *
 * Inside a piece a sequence is spelt right if every two neighbours are (Berglund and van der Merwe, "Formalizing BPE
 * Tokenization", 2023), so little has to be remembered: the tokens since the last edge that later text cannot move.
 */
import type { Possible } from '../../core/index.ts';
import { piecesOf, type Tokenizer } from './tokenizer.ts';

/** The tokens that decide what may follow. */
export type Tail = readonly number[];

export interface Spelling {
  /** The tail after one more token. */
  push(tail: Tail, token: number): Tail;
  /** Not 0 for a token that must not come next. */
  barred(tail: Tail): Uint8Array;
  /** What may come, token by token, for whoever looks ahead of the text. */
  possible(tail: Tail): Possible;
}

/** The tail of a text that has not begun. */
export const NO_TAIL: Tail = [];

export function createSpelling(tokenizer: Tokenizer): Spelling {
  const { binary, end, size, spell } = tokenizer;
  const known = new Map<string, Uint8Array>();
  const textOf = (ids: Tail): string => ids.map((id) => binary[id]).join('');

  /** Whether the tokens are the spelling of their text, or the beginning of one of a longer text. */
  const viable = (ids: Tail): boolean => {
    const text = textOf(ids);
    return endings(text).some((ending) => {
      const spelt = spell(text + ending);
      return ids.every((id, i) => spelt[i] === id);
    });
  };
  let alone: Uint8Array | undefined;
  const barredAlone = (): Uint8Array =>
    (alone ??= Uint8Array.from(binary, (text, id) => (text && viable([id]) ? 0 : 1)));

  const look = (tail: Tail): ((id: number) => boolean) => {
    const text = textOf(tail);
    const last = text.at(-1) ?? '';
    // After a letter, a digit or an ordinary sign whatever is of another kind begins a piece of its own.
    const kind = kindOf(last);
    const settled = last !== '' && kind !== 'space' && !text.startsWith("'") && last !== "'";
    const own = barredAlone();
    const bytes = openBytes(text);
    return (id) => {
      if (id === end) {
        const spelt = spell(text);
        return bytes.missing === 0 && spelt.length === tail.length && spelt.every((own, i) => own === tail[i]);
      }
      const next = binary[id] as string;
      if (next === '' || !follow(bytes, next)) return false;
      if (settled && (kind === 'digit' || kindOf(next.charAt(0)) !== kind)) return own[id] === 0;
      return viable([...tail, id]);
    };
  };
  const find = (tail: Tail): Uint8Array => {
    const may = look(tail);
    return Uint8Array.from(binary, (_, id) => (may(id) ? 0 : 1));
  };

  const futures = new Map<string, Possible>();
  const words: (Possible | undefined)[] = [];
  const endsWord = binary.map((text) => /^[^'\x80-\xff]*[A-Za-z]$/.test(text));
  const possible = (tail: Tail): Possible => {
    const key = tail.join();
    const before = futures.get(key);
    if (before) return before;
    const may = look(tail);
    const asked = new Map<number, boolean>();
    const next = new Map<number, Possible>();
    const plain = !textOf(tail).includes("'");
    const made: Possible = {
      may(token) {
        let answer = asked.get(token);
        if (answer === undefined) asked.set(token, (answer = may(token)));
        return answer;
      },
      push(token) {
        // After a token that ends in a letter only that token matters, but for an apostrophe's sake.
        if (plain && endsWord[token]) return (words[token] ??= possible([token]));
        let future = next.get(token);
        if (!future) next.set(token, (future = possible(push(tail, token))));
        return future;
      },
    };
    if (futures.size >= MOST_KNOWN) futures.clear();
    futures.set(key, made);
    return made;
  };

  const push = (tail: Tail, token: number): Tail => {
    if (!(token >= 0 && token < size)) throw new RangeError(`push: ${token} is no token; there are ${size}`);
    const ids = [...tail, token];
    const pieces = piecesOf(textOf(ids));
    const last = pieces.at(-1) ?? '';
    // An apostrophe and the letters behind it may still become one piece.
    const open = pieces.at(-2) === "'" && kindOf(last.charAt(0)) === 'letter' ? `'${last}` : last;
    let length = 0;
    let first = ids.length;
    while (first > 0 && length < open.length) length += (binary[ids[--first] as number] as string).length;
    const inWord = kindOf(open.slice(-1)) === 'letter' && !open.startsWith("'");
    if (!inWord) return ids.slice(first);
    // In a word only the last token matters, and all bytes of a character that is not whole.
    let count = 1;
    while (count < 4 && openBytes(textOf(ids.slice(-count))).stray) count++;
    const character = ids.slice(-count);
    return openBytes(textOf(character)).missing > 0 ? character : ids.slice(-1);
  };

  return {
    push,
    possible,
    barred(tail) {
      const key = tail.join();
      let barred = known.get(key);
      if (!barred) {
        barred = find(tail);
        if (known.size < MOST_KNOWN) known.set(key, barred);
      }
      return barred;
    },
  };
}

/**
 * Texts that may follow and tell whether a spelling can stand: nothing; behind spaces a letter, which takes the last of them
 * away (one that no merge knows); behind an apostrophe the rest of `'re`, `'ve` and `'ll`.
 */
function endings(text: string): readonly string[] {
  if (kindOf(text.slice(-1)) === 'space') return ['', '\xc3'];
  return text.slice(-3).includes("'") ? ['', 'e', 'l'] : [''];
}

function kindOf(letter: string): 'letter' | 'digit' | 'space' | 'sign' {
  if (/[A-Za-z\x80-\xff]/.test(letter)) return 'letter';
  if (/[0-9]/.test(letter)) return 'digit';
  return /[ \t-\r]/.test(letter) ? 'space' : 'sign';
}

/** Where in a character of UTF-8 a text stands: the bytes missing, and the bounds of the next one. */
interface Bytes {
  readonly missing: number;
  readonly least: number;
  readonly most: number;
  /** Whether the text begins within a character. */
  readonly stray?: boolean;
}

const WHOLE: Bytes = { missing: 0, least: 0, most: 0xff };

/** After a text of which the beginning may have been cut off: bytes that continue a character begin a whole one. */
function openBytes(binary: string): Bytes {
  const rest = binary.replace(/^[\x80-\xbf]+/, '');
  return { ...(follow(WHOLE, rest) ?? WHOLE), stray: rest !== binary };
}

/** After more bytes, `undefined` where no text has them. */
function follow(from: Bytes, binary: string): Bytes | undefined {
  let { missing, least, most } = from;
  for (let i = 0; i < binary.length; i++) {
    const byte = binary.charCodeAt(i);
    if (missing > 0) {
      if (byte < least || byte > most) return undefined;
      missing--;
      [least, most] = [0x80, 0xbf];
    } else if (byte >= 0x80) {
      if (byte < 0xc2 || byte > 0xf4) return undefined;
      missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      // No detours to a character, no halves of pairs, nothing beyond the last character.
      least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
      most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    }
  }
  return { missing, least, most };
}

const MOST_KNOWN = 20_000;
