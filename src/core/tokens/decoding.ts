/**
 * A text written by opened next-token processes, as one call: whatever a decoder does with the processes, the run sees
 * one candidate that is reserved, settled, traced, journaled and stopped like that of any back end.
 */
import { fromBackend } from '../calls/from-backend.ts';
import type { Choice } from '../context/choice.ts';
import { draftAt, type Context } from '../context/context.ts';
import { NoCandidates } from '../errors.ts';
import type { Candidate } from '../calls/journal.ts';
import { basesOf, madeBy } from '../technique/lineage.ts';
import { dearestRates, type Price } from '../accounts/price.ts';
import { termsOf, type Opened } from './terms.ts';
import type { Meter } from './meter.ts';
import { weaker, type Request, type Sample, type Semantics } from '../sample.ts';
import type { Process } from './next-token.ts';

/** What a decoder is given. */
export interface Decoding {
  /** One process for each model that was to be opened, in order. */
  readonly processes: readonly Process[];
  readonly choice: Choice;
  readonly signal: AbortSignal;
  /** How many tokens the text may have at most. */
  readonly maxTokens: number;
  /** How many tokens of text the budget leaves. */
  left(): number;
}

export interface DecodingOptions {
  /** The models to open. The first one lends the call its name. */
  readonly open: readonly [Opened, ...Opened[]];
  /** What tells this decoder from every other in a journal: the formula. */
  readonly identity: string;
  /** Texts written side by side. Default 1. */
  readonly texts?: number | undefined;
  readonly work: (decoding: Decoding) => Promise<Candidate>;
}

/**
 * Runs `work` over freshly opened processes as one call. Input tokens are the prompts read, output tokens the tokens
 * pushed, over all models; the token that ends a text is read off and not pushed.
 */
export async function decoding(
  { open, identity, texts = 1, work }: DecodingOptions,
  request: Request,
  context: Context,
): Promise<Sample> {
  const [{ model: first }] = open;
  const { maxOutputTokens } = request;
  const bottom = open.flatMap(leaves).map((leaf) => ({ ...leaf, terms: termsOf(leaf.model) }));
  const width = bottom.length * texts;
  const model = fromBackend({
    name: basesOf(first)[0]?.name ?? first.name,
    identity,
    can: { logprobs: true, continueFrom: false, score: false, next: false, concurrency: first.can.concurrency },
    semantics: { kind: open.map(kindOf).reduce(weaker), target: 'P', why: 'drawn token by token' },
    thoughts: bottom[0]?.terms?.thoughts,
    price: dearest(bottom.map(({ terms }) => terms?.price)),
    bound: () => {
      const bounds = bottom.map((leaf) => leaf.terms?.bound(leaf.request));
      const each = Math.min(...bounds.map((one) => one?.outputTokens ?? Infinity), maxOutputTokens ?? Infinity);
      return {
        inputTokens: bounds.reduce((sum, one) => sum + (one?.inputTokens ?? 0), 0),
        outputTokens: each === Infinity ? undefined : each * width,
      };
    },
    async call({ maxOutputTokens: most = Infinity }, { choices, signal, context: inner }) {
      const [choice] = choices as [Choice];
      const { meter, usage, pushes } = count();
      const at: Context = { ...inner, signal, meter };
      const processes = await Promise.all(open.map((one) => openOne(one, at)));
      const candidate = await work({
        processes,
        choice,
        signal,
        maxTokens: maxOutputTokens ?? Infinity,
        left: () => Math.floor((most - pushes()) / width),
      });
      return { candidates: [candidate], usage: usage() };
    },
  });
  const limit = maxOutputTokens === undefined ? {} : { maxOutputTokens: maxOutputTokens * width };
  const { samples } = await model.sample({ ...request, ...limit, n: 1, from: 0 }, draftAt(context, 'text'));
  const [sample] = samples;
  if (!sample) throw new NoCandidates({ technique: identity, why: 'no text was drawn' });
  return sample;
}

/** Opens the next-token process of a model that has one. */
export async function openOne({ model, request }: Opened, context: Context): Promise<Process> {
  if (!model.open) throw new TypeError(`${model.name}: no next-token process to open`);
  return model.open(request, context);
}

/** A meter, and what it has counted. */
function count(): {
  readonly meter: Meter;
  readonly pushes: () => number;
  readonly usage: () => Counted;
} {
  let inputTokens: number | undefined = 0;
  let usd: number | undefined = 0;
  let pushed = 0;
  const plus = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? undefined : a + b;
  return {
    meter: {
      opened(tokens, price) {
        inputTokens = plus(inputTokens, tokens);
        usd = plus(usd, price && tokens !== undefined ? tokens * price.input : undefined);
      },
      pushed(price) {
        pushed++;
        usd = plus(usd, price?.output);
      },
    },
    pushes: () => pushed,
    usage: () => ({
      inputTokens,
      outputTokens: pushed,
      reasoningTokens: 0,
      cachedInputTokens: 0,
      cacheWriteInputTokens: 0,
      usd,
    }),
  };
}

interface Counted {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteInputTokens: number;
  readonly usd: number | undefined;
}

/** The models at the bottom whose tokens one text takes: one that is opened twice counts twice. */
function leaves(opened: Opened): Opened[] {
  const made = madeBy(opened.model);
  if (!made) return [opened];
  const { reads } = made.technique.definition;
  const read: readonly Opened[] = reads
    ? reads(made.base, opened.request, made.options)
    : [{ model: made.base, request: opened.request }];
  return read.flatMap(leaves);
}

/** The weakest claim along the techniques that a model is made of. */
function kindOf({ model, request }: Opened): Semantics['kind'] {
  const made = madeBy(model);
  if (!made) return 'exact';
  const own = made.technique.definition.semantics(made.options).kind;
  return weaker(own, kindOf({ model: made.base, request }));
}

/** A price no process is above; unknown where one is unknown. */
function dearest(prices: readonly (Price | undefined)[]): Price | undefined {
  return prices.reduce((a, b) =>
    a && b
      ? {
          input: Math.max(dearestRates(a).input, dearestRates(b).input),
          output: Math.max(dearestRates(a).output, dearestRates(b).output),
        }
      : undefined,
  );
}
