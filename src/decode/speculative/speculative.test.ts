import { expect, it } from 'vitest';
import { ask, plus, type Model, type Process } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { speculative } from './speculative.ts';
import { temperature } from '../temperature/temperature.ts';

const make = (name: string, weights: readonly (readonly number[])[]) =>
  enumerableTokens({
    name,
    tokens: ['a', 'b'],
    next: (prefix) => weights[prefix.length === 0 ? 0 : (prefix.at(-1) as number) + 1] as number[],
    maxTokens: 3,
  });
const base = make('base', [
  [1, 2, 3],
  [4, 1, 1],
  [1, 1, 5],
]);
const draft = make('draft', [
  [3, 1, 1],
  [0, 2, 1],
  [1, 2, 0.5],
]);

it.each([1, 2, 3, 5])('is the base, exactly, with %i tokens ahead', async (ahead) => {
  const drawn = await exact(plus(base, speculative({ draft, ahead })));
  expect(totalVariation(drawn, await exact(base))).toBeLessThan(1e-12);
  expect(totalVariation(drawn, await exact(draft))).toBeGreaterThan(0.1);
});

it('is the base also where that is itself transformed', async () => {
  const cold = plus(base, temperature({ t: 0.5 }));
  const drawn = await exact(plus(cold, speculative({ draft, ahead: 2 })));
  expect(totalVariation(drawn, await exact(cold))).toBeLessThan(1e-12);
});

it('is the base where the draft proposes a token that nobody can write', async () => {
  const withControl = (model: Model, weight: number): Model => {
    const also = (state: Process): Process => ({
      ...state,
      vocabulary: [...state.vocabulary, ''],
      next: async () => Float64Array.from([...(await state.next()), Math.log(weight)]),
      async push(token) {
        if (token === state.vocabulary.length) throw new RangeError('a control token adds nothing to a text');
        return also(await state.push(token));
      },
    });
    return { ...model, open: async (request, context) => also((await model.open?.(request, context)) as Process) };
  };
  const drawn = await exact(plus(withControl(base, 0), speculative({ draft: withControl(draft, 0.5), ahead: 2 })));
  expect(totalVariation(drawn, await exact(base))).toBeLessThan(1e-12);
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
    const begins = make('begins', [
      [1, 2, 0],
      [0, 0, 1],
      [0, 0, 1],
    ]); // one token
    const model = plus(begins, speculative({ draft, ahead: 2 }));
    const { sample } = await ask(model, { prompt: [{ role: 'user', content: [] }], ...request }, { seed: 5 });
    return sample.finish.raw;
  };
  expect(await ends({ stopSequences: ['a', 'b'] })).toBe('stop-sequence');
  expect(await ends({ maxOutputTokens: 1 })).toBe('length');
  expect(await ends({})).toBe('end');
});
