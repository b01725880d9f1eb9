/** Scores that tell candidates apart: a plain function, a verifier (true is 1), a reward, or a model that judges. */
import { stoppable } from '../context/abort.ts';
import { fork, type Context } from '../context/context.ts';
import { textOf, questionOf, user } from '../message.ts';
import type { Model } from '../model.ts';
import type { Request, Sample } from '../sample.ts';
import { endOf } from '../reading/plain.ts';
import { ratingIn } from '../reading/forms/rating.ts';
import { promptFor } from './prompt.ts';

/** Higher is better. `NaN` means "cannot say" and loses to every number. */
export type ScoreFunction = (
  sample: Sample,
  request: Request,
  context: Context,
) => number | boolean | Promise<number | boolean>;
/** A score function with the name it has in a formula. */
export interface NamedScorer {
  readonly name: string;
  readonly score: ScoreFunction;
  /** The model that it asks, and how often at most for one candidate: what it may cost is stated by that. */
  readonly asks?: { readonly model: Model; readonly calls: number } | undefined;
}
export type Scorer = ScoreFunction | NamedScorer;

/** Gives a score function its name in formulas. */
export function scorer(name: string, score: ScoreFunction): NamedScorer {
  return { name, score };
}

export function scorerName(of: Scorer): string {
  return of.name || 'anonymous';
}

/** The same scorer, and how often it said anything, and gave a number. One that fails is told of as a failure. */
export function counted(of: Scorer) {
  const count = { asked: 0, numbers: 0 };
  const note = <T>(value: T): T => {
    count.asked++;
    if (typeof value === 'boolean' || (typeof value === 'number' && !Number.isNaN(value))) count.numbers++;
    return value;
  };
  const scorer: NamedScorer = {
    ...(typeof of === 'object' && of),
    name: scorerName(of),
    score(...about) {
      const score = (typeof of === 'function' ? of : of.score)(...about);
      return typeof score === 'object' ? Promise.resolve(score).then(note) : note(score);
    },
  };
  return { scorer, count };
}

/** Applies a scorer; a verdict counts 1 or 0. What is no number, as of a function that returns nothing, says nothing, with a warning. */
export async function applyScorer(of: Scorer, sample: Sample, request: Request, context: Context): Promise<number> {
  const score = (typeof of === 'function' ? of : of.score)(sample, request, context);
  const value: unknown = typeof score === 'object' ? await stoppable(Promise.resolve(score), context.signal) : score;
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  context.ledger.warn({
    code: 'no-number',
    message: `The scorer ${scorerName(of)} returned ${value === null ? 'null' : typeof value} and no number, which says nothing of a candidate. Return a number, true or false.`,
  });
  return Number.NaN;
}

/**
 * Mean log-probability of a token, in nats: what a model's confidence in its own text is, whatever its length. Unknown where the
 * number of tokens is.
 */
export function meanLogprob({ logprob, tokens, usage }: Sample): number | undefined {
  if (tokens && tokens.length > 0) return tokens.reduce((sum, token) => sum + token.logprob, 0) / tokens.length;
  const length = usage?.outputTokens;
  return logprob === undefined || length === undefined ? undefined : logprob / Math.max(1, length);
}

export interface JudgeOptions {
  /** What to look for. */
  readonly criteria?: string | undefined;
  /** Whether a judge whose reply holds no rating is asked once more (default false). */
  readonly again?: boolean | undefined;
}

const SCALE = { from: 0, to: 10 };

/**
 * A model as judge: it rates each candidate from 0 to 10. A rating on another scale that it names (`4/5`, `80%`) is put on this
 * one. A reply that rates nothing is NaN, with a warning that shows its end. Cost: 1 call a candidate; with `again` 2 where the
 * first reply holds no rating. (Zheng et al., "Judging LLM-as-a-judge", 2023)
 */
export function judge(model: Model, { criteria, again = false }: JudgeOptions = {}): NamedScorer {
  const options = [
    model.name,
    ...(criteria === undefined ? [] : [`criteria=${JSON.stringify(criteria)}`]),
    ...(again ? ['again=true'] : []),
  ];
  return {
    name: `judge(${options.join(', ')})`,
    asks: { model, calls: again ? 2 : 1 },
    async score(sample, request, context) {
      const { say, read } = promptFor(model, 'judge.rate', undefined, RATE);
      const parts = { question: questionOf(request.prompt), answer: textOf(sample.content) };
      const asked: Request = { prompt: [user(say({ ...parts, criteria: criteria ?? CRITERIA }))] };
      for (const key of again ? ['judge', 'judge/again'] : ['judge']) {
        const { samples } = await model.sample(asked, fork(context, key));
        const reply = read(textOf(samples[0]?.content ?? ''));
        const rating = ratingIn(reply, SCALE);
        if (rating !== undefined) return rating;
        context.ledger.warn({
          code: 'no-rating',
          message: `${model.name} gave a candidate no rating from 0 to 10, which counts as the lowest score: its reply ends ${endOf(reply)}`,
        });
      }
      return Number.NaN;
    },
  };
}

const CRITERIA = 'correct, complete and clear';
type Rated = { readonly question: string; readonly answer: string; readonly criteria: string };
const RATE = ({ question, answer, criteria }: Rated): string =>
  `Question:\n${question}\n\nAnswer to rate:\n${answer}\n\nHow ${criteria} is the answer? Reply with a rating from 0 (worst) to 10 (best) and nothing else.`;
