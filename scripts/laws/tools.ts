/** Laws of tools. */
import {
  plus,
  questionOf,
  textOf,
  type Execution,
  type Host,
  type Message,
  type Model,
  type Sampled,
} from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { calculator, pal, programOfThoughts, react, toolbox } from '../../src/tools/index.ts';
import { add, normal, type ExactLaw, type LawSet, type P } from './form.ts';

/** A sandbox that knows `return N;` and nothing else. */
const host = (): Host => ({
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
/** The exact laws have no host of their own. */
const hosted = (model: Model): Model => ({
  ...model,
  sample: (request, context) => model.sample(request, { ...context, host: host() }),
});
const TOOLS = toolbox('sums', {
  add: {
    inputSchema: { type: 'object' },
    execute: async ({ a, b }: { a: number; b: number }) => a + b,
  },
  break: {
    inputSchema: { type: 'object' },
    execute: async () => {
      throw new Error('it is broken');
    },
  },
});
const NAMES = { functions: { sums: TOOLS } };

// What is said first, and what is said once a result is known. Nothing here is computed by the code under test.
const FIRST: Distribution = { 'Call: 2+3': 4, 'So:\nCall: 2*3\nResult: 99': 3, 'Call: 2/0': 1, 'Answer: 5': 2 };
const VALUE: { readonly [call: string]: string } = {
  'Call: 2+3': '5',
  'So:\nCall: 2*3\nResult: 99': '6',
  'Call: 2/0': 'Error: it divides by zero.',
  'Call: 5-1': '4',
};
const KNOWING = (result: string): Distribution =>
  result.startsWith('Error')
    ? { 'Call: 2+3': 1, 'I give up.': 1 }
    : { [`Answer: ${result}`]: 5, 'Call: 5-1': 2, 'Answer: 0': 1 };
const heard = (prompt: readonly Message[]): string | undefined => /^Result: (.*)$/s.exec(questionOf(prompt))?.[1];
const sums = (prompt: readonly Message[]): Distribution => {
  const result = heard(prompt);
  return result === undefined ? FIRST : KNOWING(result);
};
const withAnswer = ({ samples: [sample] }: Sampled): string =>
  `${textOf(sample?.content ?? '')}${sample?.answer === null ? ' (no answer)' : ''}`;

/** Every chain of at most `steps` calls; what calls still after them has no answer. */
function called(steps: number): P {
  const out = new Map<string, number>();
  const visit = (said: Distribution, left: number, probability: number): void => {
    for (const [text, p] of normal(said)) {
      const value = VALUE[text];
      if (value === undefined) add(out, text, probability * p);
      else if (left === 0) add(out, `${text} (no answer)`, probability * p);
      else visit(KNOWING(value), left - 1, probability * p);
    }
  };
  visit(FIRST, steps, 1);
  return out;
}

// Programs, three of which fail, and what is written when an error is put back.
const PROGRAMS: Distribution = { 'return 1;': 4, '```js\nreturn 2;\n```': 3, 'return x;': 2, 'I cannot.': 1 };
const REPAIRED: { readonly [program: string]: Distribution } = {
  'return x;': { 'return 1;': 1, '```\nreturn 3;\n```': 1, 'return y;': 2 },
  'I cannot.': { 'return 2;': 3, 'I cannot.': 1 },
  'return y;': { 'return 4;': 1, 'return y;': 1 },
};
const RUN: { readonly [program: string]: string } = {
  'return 1;': '1',
  '```js\nreturn 2;\n```': '2',
  'return 2;': '2',
  '```\nreturn 3;\n```': '3',
  'return 4;': '4',
};
const programs = (prompt: readonly Message[]): Distribution => {
  const before = prompt.findLast(({ role }) => role === 'assistant');
  const asked = questionOf(prompt);
  if (/^Run, the program returns: (\d)/.test(asked)) return CONCLUDED(/\d/.exec(asked)?.[0] as string);
  return before && asked.startsWith('Run, the program fails:')
    ? (REPAIRED[textOf(before.content)] ?? { lost: 1 })
    : PROGRAMS;
};
const CONCLUDED = (result: string): Distribution => ({ [`Answer: ${result}`]: 3, 'Answer: none of them': 1 });

function ran(repairs: number): P {
  const out = new Map<string, number>();
  const visit = (said: Distribution, left: number, probability: number): void => {
    for (const [text, p] of normal(said)) {
      const value = RUN[text];
      if (value !== undefined) add(out, value, probability * p);
      else if (left === 0) add(out, `${text} (no answer)`, probability * p);
      else visit(REPAIRED[text] as Distribution, left - 1, probability * p);
    }
  };
  visit(PROGRAMS, repairs, 1);
  return out;
}

/** What is concluded from each value; without one there is no conclusion. */
function concluded(values: P): P {
  const out = new Map<string, number>();
  for (const [value, q] of values)
    if (value.endsWith('(no answer)')) add(out, value, q);
    else for (const [text, p] of normal(CONCLUDED(value))) add(out, text, q * p);
  return out;
}

// Two actions, one of them of two calls, one that fails; and what is said when their results are seen.
const ACTS: Distribution = {
  'I add.\nAction: add {"a": 2, "b": 3}\nObservation: 99\nAction: add {"a": 99, "b": 1}': 3,
  'Action: add {"a": 1, "b": 1}\nAction: add {"a": 2, "b": 2}': 2,
  'Action: break {}': 1,
  'Action: fly': 1,
  'Answer: 4': 3,
};
const OBSERVED: { readonly [act: string]: string } = {
  'I add.\nAction: add {"a": 2, "b": 3}\nObservation: 99\nAction: add {"a": 99, "b": 1}': '5',
  'Action: add {"a": 1, "b": 1}\nAction: add {"a": 2, "b": 2}': 'add: 2\nadd: 4',
  'Action: break {}': 'Error: it is broken',
  'Action: fly': 'Error: There is no tool "fly". There are: add, break.',
};
const SEEING = (results: string): Distribution => ({ [`Answer: after ${results.length}`]: 3, 'Action: break {}': 1 });
const END: Distribution = { 'Answer: at last': 1, 'Action: fly': 1 };
const acts = (prompt: readonly Message[]): Distribution => {
  const asked = questionOf(prompt);
  if (asked.startsWith('There are no more calls.')) return END;
  const results = /^Observation: (.*)$/s.exec(asked)?.[1];
  return results === undefined ? ACTS : SEEING(results);
};

function acted(steps: number): P {
  const out = new Map<string, number>();
  const visit = (said: Distribution, left: number, probability: number): void => {
    for (const [text, p] of normal(said)) {
      const results = OBSERVED[text];
      if (results === undefined) add(out, text, probability * p);
      else if (left === 0) add(out, `${text} (no answer)`, probability * p);
      else visit(left === 1 ? END : SEEING(results), left - 1, probability * p);
    }
  };
  visit(ACTS, steps, 1);
  return out;
}

const speaker = (answers: (prompt: readonly Message[]) => Distribution): Model =>
  enumerable({ name: 'speaker', answers });
const holds = (technique: string, law: string, model: Model, expected: () => P): ExactLaw => ({
  technique,
  law,
  model,
  expected,
  outcome: withAnswer,
  holds: true,
});

export const tools: LawSet = {
  subjects: {
    calculator: { transform: calculator({ steps: 2 }), answers: sums },
    'calculator as a tool': calculator({ form: 'tool' }),
    pal: { transform: pal({ repairs: 2 }), answers: programs, host },
    programOfThoughts: { transform: programOfThoughts({ repairs: 1, conclude: 1 }), answers: programs, host },
    react: { transform: react({ tools: TOOLS, form: 'text', steps: 2 }), answers: acts, scope: NAMES },
    'react with tool calls': { transform: react({ tools: TOOLS }), scope: NAMES },
  },
  exact: [
    ...[1, 2, 3].map((steps) =>
      holds('calculator', `steps=${steps}: every chain of calls`, plus(speaker(sums), calculator({ steps })), () =>
        called(steps),
      ),
    ),
    ...[0, 1, 2].map((repairs) =>
      holds(
        'pal',
        `repairs=${repairs}: sum over programs by value`,
        hosted(plus(speaker(programs), pal({ repairs }))),
        () => ran(repairs),
      ),
    ),
    ...[0, 1].map((conclude) =>
      holds(
        'programOfThoughts',
        `conclude=${conclude}`,
        hosted(plus(speaker(programs), programOfThoughts({ repairs: 1, conclude }))),
        () => (conclude ? concluded(ran(1)) : ran(1)),
      ),
    ),
    ...[1, 2, 3].map((steps) =>
      holds(
        'react',
        `steps=${steps}: every chain of actions`,
        plus(speaker(acts), react({ tools: TOOLS, form: 'text', steps })),
        () => acted(steps),
      ),
    ),
  ],
  mutants: [
    {
      bug: 'one round of calls more than allowed',
      file: 'tools/shared/converse.ts',
      from: 'if (made === steps) break;',
      to: 'if (made > steps) break;',
    },
    {
      bug: 'what the model makes up about a result is kept',
      file: 'tools/react/react.ts',
      from: 'split(/^[ \\t]*Observation:/m)[0]',
      to: 'split(/^[ \\t]*Nothing:/m)[0]',
    },
    {
      bug: 'the error of a program is its answer',
      file: 'tools/shared/programs.ts',
      from: "if (execution.kind === 'error') return undefined;",
      to: "if (execution.kind === 'error') return execution.message;",
    },
    {
      bug: 'one repair fewer than allowed',
      file: 'tools/shared/programs.ts',
      from: 'made === repairs',
      to: 'made + 1 >= repairs',
    },
    {
      bug: 'subtraction the wrong way round',
      file: 'core/reading/fraction.ts',
      from: 'reduced(a.top * b.bottom - b.top * a.bottom',
      to: 'reduced(b.top * a.bottom - a.top * b.bottom',
    },
  ],
};
