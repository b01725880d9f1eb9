/** What counts as the same answer: by value for numbers, by letter for options, by letters and words for texts. */
import { canonicalJson } from '../calls/journal.ts';
import { parsed } from './json.ts';
import { mathOf } from './numbers/math.ts';
import { quantityOf } from './numbers/number.ts';
import { bare, plainSigns } from './plain.ts';
import { verdictIn } from './forms/verdict.ts';

/** What an answer is: how it is read and when two are the same. */
export const ANSWER_KINDS = ['auto', 'text', 'choice', 'number', 'math', 'boolean', 'json', 'code'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** An answer that was read. */
export interface FinalAnswer {
  /** As it is shown: without what sets it off. */
  readonly text: string;
  /** Answers that are not of one base are not the same. */
  readonly base: string;
  /** A unit, or whatever else tells answers of one base apart. One that has none goes with any. */
  readonly mark: string;
}

/**
 * Whether two answers mean the same, where the caller or a library knows more than this file: `undefined` leaves it to this file.
 * It must say of `a, b` what it says of `b, a`.
 */
export type Equality = (a: string, b: string) => boolean | undefined;

/** The answer that a text is, all of it: an expected answer, or what stands behind "Answer:". Nothing for an empty one. */
export function answerOf(text: string, kind: AnswerKind = 'auto'): FinalAnswer | undefined {
  const plain = bare(text);
  const literal = QUOTED.exec(text)?.[2];
  // A text that is quoted says something, though it may be empty, or nothing but marks.
  if (plain === '' && literal !== undefined && (kind === 'auto' || kind === 'text'))
    return { text: text.trim(), base: `q:${literal}`, mark: '' };
  if (plain === '' || (/^(?:\\boxed\{\s*\}|[\s?.…_$-]*)$/.test(plain) && !/^["'`]/.test(text.trim()))) return undefined;
  const shown = shownAs(plain);
  switch (kind) {
    case 'number': {
      const found = quantityOf(text, { comma: true, words: true });
      return found && { text: found.value, base: `n:${found.value}`, mark: found.isKnown ? found.unit : '' };
    }
    case 'boolean': {
      const verdict = verdictIn(plain);
      return verdict === undefined ? undefined : { text: shown, base: `b:${verdict}`, mark: '' };
    }
    case 'json': {
      const value = parsed(text);
      return value === undefined
        ? undefined
        : { text: canonicalJson(value), base: `j:${canonicalJson(value)}`, mark: '' };
    }
    case 'code':
      return {
        text: text.trimEnd(),
        base: `p:${text
          .trim()
          .split('\n')
          .map((line) => line.trimEnd())
          .join('\n')}`,
        mark: '',
      };
    case 'math':
      return { text: shown, ...mathBase(text) };
    case 'choice':
    case 'auto':
    case 'text':
      return { text: shown, ...textBase(text, plain, kind) };
  }
}

function textBase(text: string, plain: string, kind: 'auto' | 'choice' | 'text'): Omit<FinalAnswer, 'text'> {
  const quoted = QUOTED.exec(text)?.[2];
  const isSpelled = quoted !== undefined && /^(?:0\d|\p{L}$)/u.test(quoted); // `'o'` is not `'O'`, nor `"08"` 8
  const found = kind === 'auto' && !isSpelled ? quantityOf(text) : undefined;
  if (found) return { base: `n:${found.value}`, mark: found.unit };
  if (kind === 'auto' && (/[\\^√π∞±∪²³]/.test(plain) || /^[a-z]\s*=\s*[-+]?[\d.,/]+$/.test(plain)))
    return mathBase(text);
  const [, bracketed, lone, words] = (kind !== 'text' && !isSpelled && OPTION.exec(plain)) || [];
  const letter = bracketed ?? lone;
  if (letter !== undefined)
    return { base: `t:${letter.toLowerCase()}`, mark: words === undefined ? '' : folded(words) };
  return { base: `t:${folded(plain)}`, mark: quoted ?? '' };
}

/** A literal in quotes. */
const QUOTED = /^[\s`*]*(["'])(.*)\1[\s.`*]*$/s;

/** `B`, `(B)`, `B) Paris`, `B. Paris`: a letter, and what it stands for. */
const OPTION = /^(?:\(([A-Za-z])\)|([A-Z])(?=[).:\s]|$))(?:\)?[.:]?\s+(?<=[).:]\s+)(.+))?$/s;

/** Words in one spelling: Unicode form, case, blanks and edge punctuation. */
export function folded(text: string): string {
  return bare(plainSigns(text))
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu, '"')
    .replaceAll(/(?<=[^\p{L}\p{N}\s]) | (?=[^\p{L}\p{N}\s'"])/gu, '')
    .replace(/[?…]+$/, '');
}

/** `x = 5`, `f(x) = 5` and `x ∈ (0, 1)`: what is named, and what it is. */
const NAMED = /^[\s$*]*((?:[A-Za-z]|\\[a-z]+)(?:_\w)?(?:\([A-Za-z]\))?)\s*(?:=|\\in(?![A-Za-z])|∈)\s*(?=\S[^=<>]*$)/;
const LETTERED = /^(?:\\text\w*\s*\{)?\s*\p{L}[\p{L}\s'-]+\}?$/u;

/** Words stay words in mathematics: `\\text{Evelyn}` is `Evelyn`, in any case; a small letter is a variable. */
function mathBase(text: string): Omit<FinalAnswer, 'text'> {
  const whole = bare(text);
  const [prefix = '', name = ''] = NAMED.exec(whole) ?? [];
  const rest = prefix === '' ? text : whole.slice(prefix.length);
  const found = quantityOf(rest, { algebra: true });
  if (found) return { base: `n:${found.value}`, mark: found.unit || (name && `=${name}`) };
  const [plain, math] = [bare(rest), mathOf(rest)];
  const isWord = (LETTERED.test(plain) && /^\p{L}{2,}$/u.test(math)) || /^[A-Z]$/.test(math);
  return { base: isWord ? `t:${folded(math)}` : `m:${math}`, mark: name && `=${name}` };
}

/** Without commas between thousands and zeros that say nothing: how a plain number is shown. */
function shownAs(plain: string): string {
  const text = plain.replaceAll(/\s+/g, ' ').replace(/^\$(?=[\d.,]+$)/, '');
  return /^[-+]?[\d,]*\.?\d+$/.test(text) ? (quantityOf(text)?.value ?? text) : text;
}

/** Whether two answers are the same. Decimals of numbers without an end may be rounded in the seventh digit. */
export function isSame(a: FinalAnswer, b: FinalAnswer, equality?: Equality): boolean {
  const known = equality?.(a.text, b.text);
  if (known !== undefined) return known;
  if (a.base === b.base) return a.mark === b.mark || a.mark === '' || b.mark === '';
  if (!a.base.startsWith('n:') || !b.base.startsWith('n:')) return false;
  const [x, y] = [Number(a.base.slice(2)), Number(b.base.slice(2))];
  if (a.mark !== b.mark && a.mark !== '' && b.mark !== '') return false;
  return (
    near(x, y) ||
    (a.mark === '%' && b.mark === '' && near(x / 100, y)) ||
    (b.mark === '%' && a.mark === '' && near(x, y / 100))
  );
}

function near(x: number, y: number): boolean {
  if (Number.isInteger(x) && Number.isInteger(y)) return x === y && Number.isSafeInteger(x);
  return Math.abs(x - y) <= 1e-6 * Math.max(Math.abs(x), Math.abs(y));
}

/** Which answers are one class, as far as they are known. A later one may join two classes. */
export interface Spellings {
  add(answer: FinalAnswer): void;
  keyOf(answer: FinalAnswer): string;
  /** Whether an answer of this base has this mark. */
  has(base: string, mark: string): boolean;
}

/** An answer without a mark goes with the mark that most of its base have; of equals, with the one seen first. */
export function spellings(): Spellings {
  const bases = new Map<
    string,
    { most: string; readonly marks: Map<string, { count: number; readonly at: number }> }
  >();
  const has = (base: string, mark: string): boolean => bases.get(base)?.marks.has(mark) ?? false;
  return {
    has,
    add({ base, mark }) {
      if (mark === '') return;
      const of = bases.get(base) ?? { most: mark, marks: new Map<string, { count: number; readonly at: number }>() };
      bases.set(base, of);
      const own = of.marks.get(mark) ?? { count: 0, at: of.marks.size };
      of.marks.set(mark, own);
      own.count++;
      const top = of.marks.get(of.most) ?? own;
      if (own.count > top.count || (own.count === top.count && own.at < top.at)) of.most = mark;
    },
    keyOf({ base, mark, text }) {
      if (mark !== '') return `${base}\u0000${mark}`;
      if (has(base, text)) return `${base}\u0000${text}`; // a literal, spelled exactly so
      const most = bases.get(base)?.most ?? '';
      const percent = most === '' ? percentOf(base) : '';
      return percent !== '' && has(percent, '%') ? `${percent}\u0000%` : `${base}\u0000${most}`;
    },
  };
}

/** The base of a number in percent, or nothing: .5 is 50 %. */
export function percentOf(base: string): string {
  return base.startsWith('n:') ? `n:${Number((100 * Number(base.slice(2))).toPrecision(15))}` : '';
}

/**
 * Answers as votes: each by the text its class is shown as, `null` for those that abstain. Same texts are same answers. An
 * answer without a unit goes with the unit that most of its value have. A class is shown as most of it are spelled; where
 * spellings are tied, a number is shown by its value, anything else as it was first spelled. Linear, but for an `equality`, which is
 * asked about each pair of classes.
 */
export function classesOf(answers: readonly (FinalAnswer | undefined)[], equality?: Equality): (string | null)[] {
  const known = spellings();
  for (const answer of answers) if (answer) known.add(answer);
  const classes = new Map<string, FinalAnswer[]>();
  const keys = answers.map((answer) => {
    if (!answer) return undefined;
    const own = known.keyOf(answer);
    const key =
      classes.has(own) || !equality
        ? own
        : ([...classes].find(([, [first]]) => first && equality(first.text, answer.text))?.[0] ?? own);
    const members = classes.get(key);
    if (members) members.push(answer);
    else classes.set(key, [answer]);
    return key;
  });
  const shown = new Map<string, string>();
  const taken = new Set<string>();
  for (const [key, members] of classes) {
    const text = shownOf(members);
    shown.set(key, taken.has(text) ? `${text} (${key.slice(key.indexOf('\u0000') + 1)})` : text);
    taken.add(text);
  }
  return keys.map((key) => (key === undefined ? null : (shown.get(key) ?? null)));
}

function shownOf(members: readonly FinalAnswer[]): string {
  const counts = new Map<string, number>();
  for (const { text } of members) counts.set(text, (counts.get(text) ?? 0) + 1);
  const top = Math.max(...counts.values());
  const tied = [...counts].filter(([, count]) => count === top);
  const [first] = members;
  return tied.length > 1 && first?.base.startsWith('n:') && !members.some(({ mark }) => mark === '%')
    ? first.base.slice(2)
    : (tied[0]?.[0] ?? '');
}
