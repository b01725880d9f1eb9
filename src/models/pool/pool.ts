/** Recorded samples of a real model as a model: it costs nothing, and what is known of it is known exactly. */
import {
  attempt,
  drawAt,
  drawsOf,
  fromBackend,
  PlusxError,
  scorer,
  type Candidate,
  type Capabilities,
  type Choice,
  type Context,
  type Model,
  type Need,
  type Sample,
  type Sampled,
  type Semantics,
  type Usage,
} from '../../core/index.ts';
import { begin, record } from '../../core/calls/account.ts';
import type { Pool, PoolItem } from './file.ts';

export interface PoolModelOptions {
  /**
   * `true` (the default): every draw is any of the samples, so that the pool is a finite language model. `false`: the
   * draws of one inference are the samples in a random order, of which there are no more than there are; for estimators.
   */
  readonly replacement?: boolean;
}

/** What is behind a pool's model. */
export interface Recorded {
  readonly pool: Pool;
  readonly replacement: boolean;
}

const recorded = new WeakMap<Model, Recorded>();

/** The pool behind a model and how it is drawn from. Nothing for any other model. */
export function recordedOf(model: Model): Recorded | undefined {
  return recorded.get(model);
}

/** A pool as a model. Each sample says under `providerMetadata.plusx.recorded` which of the recorded ones it is. */
export function poolModel(pool: Pool, { replacement = true }: PoolModelOptions = {}): Model {
  const model = replacement ? withReplacement(pool) : withoutReplacement(pool);
  recorded.set(model, { pool, replacement });
  return model;
}

/** The mean of a sample's recorded ratings, as a scorer. */
export const recordedScore = scorer('recorded', ({ providerMetadata }) => {
  const scores = providerMetadata?.['plusx']?.['scores'];
  return Array.isArray(scores) ? scores.reduce((sum, score) => sum + Number(score), 0) / scores.length : Number.NaN;
});

/** All samples of a question have been drawn, so there is no further one. */
export class PoolExhausted extends PlusxError {
  constructor({ pool, size }: { pool: string; size: number }) {
    super(`${pool} holds ${size} samples of a question: no more can be drawn without replacement. Lower \`n\`.`);
  }
}

// Draws come one at a time: a technique with a stop rule then draws no more than it needs.
const CAN: Capabilities = { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 };
const WITH_REPLACEMENT: Semantics = {
  kind: 'exact',
  target: 'P',
  why: 'each recorded sample is as likely as every other',
};
const WITHOUT_REPLACEMENT: Semantics = {
  kind: 'heuristic',
  target: 'P',
  why: 'a draw is never repeated, so the draws of one inference are not independent',
};
/** Nobody recorded how many tokens the samples took. */
const TOKENS_UNKNOWN = {
  inputTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
  cachedInputTokens: undefined,
  usd: undefined,
};
const usageOf = (calls: number): Usage => ({ ...TOKENS_UNKNOWN, calls, replays: 0, unreported: 0 });

function withReplacement(pool: Pool): Model {
  return fromBackend({
    name: pool.name,
    can: CAN,
    semantics: WITH_REPLACEMENT,
    bound: (request) => boundOf(pool.find(request)),
    async call(request, { choices }) {
      const item = pool.find(request);
      const draw = uniform(item.samples.length);
      return {
        candidates: choices.map((choice) => candidatesOf(item)[choice.categorical(draw)] as Candidate),
        usage: TOKENS_UNKNOWN,
      };
    },
  });
}

/**
 * Written without `fromBackend`, for two reasons: the candidates of one inference depend on each other, and there may be
 * fewer than asked for. It needs no journal: a draw costs nothing and depends on its address only.
 */
