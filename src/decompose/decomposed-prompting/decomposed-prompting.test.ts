import { expect, it } from 'vitest';
import { ask, plus, questionOf, UpstreamError } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { WHOLE } from '../shared/parts.ts';
import { asked, facts, replies } from '../shared/test-support/asking.ts';
import { law } from './decomposed-prompting.law.ts';
import { decomposedPrompting } from './decomposed-prompting.ts';

testLaw(law);

const list = '1. [find] Who?\n2. Where?\n3. How old is #1?\n4. [search] Sum of #2 and #3?';

it('asks what waits for nothing at once, and hands parts to whom they are tagged for', async () => {
  const order: string[] = [];
  const [begun, aged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const base = scripted(async ({ prompt: got }) => {
    const text = questionOf(got);
    if (text.includes('Split it')) return list;
    const part = /briefly: (.*)$/.exec(text)?.[1] ?? 'whole';
    order.push(`> ${part}`);
    if (part === 'Where?') {
      begun.resolve();
      await aged.promise; // the slowest of all
    }
    if (part === 'How old is Ann?') aged.resolve();
    order.push(`< ${part}`);
    return part === 'Where?' ? 'Answer: here' : part === 'whole' ? 'done' : 'Answer: 9';
  });
  const finder = scripted(async ({ prompt: got }) => {
    order.push(`> ${/briefly: (.*)$/.exec(questionOf(got))?.[1]}`);
    await begun.promise;
    order.push('< found');
    return 'Answer: Ann';
  });
  const model = plus(base, decomposedPrompting({ handlers: [finder], tags: 'find' }));
  const { text, warnings, sample } = await ask(model, 'How many?');
  expect(order).toEqual([
    '> Who?',
    '> Where?',
    '< found',
    '> How old is Ann?',
    '< How old is Ann?',
    '< Where?',
    '> whole',
    '< whole',
  ]);
  expect([text, facts(sample), warnings]).toMatchObject(['done', { parts: 4 }, [{ code: 'unknown-tag' }]]);
  expect(asked(base).at(-1)).toContain('Q: Who?\nA: Ann\nQ: Where?\nA: here\nQ: How old is Ann?\nA: 9\n');
  expect(asked(base).find((one) => one.endsWith('How old is Ann?'))).not.toContain('Where?');
});

it('goes on without a part that is lost and those that wait for it, and says so', async () => {
  const lost = new UpstreamError({ url: 'http://x', status: 500, body: 'down', retryable: false });
  const base = scripted(({ prompt: got }) => {
    const text = questionOf(got);
    if (text.includes('Split it')) return list;
    return text.endsWith('briefly: Who?') ? lost : text.endsWith('Where?') ? 'Answer: here' : 'done';
  });
  const { text, warnings } = await ask(plus(base, decomposedPrompting()), 'How many?');
  expect(text).toBe('done');
  expect(warnings.map(({ code }) => code)).toContain('candidate-lost');
  expect(asked(base).at(-1)).toBe(
    WHOLE({ question: 'How many?', context: '', asked: '', part: '', known: 'Q: Where?\nA: here\n' }),
  );
});

it('wants a name for each handler', () => {
  expect(() => decomposedPrompting({ handlers: [replies({})], tags: '' })).toThrow(
    /tags must name each of the 1 handlers/,
  );
  expect(() => decomposedPrompting({ tags: 'find' })).toThrow(/tags/);
});
