/** The distribution of a model's answers to one question: exact where all paths can be visited, else from samples. */
import {
  addUsage,
  answerIn,
  ask,
  classesOf,
  enumerate,
  expectedAnswer,
  NO_USAGE,
  seeded,
  totalTokens,
  type AnswerFormat,
  type Choice,
  type Context,
  type FinalAnswer,
  type Model,
  type Price,
  type Request,
  type Sample,
  type Sampled,
  type Usage,
} from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { termsOf } from '../../core/tokens/terms.ts';
import { costAt, costsOf, promptBilling, type Cost } from '../curve/costs.ts';
import { wilson } from '../statistics.ts';

export interface AnswerShare {
  /** `null`: no final answer in the text. */
  readonly answer: string | null;
  readonly probability: number;
  /** 95% interval of an estimate; absent where the probability is exact. */
  readonly ci95: readonly [number, number] | undefined;
}

export interface Distribution {
  readonly exact: boolean;
  /** Paths visited, where exact. */
  readonly paths: number | undefined;
  /** Samples drawn, where not. */
  readonly samples: number | undefined;
  /** The most probable first; no answer comes last. */
  readonly answers: readonly AnswerShare[];
  /** Means of one answer. */
  readonly callsPerAnswer: number | undefined;
  readonly tokensPerAnswer: number | undefined;
  readonly usdPerAnswer: number | undefined;
}

/** Visits every path through `model`, or gives up (`undefined`) after `limit` of them. */
export async function exactDistribution(
  model: Model,
  request: Request,
  {
    format,
    limit,
    context: { signal, host },
    onPath,
  }: {
    readonly format: AnswerFormat;
    readonly limit: number;
    /** Whose signal and host hold for every path; its random choices are all visited. */
    readonly context: Context;
    readonly onPath?: ((paths: number) => void) | undefined;
  },
): Promise<Distribution | undefined> {
  const found: { readonly answer: FinalAnswer | undefined; readonly probability: number }[] = [];
  const means = { calls: 0, tokens: 0 as number | undefined, usd: 0 as number | undefined };
  let paths = 0;
  const program = enumerate(async (choice) => ask(model, request, { choice, signal, host }), { limit: Infinity });
  for await (const { probability, value } of program) {
    if (++paths > limit) return undefined;
    found.push({ answer: answerIn(value.sample, request, format), probability });
    means.calls += probability * value.usage.calls;
    means.tokens = plus(means.tokens, totalTokens(value.usage), probability);
    means.usd = plus(means.usd, value.usage.usd, probability);
    onPath?.(paths);
  }
  const mass = new Map<string | null, number>();
  classesOf(found.map(({ answer }) => answer)).forEach((answer, i) =>
    mass.set(answer, (mass.get(answer) ?? 0) + (found[i]?.probability ?? 0)),
  );
  return {
    exact: true,
    paths,
    samples: undefined,
    answers: ranked([...mass].map(([answer, probability]) => ({ answer, probability, ci95: undefined }))),
    callsPerAnswer: means.calls,
    tokensPerAnswer: means.tokens,
    usdPerAnswer: means.usd,
  };
}

/** How many paths there are, from a few walked at random: the mean of one over their probability. */
export async function estimatePaths(model: Model, request: Request, { signal, host }: Context): Promise<number> {
  const walks = Array.from({ length: WALKS }, async (_, walk) => {
    let paths = 1;
    const choice = counting(seeded(walk), (probability) => (paths /= probability));
    await ask(model, request, { choice, signal, host });
    return paths;
  });
  return (await Promise.all(walks)).reduce((sum, paths) => sum + paths / WALKS, 0);
}

const WALKS = 8;

/** The same choices, each one's probability told. */
function counting(inner: Choice, tell: (probability: number) => void): Choice {
  return {
    categorical(weights) {
      const index = inner.categorical(weights);
      tell((weights[index] as number) / weights.reduce((sum, weight) => sum + weight, 0));
      return index;
    },
    fork: (key) => counting(inner.fork(key), tell),
    seed: () => inner.seed(),
    id: inner.id,
  };
}

