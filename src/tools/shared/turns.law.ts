/** The closed form of a model that takes turns with a tool: every way that the conversation can go. */
import { textOf, type Message, type Model, type Sampled } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';

export function speaker(answers: (prompt: readonly Message[]) => Distribution): Model {
  return enumerable({ name: 'speaker', answers });
}

export interface Turns {
  /** What is said first. */
  readonly first: Distribution;
  /** What is said once a text has been run, with so many turns left before that; `undefined` where the text is the end. */
  readonly next: (text: string, left: number) => Distribution | undefined;
  /** What an end shows as. Default: itself. */
  readonly shown?: (text: string) => string;
}

/** What is said last, after at most so many turns; what calls still after them has no answer. */
export function afterTurns(turns: number, { first, next, shown = (text) => text }: Turns): P {
  const out = new Map<string, number>();
  const visit = (said: Distribution, left: number, probability: number): void => {
    for (const [text, p] of normal(said)) {
      const after = next(text, left);
      if (after === undefined) add(out, shown(text), probability * p);
      else if (left === 0) add(out, unanswered(text), probability * p);
      else visit(after, left - 1, probability * p);
    }
  };
  visit(first, turns, 1);
  return out;
}

const unanswered = (text: string): string => `${text}${NO_ANSWER}`;
const NO_ANSWER = ' (no answer)';
export const isUnanswered = (outcome: string): boolean => outcome.endsWith(NO_ANSWER);

/** What was said last, and whether it is an answer. */
export const withAnswer = {
  outcome({ samples: [sample] }: Sampled): string {
    const text = textOf(sample?.content ?? '');
    return sample?.answer === null ? unanswered(text) : text;
  },
};
