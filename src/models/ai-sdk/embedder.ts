/** Embedding models of the AI SDK as embedders, specification v3 and v4, as structural types. */
import { tokenCount, printName, type Embedder } from '../../core/index.ts';
import { fromEmbeddingBackend } from '../embedding-call.ts';
import { retrying } from './tries.ts';

export interface AiSdkEmbeddingModel {
  readonly specificationVersion: 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined;
  doEmbed(options: { values: string[]; abortSignal?: AbortSignal }): PromiseLike<{
    embeddings: number[][];
    usage?: { tokens: number } | undefined;
  }>;
}

export interface FromAiSdkEmbedderOptions {
  /** Numbers in a vector, such as 1536. */
  readonly dimensions: number;
  /** The name of the vectors. Default: provider and model id. */
  readonly name?: string | undefined;
  /** US dollars a token. Without it a budget in money refuses the calls. */
  readonly price?: number | undefined;
  /** Texts in one call, at most. Default 256, or what the model says where that is a number. */
  readonly batch?: number | undefined;
  /** How often a call that may succeed later is tried again. Default 2. */
  readonly maxRetries?: number | undefined;
}

/** An embedding model of the AI SDK, such as `openai.embeddingModel('text-embedding-3-small')`, as an embedder. */
export function fromAiSdkEmbedder(
  model: AiSdkEmbeddingModel,
  {
    dimensions,
    name = printName(`${model.provider}/${model.modelId}`),
    price,
    batch = 256,
    maxRetries = 2,
  }: FromAiSdkEmbedderOptions,
): Embedder {
  const most = model.maxEmbeddingsPerCall;
  return fromEmbeddingBackend({
    name,
    identity: `${name} ai-sdk embeddings ${dimensions}`,
    dimensions,
    price,
    batch: typeof most === 'number' ? Math.min(batch, most) : batch,
    async call(values, context) {
      const { signal, choice } = context;
      const { embeddings, usage } = await retrying(() => model.doEmbed({ values: [...values], abortSignal: signal }), {
        name,
        model,
        choice,
        signal,
        context,
        maxRetries,
      });
      return { vectors: embeddings, inputTokens: tokenCount(usage?.tokens) };
    },
  });
}
