/** The law of a calculator: Σ over chains of calls c, each answered with its exact value v(c). */
import { plus, questionOf, type Message } from '../../core/index.ts';
import type { Distribution } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { afterTurns, speaker, withAnswer } from '../shared/turns.law.ts';
import { calculator } from './calculator.ts';

// What is said first, and what is said once a result is known. Nothing here is computed by the code under test.
const FIRST: Distribution = { 'Call: 2+3': 4, 'So:\nCall: 2*3\nResult: 99': 3, 'Call: 2/0': 1, 'Answer: 5': 2 };
const VALUES: { readonly [call: string]: string } = {
  'Call: 2+3': '5',
  'So:\nCall: 2*3\nResult: 99': '6',
  'Call: 2/0': 'Error: it divides by zero.',
  'Call: 5-1': '4',
};
const knowing = (result: string): Distribution =>
  result.startsWith('Error')
    ? { 'Call: 2+3': 1, 'I give up.': 1 }
    : { [`Answer: ${result}`]: 5, 'Call: 5-1': 2, 'Answer: 0': 1 };
const sums = (prompt: readonly Message[], first = FIRST): Distribution => {
  const result = /^Result: (.*)$/s.exec(questionOf(prompt))?.[1];
  return result === undefined ? first : knowing(result);
};

const next = (text: string): Distribution | undefined =>
  VALUES[text] === undefined ? undefined : knowing(VALUES[text]);

export const law: TechniqueLaw = {
  technique: 'calculator',
  subjects: {
    calculator: { transform: calculator({ steps: 2 }), answers: (prompt) => sums(prompt) },
    'calculator as a tool': calculator({ form: 'tool' }),
  },
  exact: varied(
    { steps: upTo(4, calculator.definition.options.steps), first: weights(FIRST, 'what is said at first') },
    ({ steps, first }) =>
      holds(
        `steps=${steps}: every chain of calls`,
        plus(
          speaker((prompt) => sums(prompt, first)),
          calculator({ steps }),
        ),
        () => afterTurns(steps, { first, next }),
        withAnswer,
      ),
    [1, 2, 3].map((steps) => ({ steps })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'one round of calls more than allowed',
    file: 'tools/shared/converse.ts',
    from: 'if (made === steps) break;',
    to: 'if (made > steps) break;',
  },
  {
    bug: 'subtraction the wrong way round',
    file: 'core/reading/numbers/fraction.ts',
    from: 'reduced(a.top * b.bottom - b.top * a.bottom',
    to: 'reduced(b.top * a.bottom - a.top * b.bottom',
  },
];