/** Draws `n` answers and counts them. An interruption, or a budget's end, leaves what is there. */
export async function sampledDistribution(
  model: Model,
  request: Request,
  context: Context,
  {
    n,
    batch,
    format,
    onDrawn,
  }: {
    readonly n: number;
    /** Candidates asked for together: a server may answer them with one call. */
    readonly batch: number;
    readonly format: AnswerFormat;
    /** Told after every call how many there are; `soFar` counts them. */
    readonly onDrawn?: ((drawn: number, soFar: () => Distribution) => void) | undefined;
  },
): Promise<Distribution> {
  const samples: Sample[] = [];
  const drawn: { readonly from: number; readonly sampled: Sampled }[] = [];
  let usage = NO_USAGE;
  let next = 0;
  const read: (FinalAnswer | undefined)[] = [];
  const soFar = (): Distribution => {
    for (const sample of samples.slice(read.length)) read.push(answerIn(sample, request, format));
    return counted(classesOf(read), usage, { tokens: undefined, usd: undefined });
  };
  const lane = async (): Promise<void> => {
    for (let from = next; from < n; from = next) {
      // The first one is asked for alone: what one answer costs is seen on it, where a call for several shares the prompt.
      const size = from === 0 ? 1 : batch;
      next += size;
      const sampled = await model.sample({ ...request, from, n: Math.min(size, n - from) }, context);
      usage = addUsage(usage, sampled.usage);
      drawn.push({ from, sampled });
      samples.push(...sampled.samples);
      onDrawn?.(samples.length, soFar);
    }
  };
  const lanes = Math.max(1, Math.min(IN_FLIGHT, model.can.concurrency) / batch);
  const results = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed && samples.length === 0) throw failed.reason;
  const cost = costOfOne(
    drawn.toSorted((a, b) => a.from - b.from).map(({ sampled }) => sampled),
    termsOf(model)?.price,
  );
  const answers = classesOf(await inTurns(context, samples, (sample) => answerIn(sample, request, format)));
  return counted(answers, usage, cost);
}

/** Draws under way at once: enough to keep a server busy, and few enough that some end early. */
const IN_FLIGHT = 64;

/** What one answer costs, as if it were asked for alone. */
function costOfOne(drawn: readonly Sampled[], price: Price | undefined): Cost {
  const [alone, ...others] = drawn;
  const billing = alone && others.map((one) => promptBilling(alone, one)).find((one) => one !== undefined);
  return costAt(costsOf(drawn, billing, price), 1);
}

function counted(answers: readonly (string | null)[], usage: Usage, { tokens, usd }: Cost): Distribution {
  const n = answers.length;
  const counts = new Map<string | null, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const each = (total: number | undefined): number | undefined => (total === undefined ? undefined : total / n);
  return {
    exact: false,
    paths: undefined,
    samples: n,
    answers: ranked([...counts].map(([answer, k]) => ({ answer, probability: k / n, ci95: wilson(k, n) }))),
    callsPerAnswer: each(usage.calls),
    tokensPerAnswer: tokens,
    usdPerAnswer: usd,
  };
}

/** The same distribution, where an answer that another one has is spelled as it is there. */
export function spelledAs(
  other: Distribution,
  own: Distribution,
  request: Request,
  format: AnswerFormat,
): Distribution {
  const both = [...other.answers, ...own.answers];
  const keys = classesOf(
    both.map(({ answer }) => (answer === null ? undefined : expectedAnswer(answer, request, format))),
  );
  const spelling = new Map<string | null | undefined, string | null>();
  other.answers.forEach(({ answer }, i) => spelling.set(keys[i], answer));
  const answers = own.answers.map((share, i) => {
    const key = keys[other.answers.length + i];
    const answer = key === null ? undefined : spelling.get(key);
    spelling.delete(key); // of two that are the same as one of the other's, the second keeps its name
    return { ...share, answer: answer ?? share.answer };
  });
  return { ...own, answers };
}

/** Half the summed differences: 0 for equal distributions, 1 for disjoint ones. */
export function totalVariation(a: Distribution, b: Distribution): number {
  const ofB = new Map(b.answers.map(({ answer, probability }) => [answer, probability]));
  const ofA = new Set(a.answers.map(({ answer }) => answer));
  const shared = a.answers.reduce(
    (sum, { answer, probability }) => sum + Math.abs(probability - (ofB.get(answer) ?? 0)),
    0,
  );
  const onlyB = b.answers.reduce((sum, { answer, probability }) => sum + (ofA.has(answer) ? 0 : probability), 0);
  return (shared + onlyB) / 2;
}

export function probabilityOf({ answers }: Distribution, wanted: string): number {
  return answers.find(({ answer }) => answer === wanted)?.probability ?? 0;
}

function ranked(answers: readonly AnswerShare[]): AnswerShare[] {
  return answers.toSorted(
    (a, b) => Number(a.answer === null) - Number(b.answer === null) || b.probability - a.probability,
  );
}

function plus(sum: number | undefined, value: number | undefined, weight: number): number | undefined {
  return sum === undefined || value === undefined ? undefined : sum + weight * value;
}
