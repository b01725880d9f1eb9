import { plus, scorer, textOf } from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from '../../search/index.ts';
import { testSamples } from './test-support/test-samples.ts';

const base = enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } });
const late = scorer('late', ({ content }) => textOf(content).charCodeAt(0));

testSamples({
  bestOfN: plus(base, bestOfN({ n: 2, score: late })),
  selfConsistency: plus(base, selfConsistency({ n: 3 })),
  selfRefine: plus(base, selfRefine({ rounds: 1 })),
  reRead: plus(base, reRead()),
  mixture: mixture([base, plus(base, reRead())], { weights: [1, 2] }),
});
