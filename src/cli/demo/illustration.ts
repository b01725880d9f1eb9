/**
 * The model called `enumerable`: a small written distribution to see techniques at work with no key and no server.
 *
 * It answers sums such as "What is 17 * 24?". A sum of one step it gets right half of the time; its slips are 10 more
 * (0.25) and 10 less (0.2), and once in twenty it breaks off without an answer. Every further step takes 0.09 from the
 * right answer and gives it to the slips, so that from three steps on a slip is the most frequent answer and voting
 * hurts. Shown a draft, it notices a slip 3 times out of 4 and calls a right draft right 9 times out of 10; revising, it
 * is right 7 times out of 10; as a judge it gives a right answer 9 of 10 points (1 time in 5 only 4) and a wrong one 4
 * (1 time in 4: 9). It says so when there is no sum in the question.
 */
import { questionOf, textOf, type Message, type Model } from '../../core/index.ts';
import { enumerable, type Distribution } from '../../models/written/index.ts';
import { readExpression } from '../../tasks/expression.ts';

/** The question the built-in model is shown with. */
export const QUESTION = 'What is 17 * 24?';

export function illustration(): Model {
  return enumerable({ name: 'enumerable', answers });
}

/** The value of the first sum in a text, if there is one, and how many steps it takes. */
export function solve(text: string): { readonly value: number; readonly steps: number } | undefined {
  const sum = SUM.exec(text)?.[0].replaceAll('x', '*');
  const read = sum === undefined ? undefined : readExpression(sum);
  return read?.value && { value: read.value.top, steps: read.numbers.length - 1 };
}

function answers(prompt: readonly Message[]): Distribution {
  const asked = questionOf(prompt);
  const whole = prompt.map(({ content }) => textOf(content)).join('\n');
  const sum = solve(whole);
  if (sum === undefined) return { [NO_SUM]: 1 };
  const { value: right, steps } = sum;
  const isRight = draftIn(whole) === right;
  switch (stageOf(asked)) {
    case 'rate':
      return isRight ? { '9': 0.8, '4': 0.2 } : { '4': 0.75, '9': 0.25 };
    case 'critique':
      return isRight ? { [FINE]: 0.9, [SLIP]: 0.1 } : { [SLIP]: 0.75, [FINE]: 0.25 };
    case 'revise':
      return { [say(right)]: 0.7, [say(right + 10)]: 0.15, [say(right - 10)]: 0.15 };
    case 'answer': {
      const harder = Math.min(steps, MOST_STEPS) - 1;
      return {
        [say(right)]: 0.5 - 0.09 * harder,
        [say(right + 10)]: 0.25 + 0.05 * harder,
        [say(right - 10)]: 0.2 + 0.04 * harder,
        [BROKEN_OFF]: 0.05,
      };
    }
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
const SUM = /\d+(?:\s*[*x×·+−–-]\s*\d+)+/;
const MOST_STEPS = 5;
const DRAFT = /The answer is (-?\d+)\./g;
const RATE = /\brating from\b/i;
const REVISE = /\bcritique of\b|\brevise\b/i;
const CRITIQUE = /\bcritici[sz]e\b|\bcritique\b/i;

const NO_SUM = `This model only knows sums, such as ${JSON.stringify(QUESTION)}`;
const BROKEN_OFF = 'Let me see.\nFirst, the tens:';
const FINE = 'Nothing to fix.';
const SLIP = 'There is a slip in it.';
