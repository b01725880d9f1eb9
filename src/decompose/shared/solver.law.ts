/** A solver of questions that are taken apart: what it answers to each part given what is known, and to the whole. */
import { questionOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weightsAfter, type Parameter, type Tables } from '../../testing/laws/parameters.ts';

const isSplit = (asked: string): boolean => asked.startsWith('Do not answer the task below');

/** What a model says for the shared laws: questions are taken apart in several ways, and once in no list at all. */
export function takesApart(prompt: readonly Message[]): Distribution {
  return weighed(
    prompt,
    isSplit(questionOf(prompt))
      ? ['1. One?\n2. Two of #1?\n3. All?', '1. One?\n2. [reader] Other?\n3. Two of #1?\n4. All?', 'No list.']
      : ['4', '5', '22'],
  );
}

/** What is answered to each part given the answers in view. */
export const PARTS: Tables = {
  'p?': { a: 2, b: 1 },
  'q a?': { c: 1, d: 3 },
  'q b?': { c: 2, d: 1 },
  'q a? a': { c: 1, d: 3 },
  'q b? b': { c: 2, d: 1 },
  'r?': { e: 3, f: 2 },
  'r? a': { e: 1, f: 4 },
  'r? b': { e: 5, f: 1 },
  'p? e': { a: 1, b: 2 },
  'p? f': { a: 5, b: 1 },
};

/** What is answered to the whole: it depends on the first and the last of what is known. */
export const whole = (known: string): Distribution =>
  known === '' ? { x: 1, y: 1 } : { x: known.charCodeAt(0) - 90, y: known.charCodeAt(known.length - 1) - 95 };

/** The answers that stand in a question as known, in their order. */
export const knownIn = (asked: string): string =>
  [...asked.matchAll(/^A: (.*)$/gm)].map(([, answer]) => answer).join(' ');

/** The part that is asked for, or nothing where it is the whole. */
export const partIn = (asked: string): string | undefined => /briefly: (.*)$/.exec(asked)?.[1];

/** What a reader may change: what is answered to these parts. */
export const answering = (...parts: readonly string[]): Parameter<Tables> =>
  weightsAfter(
    Object.fromEntries(Object.entries(PARTS).filter(([part]) => parts.some((one) => part.startsWith(one)))),
    'what is answered to each part, with what is known behind it',
  );

/** A model that takes the question apart in these ways, and answers its parts and the whole. */
export function solver(lists: Distribution, said = PARTS): Model {
  return enumerable({
    name: 'solver',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (isSplit(asked)) return lists;
      const [part, known] = [partIn(asked), knownIn(asked)];
      return part === undefined ? whole(known) : (said[`${part} ${known}`.trim()] ?? { lost: 1 });
    },
  });
}

/** Probabilities of the answers to a part, given what is known. */
export const answersTo = (part_known: string, said = PARTS): P => normal(said[part_known] as Distribution);

/** Adds the answers to the whole, given what is known. */
export function addWhole(out: Map<string, number>, known: string, p: number): void {
  for (const [y, w] of normal(whole(known))) add(out, y, p * w);
}
