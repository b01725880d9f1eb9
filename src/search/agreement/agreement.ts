import {
  inWords,
  annotate,
  attempt,
  both,
  fork,
  hostPart,
  InvalidOption,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  together,
  type Context,
  type Sample,
  type Warning,
} from '../../core/index.ts';
import { programIn, testsIn } from '../../core/reading/index.ts';
import { passes } from './programs-and-tests.ts';

const OPTIONS = {
  n: option.integer({ doc: 'programs drawn', min: 1, default: 8 }),
  tests: option.integer({ doc: 'times the model is asked for tests', min: 1, default: 4 }),
  most: option.integer({ doc: 'tests that are run, at most', min: 1, default: 32 }),
  language: option.oneOf(['javascript', 'python'], { doc: 'what programs are written in', default: 'javascript' }),
  tester: option.model({ doc: 'the model that writes tests; the base itself if left out', optional: true }),
  test: option.prompt(['question', 'language'], { doc: 'how tests are asked for', bare: true }),
};

/**
 * Draws `n` programs and a set of tests. Programs that pass the same tests are a group, and a group scores its size times the
 * number of tests it passes. The first program of the best group is kept; a tie goes to the first drawn.
 *
 *     P'(y) = Σ over y_1 … y_n, T of Π P(y_i) P(T) · [y is the first of argmax_S |S| · |{t ∈ T: S passes t}|]
 *
 * Neither programs nor tests are trusted: most wrong programs are wrong each in its own way, and few programs pass a wrong
 * test. The accuracy of best-of-n by own tests alone falls with n; that of agreement rises. It needs tasks whose answer is a
 * function that can be called, and a model that can say what the function should return.
 *
 * Cost: `n + tests` calls in 1 round, and up to `n · most` short programs run in `host.sandbox`. Errors: HostMissing without
 * a sandbox, InvalidOption where it does not run the language, NoCandidates when no draw comes back. Source: Chen et al.,
 * "CodeT: code generation with generated tests", 2022.
 */
export const agreement = technique({
  name: 'agreement',
  room: 'search',
  summary: 'n programs and generated tests: keep the group that agrees best',
  paper: 'Chen et al., 2022 (CodeT)',
  options: OPTIONS,
  calls: 'n + tests',
  rounds: '1',
  semantics: ({ n, tests }) => ({
    kind: 'exact',
    target: `the first program of the group of ${n} with the largest size times tests passed, of ${tests} draws of tests`,
    why: 'programs and tests are independent draws, and the choice is a function of them',
  }),
  async run(base, request, context, { n, tests, most, language, tester = base, test }) {
    const sandbox = hostPart(context, 'agreement', 'sandbox');
    if (!sandbox.languages.includes(language))
      throw new InvalidOption({
        where: 'agreement',
        option: 'language',
        rule: `must be one that ${sandbox.name} runs (${sandbox.languages.join(', ')})`,
        value: language,
      });
    const asking = promptFor(tester, 'agreement.test', test, TEST);
    const parts = { question: questionOf(request.prompt), language };
    const asked = { ...inWords(request), prompt: saying(asking, parts, request.prompt) };
    const [{ samples }, written] = await both(
      context,
      (inner) => base.sample({ ...request, n }, inner),
      (inner) => attempt(inner, tester.sample({ ...asked, n: tests }, fork(inner, 'tests'))),
    );
    if (!samples[0]) throw new NoCandidates({ technique: 'agreement', why: 'no draw came back' });
    const replies = (written?.samples ?? []).map(({ content }) => asking.read(textOf(content)));
    const checks = [...new Set(replies.flatMap(testsIn))].slice(0, most);
    if (checks.length === 0) context.ledger.warn(NO_TESTS);
    const programs = samples.map(({ content }) => programIn(textOf(content), language) ?? '');
    const passed = new Map<string, string>(); // each program once, however often it was drawn
    for (const program of new Set(programs)) {
      const running = checks.map((check) => (inner: Context) => passes(program, check, language, sandbox, inner));
      const results = (await attempt(context, together(context, running))) ?? []; // none where no time is left to run them
      passed.set(program, checks.filter((_, i) => results[i]).join('\n'));
    }
    const groups = Map.groupBy(samples.keys(), (i) => passed.get(programs[i] as string) as string);
    const scored = [...groups].map(([key, [first = 0, ...others]]) => {
      const [agree, passes] = [1 + others.length, key === '' ? 0 : key.split('\n').length];
      progress(context, `${agree} of ${samples.length} programs pass the same ${passes} of ${checks.length} tests`);
      return { first, agree, passed: passes, score: agree * passes };
    });
    const best = scored.reduce((top, next) => (next.score > top.score ? next : top));
    const facts = { candidates: samples.length, tests: checks.length, agree: best.agree, passed: best.passed };
    return annotate(samples[best.first] as Sample, facts);
  },
});

const NO_TESTS: Warning = {
  code: 'no-tests',
  message:
    'agreement: no test was written, so the first program is returned. Name another `tester`, or word `test` for it.',
};

export const TEST = ({ language }: { readonly language: string }): string =>
  `Do not solve the task above. Write tests for a solution of it instead: a code block of up to 10 lines, each one a ${language} expression that is true if the solution is right, such as ${language === 'python' ? 'f(2) == 4' : 'f(2) === 4'} for a function f. Call the functions by the names the task gives. No other text.`;
