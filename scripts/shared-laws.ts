/** The techniques the shared laws are run over: each alone, in each of its ways, and some inside others. */
import { judge, scorer, textOf, type Transform } from '../src/core/index.ts';
import { selfRefine } from '../src/iterate/index.ts';
import { rephraseAndRespond, reRead, stepBack } from '../src/rephrase/index.ts';
import { bestOfN, mixture, rejection, selfConsistency, softBestOfN } from '../src/search/index.ts';

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
  rephraseAndRespond: rephraseAndRespond(),
  stepBack: (base) => stepBack({ abstractor: reRead()(base) })(base),
  rejection: rejection({ n: 6, score: size, threshold: 5 }),
  'rejection, three in flight': rejection({ n: 6, score: size, threshold: 5, parallel: 3 }),
  softBestOfN: softBestOfN({ n: 4, score: size }),
  mixture: (base) => mixture([base, reRead()(base)], { weights: [1, 2.5] }),
  'bestOfN over selfRefine': (base) => bestOfN({ n: 2, score: size })(selfRefine({ rounds: 1 })(base)),
  'adaptive vote over bestOfN over reRead': (base) =>
    selfConsistency({ n: 6, stop: 'adaptive' })(bestOfN({ n: 2, score: size })(reRead()(base))),
};

/** How many calls of a subject may end before there is anything to answer with. */
export const PREPARATION: { readonly [name: string]: number } = { rephraseAndRespond: 1, stepBack: 2 };
