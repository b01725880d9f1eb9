/** The final answer of a reply, by what kind of answer it is. Nothing where the reply has none. */
import { canonicalJson } from '../calls/journal.ts';
import { choiceIn, optionsIn } from './choice.ts';
import { answerPart, boxedIn, claimsIn, taggedIn } from './claim.ts';
import { programIn } from './forms/code.ts';
import { answerOf, type FinalAnswer, type AnswerKind } from './equality.ts';
import { jsonIn, pointed } from './json.ts';
import { numbersIn, quantityOf } from './numbers/number.ts';
import { bare } from './plain.ts';
import { linesOf, sentencesOf, withoutClosing } from './sentence.ts';
import { said } from './thoughts.ts';
import { verdictIn } from './forms/verdict.ts';

/**
 * Reads the answer of a reply in a way of the caller's own. Nothing, `null` or an empty text abstains; anything but a text is
 * compared as JSON.
 */
export type AnswerReader = (reply: string, question: string) => unknown;
/** A kind, `boxed` and `answer` (what stands in a box or behind "answer" alone), or a pointer into JSON: `json:/answer`. */
export type AnswerFormat = AnswerKind | 'answer' | 'boxed' | `json:${string}` | AnswerReader;

/**
 * The answer that a reply comes to. A box, a tag `<answer>` and "the answer is" come before everything else, and a sentence
 * that goes on behind the answer does not change it. Options are those the question lists. Linear in the length of the reply.
 */
export function readAnswer(reply: string, format: AnswerFormat = 'auto', question = ''): FinalAnswer | undefined {
  if (typeof format === 'function') return valueAnswer(format(reply, question));
  const text = said(reply);
  if (format.startsWith('json')) return jsonAnswer(text, format.slice(5));
  switch (format) {
    case 'text':
      return answerOf(text, 'text');
    case 'answer':
      return first(claimsIn(text).map(answerPart), 'auto');
    case 'boxed':
      return first([boxedIn(text) ?? ''], 'math');
    case 'number':
      return numberAnswer(text);
    case 'boolean': {
      const verdict = verdictIn(text);
      return verdict === undefined ? undefined : answerOf(verdict ? 'yes' : 'no', 'boolean');
    }
    case 'choice': {
      const label = choiceIn(text, optionsIn(question));
      return label === undefined ? undefined : answerOf(label, 'choice');
    }
    case 'code': {
      const program = programIn(text);
      return program === undefined ? undefined : answerOf(program, 'code');
    }
    case 'math':
      return claimed(text).length > 0 ? first(claimed(text), 'math') : mathLine(text);
    default:
      return autoAnswer(text, question);
  }
}

/** What a reply says its answer is: a box, which holds nothing else, a tag, then what sentences claim. */
function claimed(text: string): string[] {
  const own = [boxedIn(text), taggedIn(text)].filter((claim) => claim !== undefined);
  return [...own, ...claimsIn(text).map((claim) => answerPart(claim))];
}

/** The first of some claims that there is. One that is there and says nothing is none. */
function first(claims: readonly string[], kind: AnswerKind): FinalAnswer | undefined {
  for (const claim of claims) {
    const answer = answerOf(claim, kind);
    if (answer) return answer;
  }
  return undefined;
}

function autoAnswer(text: string, question: string): FinalAnswer | undefined {
  const options = optionsIn(question);
  const label = options.length > 1 ? choiceIn(text, options) : undefined;
  if (label !== undefined) return answerOf(label, 'choice');
  const claims = claimed(text);
  return claims.length > 0 ? first(claims, 'auto') : plainAnswer(text);
}

