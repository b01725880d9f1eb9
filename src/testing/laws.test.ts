import { describe, it } from 'vitest';
import { judge, scorer, textOf, type Transform } from '../core/index.ts';
import { selfRefine } from '../iterate/index.ts';
import { reRead } from '../rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from '../search/index.ts';
import { laws, runLaws } from './laws.ts';

const size = scorer('size', ({ content }) => Number(textOf(content)));
const scope = {
  techniques: [bestOfN, selfConsistency, selfRefine, reRead, mixture],
  scorers: { size },
};

const SUBJECTS: { readonly [name: string]: Transform } = {
  bestOfN: bestOfN({ n: 4, score: size }),
  'bestOfN with a judge': (base) => bestOfN({ n: 3, score: judge(base, { criteria: 'short, "good"' }) })(base),
  selfConsistency: selfConsistency({ n: 5 }),
  'selfConsistency by logprob': selfConsistency({ n: 5, weights: 'logprob' }),
  'selfConsistency by score': selfConsistency({ n: 5, weights: 'score', score: size }),
  'selfConsistency, adaptive': selfConsistency({ n: 12, stop: 'adaptive', threshold: 0.9 }),
  'selfConsistency, window': selfConsistency({ n: 8, stop: 'window', window: 2 }),
  selfRefine: selfRefine({ rounds: 2 }),
  'selfRefine with a critic': (base) => selfRefine({ rounds: 2, critic: reRead()(base), stop: 'never' })(base),
  reRead: reRead(),
  mixture: (base) => mixture([base, reRead()(base)], { weights: [1, 2.5] }),
  'bestOfN over selfRefine': (base) => bestOfN({ n: 2, score: size })(selfRefine({ rounds: 1 })(base)),
  'adaptive vote over bestOfN over reRead': (base) =>
    selfConsistency({ n: 6, stop: 'adaptive' })(bestOfN({ n: 2, score: size })(reRead()(base))),
};

for (const [name, transform] of Object.entries(SUBJECTS))
  describe(name, () => {
    runLaws(it, laws(transform, { scope }));
  });
