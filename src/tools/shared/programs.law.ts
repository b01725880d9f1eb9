/** Programs for the laws of the techniques that run them: what is written, what it comes to, and what is written after an error. */
import { questionOf, textOf, type Execution, type Host, type Message } from '../../core/index.ts';
import type { Distribution, P } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter } from '../../testing/laws/parameters.ts';
import { afterTurns } from './turns.law.ts';

/** A sandbox that knows `return N;` and nothing else. */
export const table = (): Host => ({
  sandbox: {
    name: 'table',
    languages: ['javascript', 'python'],
    run: async ({ code }): Promise<Execution> => {
      const value = /^return (\d+);$/.exec(code)?.[1];
      return value === undefined
        ? { kind: 'error', reason: 'thrown', message: `cannot run ${code}`, output: '' }
        : { kind: 'value', value: Number(value), output: '' };
    },
  },
});

// Programs, two of which fail, and what is written when an error is put back.
const PROGRAMS: Distribution = { 'return 1;': 4, '```js\nreturn 2;\n```': 3, 'return x;': 2, 'I cannot.': 1 };
const REPAIRED: { readonly [program: string]: Distribution } = {
  'return x;': { 'return 1;': 1, '```\nreturn 3;\n```': 1, 'return y;': 2 },
  'I cannot.': { 'return 2;': 3, 'I cannot.': 1 },
  'return y;': { 'return 4;': 1, 'return y;': 1 },
};
const VALUES: { readonly [program: string]: string } = {
  'return 1;': '1',
  '```js\nreturn 2;\n```': '2',
  'return 2;': '2',
  '```\nreturn 3;\n```': '3',
  'return 4;': '4',
};
/** What is concluded from a result. */
export const concluding = (result: string): Distribution => ({ [`Answer: ${result}`]: 3, 'Answer: none of them': 1 });

/** What a reader may change: what is written first, and after each of what fails. */
export const PROGRAMMER = {
  first: weights(PROGRAMS, 'what is written at first'),
  repaired: weightsAfter(REPAIRED, 'what is written after each program that failed'),
};

export const programs = (prompt: readonly Message[], first = PROGRAMS, repaired = REPAIRED): Distribution => {
  const before = prompt.findLast(({ role }) => role === 'assistant');
  const asked = questionOf(prompt);
  const result = /^Run, the program returns: (\d)/.exec(asked)?.[1];
  if (result !== undefined) return concluding(result);
  return before && asked.startsWith('Run, the program fails:')
    ? (repaired[textOf(before.content)] ?? { lost: 1 })
    : first;
};

/** Σ over programs by their values, with so many repairs; where none has a value it is the last program, and no answer. */
export function valued(repairs: number, first = PROGRAMS, repaired = REPAIRED): P {
  return afterTurns(repairs, {
    first,
    next: (program) => (VALUES[program] === undefined ? repaired[program] : undefined),
    shown: (program) => VALUES[program] as string,
  });
}
