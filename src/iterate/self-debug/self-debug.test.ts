import { describe, expect, it } from 'vitest';
import {
  ask,
  HostMissing,
  InvalidOption,
  plus,
  questionOf,
  user,
  type Answer,
  type Host,
  type Sandbox,
} from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { openSandbox } from '../../sandbox/index.ts';
import { trustingSandbox } from '../../testing/laws/sandbox.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './self-debug.law.ts';
import { REPAIR, selfDebug, WRITE } from './self-debug.ts';

testLaw(law);

const fenced = (code: string): string => `Here it is:\n\`\`\`javascript\n${code}\n\`\`\`\nIt adds.`;
const ADDS = fenced('const add = (a, b) => a + b');
const TAKES = fenced('const add = (a, b) => a - b;\nconsole.log("adding");');
const TESTS = '(() => { if (add(2, 1) !== 3) throw new Error(`add(2, 1) is ${add(2, 1)}`); })()';
const host = (): Host => ({ sandbox: trustingSandbox() });
const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
const told = ({ calls }: ReturnType<typeof scripted>): string[] =>
  calls.slice(1).map(({ request }) => questionOf(request.prompt));

describe('selfDebug', () => {
  it('asks for a program, tells what happened, and stops once the tests pass', async () => {
    const model = scripted([TAKES, ADDS]);
    const answer = await ask(plus(model, selfDebug({ tests: TESTS })), 'Write add.', { host: host() });
    expect([answer.text, facts(answer), answer.usage.calls]).toEqual([ADDS, { rounds: 1, passed: true }, 2]);
    expect(model.calls[0]?.request.prompt).toEqual([user(WRITE({ question: 'Write add.', language: 'javascript' }))]);
    expect(told(model)).toEqual([REPAIR({ happened: 'add(2, 1) is 1\nIt printed:\nadding' })]);
  });

  it.each([
    [fenced('return 1 +;'), /^syntax error: /],
    [fenced('throw new Error("no");'), /^no$/],
    ['I would rather not.', /no program: it must stand in a fenced code block/],
  ])('tells of %j', async (first, expected) => {
    const model = scripted([first, fenced('return 2')]);
    const answer = await ask(plus(model, selfDebug()), 'q', { host: host() });
    expect(facts(answer)).toEqual({ rounds: 1, passed: true });
    expect(told(model)[0]?.split('\n')[1]).toMatch(expected);
  });

  it('tells of a program that does not end', async () => {
    const sandbox = await openSandbox({ timeoutMs: 500 });
    const model = scripted([fenced('for (;;);'), fenced('return 2')]);
    const answer = await ask(plus(model, selfDebug()), 'q', { host: { sandbox } });
    await sandbox.close();
    expect(facts(answer)).toEqual({ rounds: 1, passed: true });
    expect(told(model)[0]?.split('\n')[1]).toMatch(/^out of time: /);
  });

  it('does not take a program for right that returns before its tests', async () => {
    const model = scripted([fenced('const add = () => 0; return "plusx"'), ADDS]);
    const answer = await ask(plus(model, selfDebug({ tests: TESTS })), 'q', { host: host() });
    expect([answer.text, told(model)[0]?.includes('returned before its tests')]).toEqual([ADDS, true]);
  });

  it('reads the last of several blocks in its language, whatever stands around them', async () => {
    const both = `${fenced('throw new Error("first")')}\n~~~js\nreturn "\`\`\`"\n~~~\nIt prints:\n\`\`\`\nthree marks\n\`\`\``;
    const answer = await ask(plus(scripted([both]), selfDebug()), 'q', { host: host() });
    expect(facts(answer)).toEqual({ rounds: 0, passed: true });
  });

  it('takes the tests of a request from the caller, and says when none of its programs passed', async () => {
    const testsFor = (): string => 'throw new Error("never")';
    const answer = await ask(plus(scripted([ADDS, TAKES]), selfDebug({ testsFor, rounds: 1 })), 'q', { host: host() });
    expect([answer.text, facts(answer)]).toEqual([TAKES, { rounds: 1, passed: false }]);
  });

  it('says what is missing', async () => {
    const model = plus(scripted([ADDS]), selfDebug({ language: 'python' }));
    await expect(ask(model, 'q')).rejects.toThrow(HostMissing);
    await expect(ask(model, 'q', { host: host() })).rejects.toThrow(/must be a language the sandbox trusting runs/);
    expect(() => selfDebug({ tests: '', testsFor: () => '' })).toThrow(InvalidOption);
  });

  it('gives Python its tests as well', async () => {
    const ran: string[] = [];
    const sandbox: Sandbox = {
      name: 'notes',
      languages: ['python'],
      run: async ({ code }) => (ran.push(code), { kind: 'value', value: 'plusx: all tests ran', output: '' }),
    };
    const python = selfDebug({ language: 'python', tests: 'assert f() == 1' });
    const answer = await ask(plus(scripted(['```python\ndef f(): return 1\n```']), python), 'q', { host: { sandbox } });
    expect(facts(answer)).toEqual({ rounds: 0, passed: true });
    expect(ran).toEqual(['def f(): return 1\nassert f() == 1\nanswer = "plusx: all tests ran"\n']);
  });

  it("gives the last program at a budget's limit, and stops with an abort", async () => {
    const answer = await ask(plus(scripted([TAKES, ADDS]), selfDebug({ tests: TESTS })), 'q', {
      host: host(),
      budget: { calls: 1 },
    });
    expect([answer.text, facts(answer), answer.exhausted]).toEqual([
      TAKES,
      { rounds: 0, passed: false, exhausted: 'calls' },
      'calls',
    ]);
    const controller = new AbortController();
    const sandbox: Sandbox = {
      ...trustingSandbox(),
      run: (_program, { signal } = {}) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
          controller.abort(new Error('enough'));
        }),
    };
    const stopped = ask(plus(scripted([ADDS]), selfDebug()), 'q', { host: { sandbox }, signal: controller.signal });
    await expect(stopped).rejects.toThrow('enough');
  });
});
