/** Embeddings of any server that speaks OpenAI's protocol. */
import { InvalidOption, MalformedReply, progress, type Embedder } from '../../core/index.ts';
import { fromEmbeddingBackend, type EmbeddingReply } from '../embedding-call.ts';
import { exchange, limiterOf, readJson, type Exchange, type RetryOptions } from '../http/index.ts';
import { endpoint, secretsOf, shownAddress } from '../../core/calls/secrets.ts';
import { excerpt, finite, list, object, whole } from './wire.ts';

export interface OpenAIEmbedderOptions {
  /** The model's id at the server, such as `text-embedding-3-small`. */
  readonly model: string;
  /** Such as `http://127.0.0.1:8000/v1`. */
  readonly baseURL: string;
  /** Numbers in a vector, such as 1536. */
  readonly dimensions: number;
  /** Whether the server is asked for that many, for models that can give fewer than they have. Default false. */
  readonly shorten?: boolean | undefined;
  readonly apiKey?: string | undefined;
  /** The name in traces and of the vectors. Default: the model's id. */
  readonly name?: string | undefined;
  /** US dollars a token. Without it a budget in money refuses the calls. */
  readonly price?: number | undefined;
  /** Texts in one request, at most. Default 256. */
  readonly batch?: number | undefined;
  /** Sent as they are. No value of them is ever written anywhere. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Most milliseconds until the whole answer. Default 120000. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** An embedding model behind an OpenAI-compatible server. Its calls count as calls, in budget, account and trace. */
export function openaiEmbedder(options: OpenAIEmbedderOptions): Embedder {
  const { model, dimensions, shorten = false, batch = 256 } = check(options);
  const { address, shown: root, authorization, secrets: carried } = endpoint(options.baseURL);
  const shown = `${root}/embeddings`;
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
    ...options.headers,
  };
  return fromEmbeddingBackend({
    name: options.name ?? model,
    identity: `${options.name ?? model} ${root} embeddings ${JSON.stringify({ model, dimensions, shorten })}`,
    dimensions,
    price: options.price,
    batch,
    async call(input, context) {
      const { signal, choice, clock } = context;
      const call: Exchange = {
        url: address('/embeddings'),
        shown,
        headers,
        body: { model, input, encoding_format: 'float', ...(shorten && { dimensions }) },
        secrets: [...secretsOf(headers), ...carried],
        limiter: limiterOf(root),
        fetch: options.fetch ?? fetch,
        retry: options.retry ?? {},
        timeoutMs: options.timeoutMs ?? 120_000,
        signal,
        choice,
        clock,
        onWait: (text) => progress(context, `${options.name ?? model} ${text}`, 'wait'),
        hint: (status) =>
          status === 404 ? 'Check the model id, and that `baseURL` ends where /embeddings begins' : undefined,
      };
      const { value, close, explain } = await exchange(call, (incoming) => readJson(call, incoming));
      close();
      try {
        return replyOf(value, shown);
      } catch (error) {
        throw explain(error);
      }
    },
  });
}

/** A vector for each text, each with a place of its own and of numbers alone. */
function replyOf(body: unknown, shown: string): EmbeddingReply {
  const malformed = (why: string): MalformedReply => new MalformedReply({ url: shown, why, body: excerpt(body) });
  const reply = object(body);
  const data = list(reply?.['data']);
  if (!data) throw malformed('no list `data`');
  const vectors: number[][] = [];
  for (const [i, value] of data.entries()) {
    const row = object(value);
    const vector = list(row?.['embedding'])?.flatMap((one) => finite(one) ?? []);
    if (!vector || vector.length === 0 || vector.length !== list(row?.['embedding'])?.length)
      throw malformed('an embedding is no list of numbers');
    const at = whole(row?.['index']) ?? i;
    if (at >= data.length || vectors[at]) throw malformed('two embeddings of one text, and none of another');
    vectors[at] = vector;
  }
  const usage = object(reply?.['usage']);
  return { vectors, inputTokens: whole(usage?.['prompt_tokens']) ?? whole(usage?.['total_tokens']) };
}

function check(options: OpenAIEmbedderOptions): OpenAIEmbedderOptions {
  const where = 'openaiEmbedder';
  const { model, baseURL, dimensions, batch = 1, price = 0 } = options;
  if (typeof model !== 'string' || model === '')
    throw new InvalidOption({ where, option: 'model', rule: 'must be the id of a model', value: model });
  if (!URL.canParse(baseURL) || !/^https?:/.test(baseURL))
    throw new InvalidOption({
      where,
      option: 'baseURL',
      rule: 'must be an http(s) address such as http://127.0.0.1:8000/v1',
      value: typeof baseURL === 'string' ? shownAddress(baseURL) : baseURL,
    });
  for (const [option, value] of Object.entries({ dimensions, batch }))
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidOption({ where, option, rule: 'must be a positive integer', value });
  if (!(price >= 0)) throw new InvalidOption({ where, option: 'price', rule: 'must be at least 0', value: price });
  return options;
}
