/** The law of agreement: every draw of programs and of tests, each group scored by hand. */
import { plus, questionOf, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { arithmeticSandbox } from '../../testing/laws/arithmetic-sandbox.ts';
import { add, normal, sequences, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { agreement } from './agreement.ts';

const PROGRAMS: Distribution = {
  'const f = (x) => x * 2;': 4,
  '```js\nconst f = (x) => x + x;\n```': 2,
  'const f = (x) => x + 3;': 3,
  'I would double it.': 1,
};
const REPLIES: Distribution = {
  '```js\nf(5) === 10\nf(1) === 2;\n```': 3,
  '1. assert(f(3) === 6)\n2. f(0) === 3': 2,
};
/** Worked out by hand: which program passes which test. */
const PASSED: { readonly [program: string]: readonly string[] } = {
  'const f = (x) => x * 2;': ['f(5) === 10', 'f(1) === 2', 'f(3) === 6'],
  '```js\nconst f = (x) => x + x;\n```': ['f(5) === 10', 'f(1) === 2', 'f(3) === 6'],
  'const f = (x) => x + 3;': ['f(3) === 6', 'f(0) === 3'],
  'I would double it.': [],
};
const TESTS: { readonly [reply: string]: readonly string[] } = {
  '```js\nf(5) === 10\nf(1) === 2;\n```': ['f(5) === 10', 'f(1) === 2'],
  '1. assert(f(3) === 6)\n2. f(0) === 3': ['f(3) === 6', 'f(0) === 3'],
};

const asksTests = (text: string): boolean => text.includes('Write tests');
const coder = (programs: Distribution, replies: Distribution): Model =>
  enumerable({ name: 'coder', answers: (prompt) => (asksTests(questionOf(prompt)) ? replies : programs) });

/** Size times tests passed; ties go to the first. */
function agreed(n: number, tests: number, written: Distribution, replied: Distribution): P {
  const out = new Map<string, number>();
  for (const [programs, a] of sequences(normal(written), n))
    for (const [replies, b] of sequences(normal(replied), tests)) {
      const asked = new Set(replies.flatMap((reply) => TESTS[reply] ?? []));
      const passes = (program: string): string => (PASSED[program] ?? []).filter((test) => asked.has(test)).join();
      const score = (program: string): number =>
        programs.filter((other) => passes(other) === passes(program)).length *
        (passes(program) === '' ? 0 : passes(program).split(',').length);
      const most = Math.max(...programs.map(score));
      add(out, programs.find((program) => score(program) === most) as string, a * b);
    }
  return out;
}

/** The model where there is a sandbox. */
const hosted = (model: Model): Model => ({
  ...model,
  sample: (request, context) => model.sample(request, { ...context, host: { sandbox: arithmeticSandbox() } }),
});

export const law: TechniqueLaw = {
  technique: 'agreement',
  subjects: {
    agreement: {
      transform: agreement({ n: 3, tests: 2 }),
      answers: (prompt) => (asksTests(prompt.map(({ content }) => textOf(content)).join('\n')) ? REPLIES : PROGRAMS),
      host: () => ({ sandbox: arithmeticSandbox() }),
    },
  },
  exact: varied(
    {
      n: upTo(5, agreement.definition.options.n),
      tests: upTo(3, agreement.definition.options.tests),
      programs: weights(PROGRAMS, 'how often each program is written'),
      replies: weights(REPLIES, 'how often these tests are written'),
    },
    ({ n, tests, programs, replies }) =>
      holds(
        `n=${n} tests=${tests}: size times tests passed, ties to the first`,
        hosted(plus(coder(programs, replies), agreement({ n, tests }))),
        () => agreed(n, tests, programs, replies),
      ),
    [
      { n: 1, tests: 1 },
      { n: 2, tests: 2 },
      { n: 3, tests: 1 },
      { n: 4, tests: 1 },
    ],
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'only the tests passed count, not who agrees',
    file: 'search/agreement/agreement.ts',
    from: 'score: agree * passes',
    to: 'score: passes',
  },
  {
    bug: 'what a program leaves behind counts as a pass',
    file: 'search/agreement/programs-and-tests.ts',
    from: "done.kind === 'value' ? done.value : undefined",
    to: "done.kind === 'value' ? done.value : { agreement: true }",
  },
];
