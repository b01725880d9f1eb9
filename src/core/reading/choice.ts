/** Options of a question, and which of them a reply picks. */
import { answerOf, folded, isSame } from './equality.ts';
import { answerPart, boxedIn, claimsIn, taggedIn } from './claim.ts';
import { bare, undressed } from './plain.ts';
import { linesOf, sentencesOf, withoutClosing } from './sentence.ts';

/** An option as a question lists it. */
export interface Option {
  /** Its letter or number. */
  readonly label: string;
  readonly text: string;
}

const LABEL = /(?:^|[\s([*])\(?([A-Za-z]|\d{1,2})(?:\)|[.:](?=[\s*]))\**\s*/gm;

/** The options that a question lists: `A) …`, `(B) …`, `C. …`, one a line or one behind the other; none where it lists none. */
export function optionsIn(question: string): Option[] {
  const marks = [...question.matchAll(LABEL)];
  for (const first of ['A', 'a', '1']) {
    const chain: typeof marks = [];
    for (const mark of marks) {
      const next = String.fromCharCode(first.charCodeAt(0) + chain.length);
      if (mark[1] === next) chain.push(mark);
    }
    if (chain.length < 2) continue;
    return chain.map((mark, i) => {
      const text = question.slice(mark.index + mark[0].length, chain[i + 1]?.index);
      const [line = ''] = text.split('\n');
      return { label: (mark[1] as string).toUpperCase(), text: bare(line.trim()) };
    });
  }
  return [];
}

/** The label of the option that a reply picks; nothing where it picks none, two, or tells only which it is not. */
export function choiceIn(text: string, options: readonly Option[] = []): string | undefined {
  for (const claim of [boxedIn(text), taggedIn(text), ...claimsIn(text)]) {
    if (claim === undefined) continue;
    const told = bare(undressed(claim)).replace(/^(?:option|choice|letter|answer|alternative)\s+(?=\S)/i, '');
    return picked(told, options) ?? picked(answerPart(told), options) ?? named(answerPart(told), options);
  }
  const lines = linesOf(text).map(withoutClosing);
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  const ending = pickedAlone(last, options);
  const opening = pickedAlone(first, options);
  if (ending !== undefined && opening !== undefined && ending !== opening) return undefined;
  if (ending !== undefined || opening !== undefined) return ending ?? opening;
  const sentence = sentencesOf(last.slice(0, 2000)).at(-1) ?? '';
  if (DENIED.test(sentence)) return undefined;
  const chosen = [...sentence.matchAll(CHOSEN)].flatMap(([, letter = '']) => known(letter, options) ?? []);
  if (chosen.length > 0) return new Set(chosen).size === 1 ? chosen[0] : undefined;
  return named(sentence, options);
}

const CHOSEN =
  /(?:choose|select|pick|go with|going with|opt for|option|choice|alternative|answer|be|is)\s+[*_"]*\(?([A-Z]|\d{1,2})\)?(?![\p{L}\p{N}'’])(?!\s+\p{Ll})/gu;
const DENIED =
  /(?<!\p{L})(?:not|n['’]t|neither|nor|except|eliminate|rule out|maybe|perhaps|might|could|unsure|either)(?!\p{L})/iu;
/** What may stand behind the letter A where it is a letter and no article. */
const GOES_ON =
  /^\s+(?:because|since|as|is|was|and|or|which|but|for|due|seems|with|would|in|from|if|so|that|by|given|according|represents|correctly|best|means|describes|has|states)(?!\p{L})/iu;

const known = (label: string, options: readonly Option[]): string | undefined => {
  const upper = label.toUpperCase();
  return options.length === 0
    ? /^[A-Z]$/.test(upper)
      ? upper
      : undefined
    : options.find((one) => one.label === upper)?.label;
};

/** The label that a text begins with. Two of them are none. */
function picked(text: string, options: readonly Option[]): string | undefined {
  const [all = '', bracket, plain] =
    /^[*_"'\s]*(?:[([]([A-Za-z]|\d{1,2})[)\]]|([A-Za-z]|\d{1,2})(?![\p{L}\p{N}'’]|\.\d))/u.exec(text) ?? [];
  const letter = bracket ?? plain;
  if (letter === undefined) return undefined;
  const rest = text.slice(all.length).replace(/^[*_"'`]+/, '');
  if (/^\s*(?:or|and|,|\/|&|\+|-|to)\s*[*_"([]*(?:[A-Z]|\d{1,2})(?![\p{L}\p{N}'’])(?!\s+\p{Ll})/u.test(rest))
    return undefined;
  const isBare = bracket === undefined && !/^\s*(?:[).:,;\-–—]|$)/.test(rest);
  if (
    isBare &&
    (/^[a-z]$/.test(letter) ||
      /^\d/.test(letter) ||
      (letter === 'I' && rest !== '') ||
      (letter === 'A' && !GOES_ON.test(rest)))
  )
    return undefined;
  return known(letter, options);
}

/** The label of a line that says nothing else: `B`, `(B)`, `B) Paris`, `**B.** Paris`, `Paris`. */
function pickedAlone(line: string, options: readonly Option[]): string | undefined {
  const plain = bare(line).replace(/^(?:option|choice|answer|letter)\s+(?=\S)/i, '');
  const letter = picked(line, options) ?? picked(plain, options);
  const rest = plain.replace(/^[([]?(?:[A-Za-z]|\d{1,2})[)\].:\s*-]*/, '');
  if (
    letter !== undefined &&
    (rest === '' || /^[*_\s]*[([]?(?:[A-Z]|\d{1,2})\s*(?:[)\].:]|\*\*|[-–—,])/.test(line) || GOES_ON.test(` ${rest}`))
  )
    return letter;
  return options.find((one) => folded(one.text) === folded(plain) && plain !== '')?.label;
}

/** The one option whose text a sentence names. */
function named(sentence: string, options: readonly Option[]): string | undefined {
  const answer = answerOf(sentence);
  const equal = options.filter((one) => {
    const expected = answerOf(one.text);
    return answer && expected && isSame(answer, expected);
  });
  if (equal.length > 0) return equal.length === 1 ? equal[0]?.label : undefined;
  if (DENIED.test(sentence)) return undefined;
  const text = ` ${folded(sentence)} `;
  const found = options.filter((one) => contains(text, folded(one.text)));
  const longest = found.filter(
    (one) => !found.some((other) => other !== one && contains(` ${folded(other.text)} `, folded(one.text))),
  );
  return longest.length === 1 ? longest[0]?.label : undefined;
}

function contains(text: string, words: string): boolean {
  if (words === '') return false;
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
    if (
      !/[\p{L}\p{N}.]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
      !/^(?:[\p{L}\p{N}]|\.\d)/u.test(text.slice(at + words.length))
    )
      return true;
  }
  return false;
}
