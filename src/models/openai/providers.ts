/** Providers by name: where they are, what their key is called, and what they do their own way. */
import { InvalidOption, MissingKey, nearest, type Model } from '../../core/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
import type { Quirks } from './quirks.ts';

export interface Provider {
  readonly baseURL: string;
  /** Name of the variable that holds the key. */
  readonly key: string;
  /** Servers of one's own mostly need none. */
  readonly keyOptional?: boolean;
  /** Name of the variable that holds another base URL. */
  readonly url: string;
  quirks(model: string, api: 'chat' | 'completions'): Quirks;
}

/** The sampler settings that leave the model's distribution as it is. */
const NEUTRAL = { temperature: 1, top_p: 1, min_p: 0 };

export const PROVIDERS: { readonly [name: string]: Provider } = {
  openai: {
    baseURL: 'https://api.openai.com/v1',
    key: 'OPENAI_API_KEY',
    url: 'OPENAI_BASE_URL',
    // Models that think send no log-probabilities. The sampler is neutral where nothing is asked of it.
    quirks: (model) => ({
      maxTokens: 'max_completion_tokens',
      logprobs: !/^(?:o\d|gpt-[5-9])/.test(model),
      neutral: true,
      listsEnd: false,
    }),
  },
  openrouter: {
    baseURL: 'https://openrouter.ai/api/v1',
    key: 'OPENROUTER_API_KEY',
    url: 'OPENROUTER_BASE_URL',
    // Most of the hosts behind it drop `n` without a word.
    quirks: () => ({
      n: false,
      topK: true,
      reasoning: 'reasoning',
      reasoningField: 'reasoning',
      bill: true,
      defaults: { usage: { include: true } },
    }),
  },
  vllm: {
    baseURL: 'http://127.0.0.1:8000/v1',
    key: 'VLLM_API_KEY',
    keyOptional: true,
    url: 'VLLM_BASE_URL',
    // It takes over the sampler settings a model was published with.
    quirks: (_model, api) => ({
      n: true,
      topK: true,
      logprobs: true,
      score: api === 'completions' ? 'echo' : 'prompt_logprobs',
      jsonSchema: true,
      ...(api === 'chat' && { prefix: 'continue_final_message', repeatsPrefix: false }),
      reasoningField: 'reasoning_content',
      defaults: { ...NEUTRAL, top_k: -1, repetition_penalty: 1 },
    }),
  },
  'llama.cpp': {
    baseURL: 'http://127.0.0.1:8080/v1',
    key: 'LLAMA_API_KEY',
    keyOptional: true,
    url: 'LLAMA_BASE_URL',
    // Its own defaults are temperature 0.8, top_k 40, top_p 0.95, min_p 0.05; whoever starts it, and the model file, may set
    // the others. With `n` it counts the tokens of one candidate; asked one by one, its cache of prompts makes up for it.
    // A reply on the chat endpoint holds the text that it goes on from.
    quirks: (_model, api) => ({
      n: false,
      topK: true,
      logprobs: true,
      ...(api === 'chat' ? { prefix: 'continue_final_message', repeatsPrefix: true } : { jsonSchema: 'json_schema' }),
      reasoningField: 'reasoning_content',
      defaults: {
        ...NEUTRAL,
        top_k: 0,
        typical_p: 1,
        repeat_penalty: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        dry_multiplier: 0,
        xtc_probability: 0,
        dynatemp_range: 0,
        top_n_sigma: -1,
        mirostat: 0,
      },
    }),
  },
  ollama: {
    baseURL: 'http://127.0.0.1:11434/v1',
    key: 'OLLAMA_API_KEY',
    keyOptional: true,
    url: 'OLLAMA_BASE_URL',
    quirks: () => ({
      n: false,
      defaults: { temperature: 1, top_p: 1 },
      served:
        'drawn by the server, whose top_k (40 unless the model file says otherwise) cannot be set through this protocol',
    }),
  },
  groq: {
    baseURL: 'https://api.groq.com/openai/v1',
    key: 'GROQ_API_KEY',
    url: 'GROQ_BASE_URL',
    quirks: () => ({ n: false, maxTokens: 'max_completion_tokens', logprobs: false }),
  },
  together: {
    baseURL: 'https://api.together.xyz/v1',
    key: 'TOGETHER_API_KEY',
    url: 'TOGETHER_BASE_URL',
    quirks: () => ({ topK: true }),
  },
  deepseek: {
    baseURL: 'https://api.deepseek.com/v1',
    key: 'DEEPSEEK_API_KEY',
    url: 'DEEPSEEK_BASE_URL',
    quirks: () => ({ n: false, seed: false, jsonSchema: false, reasoningField: 'reasoning_content' }),
  },
  mistral: {
    baseURL: 'https://api.mistral.ai/v1',
    key: 'MISTRAL_API_KEY',
    url: 'MISTRAL_BASE_URL',
    // It refuses fields it does not know.
    quirks: () => ({ seed: 'random_seed', logprobs: false, streamUsage: false }),
  },
};

export interface ProviderOptions extends Omit<Partial<OpenAICompatibleOptions>, 'model' | 'provider'> {
  /** Where keys and addresses are looked up, such as the environment of the process. */
  readonly env?: { readonly [variable: string]: string | undefined } | undefined;
  /** What is done to the settings before the model is made of them. */
  readonly connect?: Connect | undefined;
}

/** Settings of a model in the place of others, such as `batched` of `plusx/batch` gives. */
export type Connect = (options: OpenAICompatibleOptions) => OpenAICompatibleOptions;

/** A model of a known provider: `provider('openai', 'gpt-5-mini', { env })`. Throws MissingKey where there is no key. */
export function provider(
  name: string,
  model: string,
  { env = {}, connect = (settings) => settings, ...options }: ProviderOptions = {},
): Model {
  const known = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (!known) {
    const close = nearest(name, Object.keys(PROVIDERS));
    throw new InvalidOption({
      where: 'provider',
      option: 'name',
      rule: `must be one of ${Object.keys(PROVIDERS).join(', ')}`,
      value: name,
      ...(close !== undefined && { hint: `Did you mean ${close}?` }),
    });
  }
  const apiKey = options.apiKey ?? (env[known.key] || undefined);
  if (apiKey === undefined && !known.keyOptional) throw new MissingKey({ provider: name, variable: known.key });
  const settings = {
    ...options,
    name: options.name ?? `${name}/${model}`,
    baseURL: options.baseURL ?? (env[known.url] || known.baseURL),
    hint: options.hint ?? ((status) => adviceOn(status, known, name, model)),
    model,
    provider: name,
    apiKey,
    quirks: { ...known.quirks(model, options.api ?? 'chat'), ...options.quirks },
  };
  return openaiCompatible(connect(settings));
}

/** The model of a name such as `openai/gpt-5-mini`; nothing where no provider is called so. */
export function modelNamed(name: string, options: ProviderOptions = {}): Model | undefined {
  const slash = name.indexOf('/');
  const before = name.slice(0, slash);
  if (slash < 1 || slash === name.length - 1 || !Object.hasOwn(PROVIDERS, before)) return undefined;
  return provider(before, name.slice(slash + 1), options);
}

function adviceOn(status: number, { key }: Provider, name: string, model: string): string | undefined {
  if (status === 401 || status === 403) return `Check the key in ${key}`;
  if (status === 402) return `The account at ${name} has no credit left`;
  return status === 404 ? `Check that ${name} has a model called ${model}` : undefined;
}
