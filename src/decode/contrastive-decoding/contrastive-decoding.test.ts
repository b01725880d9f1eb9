import { describe, expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { threeLetters } from '../shared/tokenwise.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { amateur, law } from './contrastive-decoding.law.ts';
import { contrastiveDecoding } from './contrastive-decoding.ts';

testLaw(law);

describe('contrastiveDecoding', () => {
  const model = plus(threeLetters, contrastiveDecoding({ amateur, plausible: 0.3 }));

  it('moves the base far', async () => {
    expect(totalVariation(await exact(threeLetters), await exact(model))).toBeGreaterThan(0.05);
  });

  it('counts the tokens of both models, however they are nested', async () => {
    const one = await ask(model, 'question', { seed: 1 });
    expect(one.usage).toMatchObject({ calls: 1, inputTokens: 16, outputTokens: 2 * one.text.length });
    const nested = plus(model, temperature({ t: 2 }), contrastiveDecoding({ amateur }));
    const two = await ask(nested, 'question', { seed: 1 });
    expect(two.usage).toMatchObject({ calls: 1, inputTokens: 24, outputTokens: 3 * two.text.length });
    const { text, usage } = await ask(nested, 'question', { seed: 1, budget: { tokens: 24 + 9 } });
    expect([text, usage.outputTokens]).toEqual([two.text, 3 * two.text.length]);
    await expect(ask(nested, 'question', { budget: { tokens: 24 + 8 } })).rejects.toThrow(/tokens/);
  });

  it('refuses an amateur it cannot read', async () => {
    const closedModel = enumerable({ answers: { '*': { a: 1 } } });
    expect(() => contrastiveDecoding({ amateur: closedModel })).toThrow(/amateur must be a model that can be opened/);
    const stranger = enumerableTokens({ tokens: ['x'], next: () => [1, 1], maxTokens: 1 });
    await expect(ask(plus(threeLetters, contrastiveDecoding({ amateur: stranger })), 'q')).rejects.toThrow(
      /vocabulary/,
    );
  });
});
