/** Embedders that call a model elsewhere: what surrounds the call, as `fromBackend` does for models that write. */
import {
  byteLength,
  MalformedReply,
  NO_USAGE,
  reportedUsage,
  rootScope,
  unit,
  UNREPORTED_CALL,
  type Context,
  type Embedder,
  type JournalEntry,
  type Price,
  type Usage,
} from '../core/index.ts';
import { admit, begin, record, unlessAborted } from '../core/calls/account.ts';

export interface EmbeddingReply {
  readonly vectors: ReadonlyArray<readonly number[]>;
  /** `undefined`: the server does not say. */
  readonly inputTokens: number | undefined;
}

export interface EmbeddingBackend {
  readonly name: string;
  /** Everything that changes the vectors, and no secret: part of the journal's key. */
  readonly identity: string;
  readonly dimensions: number;
  /** US dollars an input token. Without it a budget in money refuses the calls. */
  readonly price: number | undefined;
  /** Texts in one call, at most. */
  readonly batch: number;
  readonly call: (texts: readonly string[], context: Context) => Promise<EmbeddingReply>;
}

/**
 * An embedder whose calls stand in the journal, the budget, the account and the trace of the inference they are made
 * for: one call for each batch of texts. Without an inference, as while documents are indexed, nothing limits them.
 */
export function fromEmbeddingBackend(backend: EmbeddingBackend): Embedder {
  const { name, dimensions, batch } = backend;
  return {
    name,
    dimensions,
    async embed(texts, context) {
      const { context: at, close } = context ? { context, close() {} } : rootScope();
      try {
        const starts = Array.from({ length: Math.ceil(texts.length / batch) }, (_, i) => i * batch);
        const parts = await Promise.all(starts.map((from) => called(backend, texts.slice(from, from + batch), at)));
        return parts.flat();
      } finally {
        close();
      }
    },
  };
}

async function called(backend: EmbeddingBackend, texts: readonly string[], context: Context): Promise<Float32Array[]> {
  const { name, identity, dimensions, price } = backend;
  const key = `${identity}\nembed\n${JSON.stringify(texts)}`;
  const known = await context.journal?.get(key);
  const kept = known && reportedUsage(known.usage, 1);
  const bound = texts.reduce((sum, text) => sum + byteLength(text) + 8, 0); // no token is shorter than a byte
  const need = {
    calls: 1,
    inputTokens: kept?.inputTokens ?? bound,
    outputTokens: 0,
    price: price === undefined ? undefined : { input: price, output: 0 },
  };
  const reservation = unlessAborted(await admit(context, need), context.signal);
  const begun = begin({ name }, context);
  let usage: Usage = UNREPORTED_CALL;
  let status: 'ok' | 'replayed' | 'cancelled' | 'error' = 'error';
  try {
    if (known && kept) {
      usage = { ...kept, replays: 1 };
      status = 'replayed';
      return unpacked(known, dimensions);
    }
    const { vectors, inputTokens } = await backend.call(texts, context);
    usage = reportedUsage({ ...NO_USAGE, inputTokens, usd: cost(inputTokens, price) }, 1);
    const made = vectors.map((vector) => unit(checked(vector, name, dimensions)));
    if (made.length !== texts.length)
      throw new MalformedReply({ url: name, why: `${made.length} vectors for ${texts.length} texts`, body: '' });
    await context.journal?.put(key, packed(made, usage));
    status = 'ok';
    return made;
  } catch (error) {
    if (context.signal.aborted) status = 'cancelled';
    throw error;
  } finally {
    reservation.settle(kept ?? usage);
    record({ name }, context, usage, undefined, begun, status);
  }
}

const cost = (tokens: number | undefined, price: Price['input'] | undefined): number | undefined =>
  tokens === undefined || price === undefined ? undefined : tokens * price;

function checked(vector: readonly number[], name: string, dimensions: number): readonly number[] {
  if (vector.length === dimensions && vector.every((x) => Number.isFinite(x))) return vector;
  const why = `a vector of ${vector.length} numbers, not of ${dimensions}: give the embedder its right \`dimensions\``;
  throw new MalformedReply({ url: name, why, body: JSON.stringify(vector.slice(0, 4)) });
}

function packed(vectors: readonly Float32Array[], usage: Usage): JournalEntry {
  const text = JSON.stringify(vectors.map((vector) => [...vector]));
  return { candidate: { content: [{ type: 'text', text }], finish: { unified: 'other', raw: 'embed' } }, usage };
}

function unpacked({ candidate }: JournalEntry, dimensions: number): Float32Array[] {
  const [part] = candidate.content;
  const vectors = JSON.parse(part?.type === 'text' ? part.text : '[]') as number[][];
  return vectors.map((vector) => Float32Array.from(checked(vector, 'journal', dimensions)));
}
