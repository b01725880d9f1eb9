/** A model written down for one technique, and how right the technique is on it, exactly where its choices can be enumerated. */
import {
  ask,
  extractAnswer,
  textOf,
  toRequest,
  type Input,
  type Message,
  type Model,
  type Request,
  type Sample,
  type Sampled,
} from '../../../src/core/index.ts';
import { wilson } from '../../../src/evaluate/statistics.ts';
import type { Distribution } from '../../../src/models/written/index.ts';
import { selfConsistency } from '../../../src/search/index.ts';
import { exact } from '../../../src/testing/index.ts';

export interface World {
  readonly technique: string;
  /** What the model is like: how right it is, and what becomes of its answers where the technique asks again. */
  readonly says: string;
  readonly base: Model;
  /** The base with the technique. */
  readonly model: Model;
  /** What is asked; its answers are `right` or not. Default: the text is `right`. */
  readonly input?: Input | undefined;
  readonly right?: ((text: string) => boolean) | undefined;
  /** What the same calls buy, in words and as a model, where it is not a vote of as many. */
  readonly instead?: { readonly name: string; readonly model: Model } | undefined;
  /** It has too many paths to visit them, so it is sampled at once. */
  readonly isLarge?: true | undefined;
}

export interface Measured {
  /** Share of right answers, and half of its 95 % interval: 0 where every path was enumerated. */
  readonly right: number;
  readonly margin: number;
  readonly calls: number;
}

/** Paths of choices beyond which is sampled instead. */
const MOST_PATHS = 60_000;
const FEW_PATHS = 100;
const SAMPLES = 4000;

const isRight = (text: string): boolean => text === 'right';

/** Answers that are right with a probability; of the mistakes one is made more often than the other. */
export const answers = (right: number): Distribution => ({ right, wrong: 0.6 * (1 - right), odd: 0.4 * (1 - right) });

/** One thing with a probability, and another otherwise. */
export const either = (p: number, one: string, other: string): Distribution => ({ [one]: p, [other]: 1 - p });

/** A probability as a world's description says it. */
export const share = (p: number): string => `${Math.round(100 * p)} %`;

/** The text the model gave last, or nothing where it is asked for the first time. */
export const draftIn = (prompt: readonly Message[]): string =>
  textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');

/** The final answer, or all that was said where there is none: a program, say. */
const readFrom = (sample: Sample | undefined, request: Request): string =>
  sample ? (extractAnswer(sample, request) ?? textOf(sample.content)) : '';

export async function measure(
  model: Model,
  { input = 'question', right = isRight, isLarge }: World,
): Promise<Measured> {
  const request = toRequest(input);
  const outcome = ({ samples: [sample], usage: { calls } }: Sampled): string =>
    `${right(readFrom(sample, request)) ? 1 : 0} ${calls}`;
  try {
    let total = 0;
    let calls = 0;
    for (const [text, probability] of await exact(model, input, { outcome, limit: isLarge ? FEW_PATHS : MOST_PATHS })) {
      const [good, made] = text.split(' ').map(Number) as [number, number];
      total += good * probability;
      calls += made * probability;
    }
    return { right: total, margin: 0, calls };
  } catch (error) {
    if (!(error instanceof RangeError && error.message.includes('paths'))) throw error;
  }
  let good = 0;
  let calls = 0;
  for (let seed = 0; seed < SAMPLES; seed++) {
    const { sample, usage } = await ask(model, input, { seed });
    good += right(readFrom(sample, request)) ? 1 : 0;
    calls += usage.calls;
  }
  const [lo, hi] = wilson(good, SAMPLES);
  return { right: good / SAMPLES, margin: (hi - lo) / 2, calls: calls / SAMPLES };
}

/** One sample, the technique, and what its calls buy without it. */
export async function compare(world: World): Promise<readonly string[]> {
  const base = await measure(world.base, world);
  const lifted = await measure(world.model, world);
  const n = Math.max(1, Math.round(lifted.calls / base.calls));
  const { name, model } = world.instead ?? { name: `a vote of ${n}`, model: selfConsistency({ n })(world.base) };
  const other = n === 1 && !world.instead ? base : await measure(model, world);
  return [
    `\`${world.technique}\``,
    world.says,
    percent(base),
    percent(lifted),
    lifted.calls.toFixed(1).replace(/\.0$/, ''),
    `${n === 1 && !world.instead ? 'one sample' : name}: ${percent(other)}`,
    verdict(lifted, [base, other]),
  ];
}

const percent = ({ right, margin }: Measured): string =>
  `${(100 * right).toFixed(1)}${margin > 0 ? ` ± ${(100 * margin).toFixed(1)}` : ''}`;

/** Beyond the intervals of what was sampled, and half of the last digit shown. */
function verdict(lifted: Measured, [base, other]: readonly [Measured, Measured]): string {
  const against = (one: Measured): number => {
    const margin = lifted.margin + one.margin + 0.0005;
    return lifted.right - one.right > margin ? 1 : one.right - lifted.right > margin ? -1 : 0;
  };
  if (against(base) < 0) return 'hurts';
  if (against(base) === 0) return 'no difference';
  return against(other) > 0
    ? 'helps'
    : against(other) === 0
      ? 'helps, as the same calls do'
      : 'loses to the same calls';
}
