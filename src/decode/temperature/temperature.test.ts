import { expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { threeLetters } from '../shared/tokenwise.law.ts';
import { law, poweredTexts } from './temperature.law.ts';
import { temperature } from './temperature.ts';

testLaw(law);

it('the temperature of tokens is far from the power of texts', async () => {
  const drawn = await exact(plus(threeLetters, temperature({ t: 0.5 })));
  expect(totalVariation(drawn, poweredTexts)).toBeGreaterThan(0.02);
});
