/** A server under measurement: the models it gives, what went over the wire, and a count of tokens that is not its own account. */
import { rootScope, textOf, user, type Message, type Model } from '../../../src/core/index.ts';
import {
  openaiCompatible,
  probe,
  provider,
  tiny,
  type OpenAICompatibleOptions,
  type Probed,
} from '../../../src/models/index.ts';
import { watch, type Watch } from './watch.ts';

export interface SubjectOptions {
  /** Such as `llama.cpp`. */
  readonly name: string;
  /** Ends in `/v1`. */
  readonly baseURL: string;
  /** The model's id at the server. */
  readonly model: string;
  readonly apiKey?: string | undefined;
  readonly api?: 'chat' | 'completions' | undefined;
  /** A provider that plusx knows by name. Default: none, and what the server can do is what the probe finds. */
  readonly provider?: string | undefined;
  /** `tiny`: those of the embedded model, which then counts and scores beside the server. `chatml`: of a model of that layout. */
  readonly weights?: string | undefined;
  /** Numbers in an embedding. */
  readonly dimensions?: number | undefined;
  /** Where raw exchanges are kept. */
  readonly folder?: string | undefined;
}

export interface Subject {
  readonly options: SubjectOptions;
  readonly watch: Watch;
  /** The model as its provider's name or its address gives it, before the probe. */
  readonly plain: Model;
  /** What the probe made of it. */
  readonly model: Model;
  readonly probed: Probed;
  /** An address and a model id and nothing else, as a person without a provider's name would have it. */
  readonly bare: Model;
  /** The embedded model, where the server has its weights. */
  readonly twin: Model | undefined;
  /** Tokens of a text by a tokenizer that keeps no accounts. */
  readonly count: ((text: string) => Promise<number>) | undefined;
  /** Whether the server counts the token that ends a text: 1 or 0. */
  ends: number;
}

type Layout = (prompt: readonly Message[]) => string;

/** The layouts that the models were trained on, for the endpoint that lays nothing out. */
const LAYOUTS: { readonly [weights: string]: Layout } = {
  tiny: (prompt) => `${prompt.map(({ role, content }) => `<|${role}|>${textOf(content)}`).join('')}<|assistant|>`,
  chatml: (prompt) =>
    `${prompt.map(({ role, content }) => `<|im_start|>${role}\n${textOf(content)}<|im_end|>\n`).join('')}<|im_start|>assistant\n`,
};

export async function subjectOf(options: SubjectOptions, signal: AbortSignal): Promise<Subject> {
  const watched = watch(options.folder);
  const { baseURL, model, api = 'chat', weights } = options;
  const common: OpenAICompatibleOptions = {
    baseURL,
    model,
    api,
    name: options.name,
    fetch: watched.fetch,
    apiKey: options.apiKey,
    ...(api === 'completions' && { template: LAYOUTS[weights ?? ''] }),
  };
  const bare = openaiCompatible(common);
  const plain = options.provider === undefined ? bare : provider(options.provider, model, common);
  const probed = await probe(plain, { signal });
  watched.keep('probe', await watched.since(0));
  const twin = weights === 'tiny' ? tiny() : undefined;
  const count = await counterOf(options, twin);
  return { options, watch: watched, plain, model: probed.model, probed, bare, twin, count, ends: 1 };
}

type Counter = (text: string) => Promise<number>;

/** The server's own tokenizer where it can be asked, else the embedded one where the weights are its. */
async function counterOf({ baseURL, model }: SubjectOptions, twin: Model | undefined): Promise<Counter | undefined> {
  const root = baseURL.replace(/\/v1\/?$/, '');
  const ways: readonly Counter[] = [
    (text) => tokensOf(`${root}/tokenize`, { content: text, add_special: false }),
    (text) => tokensOf(`${root}/tokenize`, { model, prompt: text, add_special_tokens: false }),
    ...(twin ? [(text: string) => scoredTokens(twin, text)] : []),
  ];
  for (const way of ways) {
    const found = await way('Answer: 28').catch(() => Number.NaN);
    if (found > 0) return way;
  }
  return undefined;
}

async function tokensOf(url: string, body: object): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { tokens } = (await response.json()) as { tokens?: unknown };
  return Array.isArray(tokens) ? tokens.length : Number.NaN;
}

async function scoredTokens(twin: Model, text: string): Promise<number> {
  const { context, close } = rootScope();
  try {
    const scored = await twin.score?.({ prompt: [user('x')] }, text, context);
    // The last one is the end of the text, which is spelt with nothing.
    return scored?.tokens?.filter(({ token }) => token !== '').length ?? Number.NaN;
  } finally {
    close();
  }
}