const MOST_PLAIN = 200;
const MOST_MATH = 1000;
const LEAD =
  /^(?:(?:so|thus|therefore|hence|and|then|ok(?:ay)?|well)[,:]?\s+)?(?:(?:it|this|that)(?:\s+is|['’]s|\s+equals)\s+|we (?:get|have|obtain)\s+|=\s*)?/i;

/** A text that is nothing but an answer: one short line, or a last line that is a value. */
function plainAnswer(text: string): FinalAnswer | undefined {
  const lines = linesOf(text);
  const line = withoutClosing(lines.at(-1) ?? '');
  const value = valueLine(line);
  if (value !== undefined && !(lines.length > 1 && valueLine(lines.at(-2) ?? ''))) return value;
  return lines.length === 1 && line.length <= MOST_PLAIN ? answerOf(line) : undefined;
}

function valueLine(line: string): FinalAnswer | undefined {
  if (line.length > MOST_PLAIN) return undefined;
  const part = answerPart(line.replace(LEAD, ''));
  const plain = bare(part);
  const isSetOff = /^(?:\*\*|\$|\\[([]|`)/.test(line) && bare(line) === plain;
  return isSetOff || quantityOf(part) || /^\(?[A-Z]\)?$/.test(plain) || /^(?:yes|no|true|false)$/i.test(plain)
    ? answerOf(part)
    : undefined;
}

function mathLine(text: string): FinalAnswer | undefined {
  const lines = linesOf(text);
  const line = withoutClosing(lines.at(-1)?.slice(-MOST_MATH) ?? '');
  const display = [...line.matchAll(/\$\$?([^$]+)\$\$?|\\[([](.+?)\\[)\]]/g)].at(-1);
  const inner = display?.[1] ?? display?.[2];
  const value =
    valueLine(line) ??
    (lines.length === 1 && line.length <= MOST_PLAIN && !/\p{L}{3,}.*\s\p{L}{3,}/u.test(line)
      ? answerOf(line)
      : undefined);
  const found = inner ?? value?.text;
  return found === undefined
    ? undefined
    : answerOf(found.split('=').length === 2 ? (found.split('=')[1] ?? found) : found, 'math');
}

const HEDGED =
  /(?<!\p{L})(?:maybe|perhaps|might|could|not sure|unsure|don['’]t know|guess|possibly|either|unclear|cannot|can['’]t)(?!\p{L})/iu;

function numberAnswer(text: string): FinalAnswer | undefined {
  const claims = claimed(text);
  if (claims.length > 0) return numberPart(claims.find((claim) => claim !== '') ?? '');
  const line = withoutClosing(linesOf(text).at(-1) ?? '');
  const sentence = sentencesOf(line.slice(-1000)).findLast((one) => /\p{Nd}/u.test(one)) ?? line.slice(-1000);
  return HEDGED.test(sentence)
    ? undefined
    : (numberOf(line.replace(LEAD, '')) ?? numberPart(sentence.includes('=') ? sentence : answerPart(sentence)));
}

const numberOf = (text: string): FinalAnswer | undefined => answerOf(text, 'number');

/** The number that a claim comes to: all of it, the right side of its equation, or the only one in it. Two are none. */
function numberPart(claim: string): FinalAnswer | undefined {
  const part = claim.trim();
  const strict = quantityOf(part);
  if (strict) return numberOf(part);
  const sides = part.split(/[=≈]/);
  if (sides.length > 1) return numberPart(sides.at(-1) ?? '');
  const found = numbersIn(part);
  const [one, two] = found;
  if (!one) return numberOf(part);
  const between = two && part.slice(one.to, two.from);
  if (between === undefined || new Set(found.map((all) => numberOf(all.text)?.base)).size === 1)
    return numberOf(part.slice(one.from)) ?? numberOf(one.text);
  const isFirst =
    one.from <= 2 &&
    /^\s*(?:\p{L}+\s+)?\(|^\s*(?:\p{L}+\s+)?(?:per|for|in|from|out of|after|at|each|every|of|with|by|over|on|since|because|as|if|when)\s/iu.test(
      between,
    );
  return isFirst ? (numberOf(part.slice(one.from, two?.from)) ?? numberOf(one.text)) : undefined;
}

function jsonAnswer(text: string, pointer: string): FinalAnswer | undefined {
  const value = jsonIn(text);
  if (value === undefined) return undefined;
  return pointer === '' ? answerOf(JSON.stringify(value), 'json') : valueAnswer(pointed(value, pointer));
}

/** A value that was read: a text by what it says, `null` as none, anything else as JSON. */
function valueAnswer(value: unknown): FinalAnswer | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return answerOf(JSON.stringify(value), 'json');
  return answerOf(typeof value === 'string' ? value : canonicalJson(value));
}
