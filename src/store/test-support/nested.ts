/** A nested inference: the best of three answers, each drafted and revised twice, as the model itself judges them. */
import { judge, type Model } from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { bestOfN } from '../../search/index.ts';

/** 3 times 5 calls for the answers and 3 for the judge. */
export const CALLS = 18;

export function nested(base: Model): Model {
  return bestOfN({ n: 3, score: judge(base) })(selfRefine({ rounds: 2 })(base));
}

/** What the upstream answers, by seed: the seed is in every answer, and the last number is a rating. */
export function answerTo(seed: number): string {
  return `seed ${seed} says ${seed % 11}`;
}

/** The seed of an answer. */
export function seedOf(answer: string): number {
  return Number(/seed (\d+)/.exec(answer)?.[1]);
}
