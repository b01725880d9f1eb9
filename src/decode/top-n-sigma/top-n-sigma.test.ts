import { expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { exact } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { threeLetters } from '../shared/tokenwise.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { law } from './top-n-sigma.law.ts';
import { topNSigma } from './top-n-sigma.ts';

testLaw(law);

it('keeps the same tokens at every temperature', async () => {
  const cold = await exact(plus(threeLetters, topNSigma({ n: 1 })));
  const hot = await exact(plus(threeLetters, temperature({ t: 3 }), topNSigma({ n: 1 })));
  expect([...hot.keys()].toSorted()).toEqual([...cold.keys()].toSorted());
});
