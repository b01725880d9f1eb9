import { expect, it } from 'vitest';

import { basesOf } from './lineage.ts';
import type { Model } from '../model.ts';
import type { Sample } from '../sample.ts';
import { combiner, technique } from './technique.ts';
import type { Definition } from './definition.ts';

const model = (name: string): Model => ({
  name,
  can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 },
  sample: () => Promise.reject(new Error('not sampled')),
});
const described = {
  room: 'search',
  summary: '',
  paper: '',
  options: {},
  calls: '1',
  rounds: '1',
  semantics: () => ({ kind: 'exact', target: 'P', why: '' }),
} as const satisfies Omit<Definition, 'name'>;
const run = (): Promise<Sample> => Promise.reject(new Error('not run'));
const same = technique({ name: 'same', ...described, run });
const both = combiner({ name: 'both', ...described, run });

it('finds the models at the bottom, each once, in order', () => {
  const [a, b, c] = [model('a'), model('b'), model('c')];
  expect(basesOf(a)).toEqual([a]);
  expect(basesOf(same()(same()(a)))).toEqual([a]);
  expect(basesOf(same()(both([b, same()(a), both([c, b])])))).toEqual([b, a, c]);
});
