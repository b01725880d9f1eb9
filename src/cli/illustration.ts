/**
 * The model called `enumerable`: a small written distribution to see techniques at work with no key and no server.
 *
 * It is asked for a sum such as "What is 17 * 24?" and is right half of the time; its slips are 10 more and 10 less, and
 * once in twenty it breaks off without an answer. Shown a draft, it notices a slip 3 times out of 4 and calls a right draft
 * right 9 times out of 10; revising, it is right 7 times out of 10; as a judge it gives a right answer 9 of 10 points
 * (1 time in 5 only 4) and a wrong one 4 (1 time in 4: 9). It says so when there is no sum in the question.
 */
import { questionOf, textOf, type Message, type Model } from '../core/index.ts';
import { enumerable, type Distribution } from '../models/enumerable.ts';

/** The question the built-in model is shown with. */
export const QUESTION = 'What is 17 * 24?';

export function illustration(): Model {
  return enumerable({ name: 'enumerable', answers });
}

/** The answer to the first sum in a text, if there is one. */
export function solve(text: string): number | undefined {
  const [, a, operator, b] = SUM.exec(text) ?? [];
  if (operator === undefined) return undefined;
  const [x, y] = [Number(a), Number(b)];
  return operator === '+' ? x + y : operator === '-' || operator === '−' ? x - y : x * y;
}

function answers(prompt: readonly Message[]): Distribution {
  const asked = questionOf(prompt);
  const whole = prompt.map(({ content }) => textOf(content)).join('\n');
  const right = solve(whole);
  if (right === undefined) return { [NO_SUM]: 1 };
  const isRight = draftIn(whole) === right;
  switch (stageOf(asked)) {
    case 'rate':
      return isRight ? { '9': 0.8, '4': 0.2 } : { '4': 0.75, '9': 0.25 };
    case 'critique':
      return isRight ? { [FINE]: 0.9, [SLIP]: 0.1 } : { [SLIP]: 0.75, [FINE]: 0.25 };
    case 'revise':
      return { [say(right)]: 0.7, [say(right + 10)]: 0.15, [say(right - 10)]: 0.15 };
    case 'answer':
      return {
        [say(right)]: 0.5,
        [say(right + 10)]: 0.25,
        [say(right - 10)]: 0.2,
        [BROKEN_OFF]: 0.05,
      };
  }
}

/** What is asked of the model, told from the wording of the techniques' own prompts. */
function stageOf(asked: string): 'answer' | 'critique' | 'revise' | 'rate' {
  if (RATE.test(asked)) return 'rate';
  if (REVISE.test(asked)) return 'revise';
  return CRITIQUE.test(asked) ? 'critique' : 'answer';
}

function draftIn(text: string): number | undefined {
  const last = [...text.matchAll(DRAFT)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

const say = (value: number): string => `The answer is ${value}.`;
const SUM = /(\d+)\s*([*x×+−-])\s*(\d+)/;
const DRAFT = /The answer is (-?\d+)\./g;
const RATE = /\brating from\b/i;
const REVISE = /\bcritique of\b|\brevise\b/i;
const CRITIQUE = /\bcritici[sz]e\b|\bcritique\b/i;

const NO_SUM = `This model only knows sums, such as ${JSON.stringify(QUESTION)}`;
const BROKEN_OFF = 'Let me see.\nFirst, the tens:';
const FINE = 'Nothing to fix.';
const SLIP = 'There is a slip in it.';
