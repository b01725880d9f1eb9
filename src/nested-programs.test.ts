/** Programs inside models inside models, in the sandbox that ships: a judge that computes, tests that run, code that is repaired. */
import { afterAll, describe, expect, it } from 'vitest';
import { ask, judge, plus, questionOf, textOf, type Host } from './core/index.ts';
import { selfDebug } from './iterate/index.ts';
import { enumerable } from './models/written/index.ts';
import { openSandbox } from './sandbox/index.ts';
import { agreement, bestOfN } from './search/index.ts';
import { pal } from './tools/index.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());
const host: Host = { sandbox };
const code = (body: string): string => `\`\`\`javascript\n${body}\n\`\`\``;

describe('a judge that is itself pal', () => {
  // Rates an answer by a program: the sum is right, or it is not.
  const rater = enumerable({
    name: 'rater',
    answers: (prompt) => {
      const [, a, b] = /How much is (\d+) \+ (\d+)/.exec(questionOf(prompt)) ?? [];
      const answer = /Answer to rate:\n(\d+)/.exec(questionOf(prompt))?.[1];
      return { [code(`return ${a} + ${b} === ${answer} ? 10 : 0;`)]: 1 };
    },
  });
  const guesser = enumerable({ name: 'guesser', answers: { '*': { '51': 6, '42': 3, '41': 1 } } });

  it('finds the one right answer among many, and its calls are counted', async () => {
    const model = plus(guesser, bestOfN({ n: 24, score: judge(plus(rater, pal())) }));
    expect(model.name).toBe('guesser + bestOfN(n=24, score=judge(rater + pal))');
    const { text, usage, sample } = await ask(model, 'How much is 17 + 24?', { host });
    expect(text).toBe('41');
    expect(usage.calls).toBe(48);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ score: 10 });
    expect((await ask(model, 'How much is 17 + 24?', { host })).sample).toEqual(sample);
  });
});

describe('programs that are run', () => {
  it('are repaired by what their tests say', async () => {
    const coder = enumerable({
      name: 'coder',
      answers: (prompt) => ({
        [code(
          JSON.stringify(prompt).includes('wrong sum')
            ? 'function add(a, b) { return a + b; }'
            : 'function add(a, b) { return a - b; }',
        )]: 1,
      }),
    });
    const tests = "if (add(2, 3) !== 5) throw new Error('wrong sum');";
    const { text, usage } = await ask(plus(coder, selfDebug({ tests })), 'Write add(a, b).', { host });
    expect(text).toContain('a + b');
    expect(usage.calls).toBe(2);
  });

  it('agree with the tests that most of them pass', async () => {
    const coder = enumerable({
      name: 'coder',
      answers: (prompt): { readonly [text: string]: number } =>
        /test/i.test(textOf(prompt.at(-1)?.content ?? ''))
          ? { [code('add(2, 3) === 5')]: 5, [code('add(1, 1) === 3')]: 1 }
          : {
              [code('function add(a, b) { return a + b; }')]: 2,
              [code('function add(a, b) { return b + a; }')]: 2,
              [code('function add(a, b) { return a * b; }')]: 3,
            },
    });
    const { text } = await ask(plus(coder, agreement({ n: 9, tests: 6 })), 'Write add(a, b).', { host, seed: 1 });
    expect(text).toMatch(/a \+ b|b \+ a/);
  });
});
