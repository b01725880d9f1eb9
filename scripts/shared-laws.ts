/** The techniques the shared laws are run over: each alone, in each of its ways, and some inside others. */
import { judge, scorer, textOf, type Transform } from '../src/core/index.ts';
import { selfRefine } from '../src/iterate/index.ts';
import { reRead } from '../src/rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from '../src/search/index.ts';

const size = scorer('size', ({ content }) => Number(textOf(content)));

/** Answers so alike that a stop rule ends long before its last vote. */
export const MOSTLY_SURE = (): { [answer: string]: number } => ({ '4': 19, '5': 1 });

export const SUBJECTS: { readonly [name: string]: Transform } = {
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
