import { expect, it } from 'vitest';
import { ask } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './mixture.law.ts';
import { mixture } from './mixture.ts';

testLaw(law);

const [a, b] = ['a', 'b'].map((name) => enumerable({ name, answers: { '*': { [name]: 1 } } })) as [
  ReturnType<typeof enumerable>,
  ReturnType<typeof enumerable>,
];

it('asks one model a sample, and says which', async () => {
  const { sample, text, usage } = await ask(mixture([a, b], { weights: [0, 2] }), 'q');
  expect([text, usage.calls, sample.providerMetadata]).toEqual(['b', 1, { plusx: { model: 'b' } }]);
});

it.each([[[1]], [[1, 2, 3]], [[0, 0]], [[1, -1]]])('refuses the weights %j for two models', (weights) => {
  expect(() => mixture([a, b], { weights })).toThrow(
    /mixture: weights must be 2 numbers of at least 0, one a model and not all 0/,
  );
});

it('refuses to be of nothing', () => {
  expect(() => mixture([])).toThrow(/mixture: models must name at least one model/);
});
