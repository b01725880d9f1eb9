import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, rootScope, type Request } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { arithmeticSandbox } from '../../testing/laws/arithmetic-sandbox.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './agreement.law.ts';
import { agreement } from './agreement.ts';
import { programIn, testsIn } from '../../core/reading/index.ts';
import { passes } from './programs-and-tests.ts';

testLaw(law);

const asksTests = ({ prompt }: Request): boolean => questionOf(prompt).includes('Write tests');

/** Writes the programs in turn, and the tests in turn where tests are asked for. */
function coder(programs: readonly string[], tests: readonly string[]): Scripted {
  return scripted((request, { index }) => (asksTests(request) ? tests : programs)[index] as string);
}

const DOUBLE = ['const f = (x) => x * 2;', 'const f = (x) => x + x;', 'const f = (x) => 2 * x;'] as const;
const SQUARE = 'const f = (x) => x * x;';
const ADD = 'const f = (x) => x + 2;';

describe('agreement', () => {
  it('keeps the group of programs that agree, though a wrong one passes as many tests', async () => {
    // The last test is wrong. The square passes 3 of 4, as doubling does; but doubling is said in three ways.
    const tests = ['f(2) === 4\nf(0) === 0', 'f(3) === 6\nf(3) === 9'];
    const sandbox = arithmeticSandbox();
    const model = coder([SQUARE, ADD, ...DOUBLE], tests);
    const { text, sample, usage } = await ask(plus(model, agreement({ n: 5, tests: 2 })), 'Double it.', {
      host: { sandbox },
    });
    expect(text).toBe(DOUBLE[0]);
    expect(sample.providerMetadata?.['plusx']).toEqual({ candidates: 5, tests: 4, agree: 3, passed: 3 });
    expect([usage.calls, sandbox.runs.length]).toEqual([7, 20]);
  });

  it('is where best-of-n by own tests goes wrong: the most tests alone would choose the square', async () => {
    const tests = ['f(2) === 4', 'f(3) === 9', 'f(4) === 16', 'f(3) === 6'];
    const { text } = await ask(plus(coder([SQUARE, ...DOUBLE], tests), agreement({ n: 4, tests: 4 })), 'q', {
      host: { sandbox: arithmeticSandbox() },
    });
    expect(text).toBe(DOUBLE[0]); // 3 programs times 2 tests against 1 times 3
  });

  it('runs each program once, however often it is drawn', async () => {
    const sandbox = arithmeticSandbox();
    const model = coder([DOUBLE[0], DOUBLE[0], DOUBLE[0]], ['f(1) === 2']);
    await ask(plus(model, agreement({ n: 3, tests: 1 })), 'q', { host: { sandbox } });
    expect(sandbox.runs).toHaveLength(1);
  });

  it('runs no more than the most tests, each once', async () => {
    const sandbox = arithmeticSandbox();
    const model = coder([ADD], ['f(1) === 3\nf(1) === 3\nf(2) === 4', 'f(3) === 5\nf(4) === 6']);
    const { sample } = await ask(plus(model, agreement({ n: 1, tests: 2, most: 3 })), 'q', { host: { sandbox } });
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ tests: 3, passed: 3 });
  });

  it('counts a program that does not end, or does not parse, as passing nothing', async () => {
    const sandbox = arithmeticSandbox();
    const model = coder(['const f = (x) => f(x);', 'Sorry, no.', ADD], ['f(1) === 3']);
    const { text } = await ask(plus(model, agreement({ n: 3, tests: 1 })), 'q', { host: { sandbox } });
    expect(text).toBe(ADD);
  });

  it('says where no test was written, and returns the first', async () => {
    const { text, warnings } = await ask(plus(coder([ADD, SQUARE], ['None.']), agreement({ n: 2, tests: 1 })), 'q', {
      host: { sandbox: arithmeticSandbox() },
    });
    expect([text, warnings.map(({ code }) => code)]).toEqual([ADD, ['no-tests']]);
  });

  it('asks for tests in prose, as the caller words it, of another model if there is one', async () => {
    const tester = scripted(['f(1) === 3'], { name: 'tester' });
    const request: Request = {
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Add two.' }] }],
      responseFormat: { type: 'json' },
    };
    const model = plus(scripted([ADD]), agreement({ n: 1, tests: 1, tester, test: 'Test {question} in {language}' }));
    await ask(model, request, { host: { sandbox: arithmeticSandbox() } });
    expect(questionOf(tester.calls[0]?.request.prompt ?? [])).toBe('Test Add two. in javascript');
    expect(tester.calls[0]?.request.responseFormat).toBeUndefined();
  });

  it('needs a sandbox that runs the language', async () => {
    const model = coder([ADD], ['f(1) === 3']);
    await expect(ask(plus(model, agreement()), 'q')).rejects.toThrow(/agreement needs a sandbox/);
    const python = plus(model, agreement({ language: 'python' }));
    await expect(ask(python, 'q', { host: { sandbox: arithmeticSandbox() } })).rejects.toThrow(
      /language must be one that arithmetic runs \(javascript\)/,
    );
  });
});

describe('code', () => {
  it.each([
    ['const f = 1;', 'const f = 1;'],
    ['Here:\n```js\nconst f = (x) => x;\n```\nUse it:\n```js\nf(1)\n```', 'const f = (x) => x;'],
  ])('finds the program in %j', (text, program) => {
    expect(programIn(text)).toBe(program);
  });

  it.each([
    ['```js\nf(1) === 2;\n// f(2)\n\nf(2) === 3\n```\nThat is all (I think).', ['f(1) === 2', 'f(2) === 3']],
    ['1. assert(f(1) === 2);\n- console.assert(f(2) === 3)', ['f(1) === 2', 'f(2) === 3']],
    ['```python\nassert f(1) == 2\nassert (f(1)) == (2)\n# f(2)\n```', ['f(1) == 2', '(f(1)) == (2)']],
    ['No tests.', []],
  ])('finds the tests in %j', (text, tests) => {
    expect(testsIn(text)).toEqual(tests);
  });

  it('does not take what a program returns by itself for a pass', async () => {
    const { context, close } = rootScope();
    const run = (value: boolean) => ({
      name: 'early',
      languages: ['javascript'] as const,
      run: async () => ({ kind: 'value', value, output: '' }) as const,
    });
    expect(await passes('return true;', 'f(1) === 2', 'javascript', run(true), context)).toBe(false);
    close();
  });
});
