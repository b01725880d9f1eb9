import { expect, it } from 'vitest';
import { ask, plus, textOf, type Model, type Process } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { afterLast, TWO_LETTERS } from '../shared/tokenwise.law.ts';
import { base, draft, law } from './speculative.law.ts';
import { speculative } from './speculative.ts';

testLaw(law);

it('draws from the base, and far from its draft', async () => {
  const drawn = await exact(plus(base, speculative({ draft, ahead: 2 })));
  expect(totalVariation(drawn, await exact(draft))).toBeGreaterThan(0.1);
});

it('gives each text the log-probability that the base gives it', async () => {
  const wanted = await exact(base);
  for (const ahead of [1, 3]) {
    const found = await exact(plus(base, speculative({ draft, ahead })), 'question', {
      outcome: ({ samples: [sample] }) => `${textOf(sample?.content ?? [])} ${sample?.logprob?.toFixed(9)}`,
    });
    expect(found.size).toBe(wanted.size); // one log-probability a text
    for (const [outcome, probability] of found) {
      const [text = '', logprob] = outcome.split(' ');
      expect([text, Number(logprob)]).toEqual([text, expect.closeTo(Math.log(wanted.get(text) ?? 0), 6)]);
      expect(probability).toBeCloseTo(wanted.get(text) ?? 0, 12);
    }
  }
});

it('is one call, and counts what is thrown away', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const { text, usage } = await ask(plus(base, speculative({ draft, ahead: 2 })), 'question', { seed });
    expect(usage).toMatchObject({ calls: 1, inputTokens: 16 });
    expect(usage.outputTokens).toBeGreaterThanOrEqual(2 * text.length);
  }
});

it('writes one token more than was drafted where all of them are kept', async () => {
  let rounds = 0;
  let pending = 0;
  const counting = (state: Process): Process => ({
    ...state,
    next: async () => {
      if (pending++ === 0) rounds++; // what is asked for together is one round
      await Promise.resolve();
      pending--;
      return state.next();
    },
    push: async (token) => counting(await state.push(token)),
  });
  const long = enumerableTokens({
    tokens: ['a'],
    next: (prefix) => (prefix.length < 9 ? [1, 0] : [0, 1]),
    maxTokens: 9,
  });
  const watched: Model = {
    ...long,
    open: async (request, context) => counting((await long.open?.(request, context)) as Process),
  };
  const { text } = await ask(plus(watched, speculative({ draft: long, ahead: 4 })), 'question');
  expect([text, rounds]).toEqual(['aaaaaaaaa', 2]); // five tokens, then four and the end
});

it('says what ended a text', async () => {
  const ends = async (request: { stopSequences?: string[]; maxOutputTokens?: number }) => {
    const begins = enumerableTokens({ ...TWO_LETTERS, next: afterLast([1, 2, 0], [0, 0, 1], [0, 0, 1]), maxTokens: 3 }); // one token
    const model = plus(begins, speculative({ draft, ahead: 2 }));
    const { sample } = await ask(model, { prompt: [{ role: 'user', content: [] }], ...request }, { seed: 5 });
    return sample.finish.raw;
  };
  expect(await ends({ stopSequences: ['a', 'b'] })).toBe('stop-sequence');
  expect(await ends({ maxOutputTokens: 1 })).toBe('length');
  expect(await ends({})).toBe('end');
});