function withoutReplacement(pool: Pool): Model {
  const { name } = pool;
  // One error a size: an estimator runs into it by the million, and capturing the stack would take most of its time.
  const errors = new Map<number, PoolExhausted>();
  const exhausted = (size: number): PoolExhausted => {
    const error = errors.get(size) ?? new PoolExhausted({ pool: name, size });
    errors.set(size, error);
    return error;
  };
  return {
    name,
    can: CAN,
    async sample(request, context): Promise<Sampled> {
      context.signal.throwIfAborted();
      const { n = 1, from = 0 } = request;
      const item = pool.find(request);
      const size = item.samples.length;
      const wanted = Math.min(n, size - from);
      if (wanted < 1) throw exhausted(size);
      const warnings = wanted < n ? [exhaustedWarning(pool, size)] : [];
      for (const warning of warnings) context.ledger.warn(warning);
      const granted = await reserve(item, wanted, context);
      const order = orderOf(item, drawsOf(context));
      const candidates = candidatesOf(item);
      const samples = Array.from({ length: granted }, (_, i): Sample => {
        const candidate = candidates[order(from + i)] as Candidate;
        const at = context.span || context.telemetry ? drawAt(context, from + i) : context; // the address is for the trace only
        record({ name }, at, ONE, candidate, begin({ name }, at, request), 'ok', { request });
        return { ...candidate, usage: ONE, weight: 1, semantics: WITHOUT_REPLACEMENT };
      });
      return { samples, usage: usageOf(granted), warnings, exhausted: context.ledger.exhausted };
    },
  };
}

const ONE = usageOf(1);

/** How many of the draws the budget allows. Throws BudgetExceeded where it is none. */
async function reserve(item: PoolItem, wanted: number, context: Context): Promise<number> {
  const ask = async (calls: number): Promise<number> => {
    const granted = await context.budget.reserve({ calls, ...boundOf(item), price: undefined }, context.signal);
    granted.settle(usageOf(granted.calls));
    return granted.calls;
  };
  const granted = await ask(wanted);
  // Asking again for what was not granted raises the error that says which limit it was.
  return granted === wanted ? granted : granted + ((await attempt(context, ask(wanted - granted))) ?? 0);
}

function exhaustedWarning({ name }: Pool, size: number): Sampled['warnings'][number] {
  return { code: 'pool-exhausted', message: `${name} holds ${size} samples of a question: no more are drawn` };
}

const orders = new WeakMap<Choice, Map<PoolItem, (index: number) => number>>();

/** A random order of an item's samples that depends on the address of the inference only; as much of it as is asked for. */
function orderOf(item: PoolItem, choice: Choice): (index: number) => number {
  const known = orders.get(choice) ?? new Map<PoolItem, (index: number) => number>();
  orders.set(choice, known);
  const found = known.get(item);
  if (found) return found;
  const source = choice.fork(`order/${item.id}`);
  const rest = item.samples.map((_, i) => i);
  const drawn: number[] = [];
  const order = (index: number): number => {
    while (drawn.length <= index) {
      const at = source.categorical(uniform(rest.length));
      drawn.push(rest[at] as number);
      rest[at] = rest.at(-1) as number;
      rest.pop();
    }
    return drawn[index] as number;
  };
  known.set(item, order);
  return order;
}

const uniforms: number[][] = [];

/** Equal weights, made once for each length. */
function uniform(length: number): readonly number[] {
  return (uniforms[length] ??= Array.from({ length }, () => 1));
}

const candidates = new WeakMap<PoolItem, readonly Candidate[]>();

function candidatesOf(item: PoolItem): readonly Candidate[] {
  const known = candidates.get(item);
  if (known) return known;
  const made = item.samples.map(({ text, answer, scores }, index): Candidate => ({
    content: [{ type: 'text', text }],
    finish: { unified: 'stop', raw: 'recorded' },
    ...(answer !== undefined && { answer }),
    providerMetadata: { plusx: { recorded: index, ...(scores && { scores }) } },
  }));
  candidates.set(item, made);
  return made;
}

const bounds = new WeakMap<PoolItem, Pick<Need, 'inputTokens' | 'outputTokens'>>();

/** A token is at least one character, so the lengths bound the tokens. */
function boundOf(item: PoolItem): Pick<Need, 'inputTokens' | 'outputTokens'> {
  const known = bounds.get(item);
  if (known) return known;
  const bound = {
    inputTokens: item.question.length,
    outputTokens: Math.max(...item.samples.map(({ text }) => text.length)),
  };
  bounds.set(item, bound);
  return bound;
}
