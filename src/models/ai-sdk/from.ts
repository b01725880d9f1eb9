/** An AI SDK model as a plusx model. */
import {
  byteLength,
  firstCallAlone,
  fromBackend,
  InvalidOption,
  MalformedReply,
  printName,
  type CallIO,
  type Candidate,
  type Json,
  type Model,
  type ProviderData,
  type Reply,
  type Request,
  type Thoughts,
  type Warning,
  type Price,
  type PromptCache,
  type Backend,
} from '../../core/index.ts';
import { heeding } from '../../core/calls/heeding.ts';
import { endedEarly, pieceCount } from '../../core/calls/pieces.ts';
import { contentToV4, promptToV3, type Lost } from './convert.ts';
import { marked } from './prompt-cache.ts';
import { readParts } from './stream.ts';
import type { AiSdkModelIn, AiSdkResponse, AiSdkResult, AiSdkVersion, AiSdkWarning } from './types.ts';
import { midway, retrying, type Tried } from './tries.ts';
import { usageOf } from './usage.ts';
import { fromSdkError, fromSdkWarning, fromStreamError, unsupported } from './warnings.ts';

export interface FromAiSdkOptions {
  /** Name in formulas. Default `provider/modelId`. */
  readonly name?: string | undefined;
  /** Tells this model from others in a journal. Needed where two servers go by one provider name. Default: the name. */
  readonly identity?: string | undefined;
  /** In US dollars a token. Without it costs are unknown, and a budget in money refuses the model. */
  readonly price?: Price | undefined;
  /** How thoughts in its text are told from what it says. Default: by the usual tags, such as `<think>`; `false`: not at all. */
  readonly thoughts?: Thoughts | undefined;
  /** Whether each call carries a seed of its own. Default true; false for a server that refuses one. */
  readonly sendSeed?: boolean | undefined;
  /** How often a call that may succeed later is tried again. What was tried again here is not tried again by the SDK. Default 2. */
  readonly maxRetries?: number | undefined;
  /**
   * Uses the provider's cache of prompts: the first call of one long prompt is made alone, and the others once it is there; a model
   * of Anthropic's is told what to keep. Default: not, for it takes the time of two calls, and what is kept is billed above the
   * price of input.
   */
  readonly promptCache?: PromptCache | undefined;
  /** How many calls to have in flight at once. Default: no limit. */
  readonly concurrency?: number | undefined;
}

const sources = new WeakMap<Model, AiSdkModelIn>();

/** The AI SDK model that `fromAiSdk` made `model` of. */
export function sourceOf(model: Model): AiSdkModelIn | undefined {
  return sources.get(model);
}

/**
 * Makes a model of any AI SDK language model of specification v3 or v4 (the providers of AI SDK 6 and 7). All call
 * options are passed on; n candidates are n calls, each with its own seed; the SDK tells no log-probabilities. Cost: 1
 * call a candidate.
 */
export function fromAiSdk(model: AiSdkModelIn, options: FromAiSdkOptions = {}): Model {
  const version = versionOf(model);
  const { identity, price, maxRetries = 2, concurrency = Infinity, sendSeed = true, promptCache } = options;
  if (!Number.isInteger(maxRetries) || maxRetries < 0)
    throw new InvalidOption({
      where: 'fromAiSdk',
      option: 'maxRetries',
      rule: 'must be a whole number from 0',
      value: maxRetries,
    });
  const name = printName(options.name ?? `${model.provider}/${model.modelId}`);
  const toCall = (request: Request, io: CallIO): Call =>
    callOf(promptCache ? marked(request, promptCache, model.provider) : request, io, { version, sendSeed, name });
  const triedAs = ({ headers }: Request, { choices, signal, context }: CallIO): Tried => ({
    name,
    model,
    headers,
    signal,
    context,
    maxRetries,
    choice: choices[0] ?? context.choice,
  });
  const backend: Backend = {
    name,
    identity: `ai-sdk ${identity ?? name}`,
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency },
    semantics: { kind: 'exact', target: 'P', why: 'one call to the model' },
    price,
    thoughts: options.thoughts,
    heeding: heeding(),
    bound: (request) => ({ inputTokens: boundInput(request), outputTokens: request.maxOutputTokens }),
    async call(request, io) {
      const { options, warnings } = toCall(request, io);
      const result = (await retrying(() => model.doGenerate(options), triedAs(request, io))) as AiSdkResult;
      return replyOf(result, { name, warnings, price });
    },
    async *stream(request, io) {
      const { options, warnings } = toCall(request, io);
      const tried = triedAs(request, io);
      const opened = await retrying(() => model.doStream(options), tried);
      const { stream } = opened as { stream: ReadableStream<{ readonly type: string }> };
      const most = request.maxOutputTokens;
      try {
        const result = yield* readParts(stream, {
          signal: io.signal,
          fits: pieceCount(most),
          tooLong: () => void warnings.push(endedEarly(name, most ?? 0)),
          failed: (error) => fromStreamError(error, midway(tried)),
        });
        if (!result) return;
        const { candidates, ...rest } = replyOf(result, { name, warnings, price });
        yield { type: 'reply', candidate: candidates[0] as Candidate, ...rest };
      } catch (error) {
        throw fromSdkError(error, midway(tried));
      }
    },
  };
  const made = fromBackend(promptCache ? firstCallAlone(backend, promptCache) : backend);
  sources.set(made, model);
  return made;
}

function versionOf(model: unknown): AiSdkVersion {
  const version =
    typeof model === 'object' && model !== null && 'specificationVersion' in model
      ? model.specificationVersion
      : undefined;
  if (version === 'v3' || version === 'v4') return version;
  throw new InvalidOption({
    where: 'fromAiSdk',
    option: 'model',
    rule: 'must be an AI SDK language model of specification v3 or v4',
    value: version ?? model,
    hint:
      typeof model === 'string'
        ? 'Make the model with a provider, such as `openai("gpt-5-mini")`; a plain name means nothing here'
        : 'Use a provider package made for AI SDK 6 or 7',
  });
}

interface Call {
  readonly options: object;
  readonly warnings: Warning[];
}

function callOf(
  request: Request,
  { choices: [choice], signal }: CallIO,
  { version, sendSeed, name }: { version: AiSdkVersion; sendSeed: boolean; name: string },
): Call {
  const { n: _n, from: _from, prompt, logprobs, reasoning, providerOptions, ...settings } = request;
  const warnings: Warning[] = [];
  const lost: Lost = (what) => {
    warnings.push(unsupported('prompt', `${name} cannot take ${what}: it is left out.`));
  };
  if (logprobs) warnings.push(unsupported('logprobs', 'The AI SDK hands on no log-probabilities.'));
  if (reasoning !== undefined && version === 'v3' && reasoning !== 'provider-default')
    warnings.push(unsupported('reasoning', `${name} is of specification v3: use its providerOptions.`));
  const { plusx: _plusx, ...others } = providerOptions ?? {};
  const options = {
    ...settings,
    prompt: version === 'v4' ? prompt : promptToV3(prompt, lost),
    ...(version === 'v4' && reasoning !== undefined && { reasoning }),
    ...(providerOptions && { providerOptions: others }),
    ...(sendSeed && { seed: choice?.seed() }),
    abortSignal: signal,
  };
  return { options, warnings };
}

function replyOf(given: AiSdkResult, { name, warnings, price }: Reading): Reply {
  const { usage, response, providerMetadata } = given;
  if (!Array.isArray(given.content))
    throw new MalformedReply({ url: name, why: 'no list of content', body: JSON.stringify(given.content) ?? '' });
  const metadata = providerMetadata as ProviderData | undefined;
  const candidate: Candidate = {
    content: given.content.map(contentToV4),
    finish: finishOf(given.finishReason),
    providerMetadata: {
      ...metadata,
      plusx: { ...metadata?.['plusx'], upstream: upstream(response, usage) },
    },
  };
  const told = Array.isArray(given.warnings) ? given.warnings : [];
  return {
    candidates: [candidate],
    usage: usageOf(usage, price),
    warnings: [...warnings, ...told.map((warning: AiSdkWarning) => fromSdkWarning(warning, name))],
  };
}

/** What a reply is read with. */
interface Reading {
  readonly name: string;
  /** Those of the call itself. */
  readonly warnings: readonly Warning[];
  readonly price: Price | undefined;
}

const FINISHES: ReadonlySet<unknown> = new Set([
  'stop',
  'length',
  'content-filter',
  'tool-calls',
  'error',
  'other',
  'interrupted',
]);

function finishOf(reason: AiSdkResult['finishReason'] | undefined): Candidate['finish'] {
  const { unified, raw } = reason ?? {};
  return {
    unified: unified !== undefined && FINISHES.has(unified) ? unified : 'other',
    raw: typeof raw === 'string' ? raw : undefined,
  };
}

/** What the SDK tells of a call and plusx has no word for, as plain data: `toAiSdk` gives it back. */
function upstream(response: AiSdkResponse | undefined, usage: AiSdkResult['usage'] | undefined): Json {
  const { id, modelId, timestamp } = response ?? {};
  const time = timestamp instanceof Date && !Number.isNaN(timestamp.getTime()) ? timestamp.toISOString() : undefined;
  return {
    ...(response && { response: { id, modelId, timestamp: time } }),
    ...(usage && { usage: usage as unknown as Json }),
  };
}

const PER_MESSAGE = 16;
const PER_IMAGE = 16_384;

/** No tokenizer writes more tokens than bytes. A picture, or a file that is elsewhere, counts as the largest one that is billed. */
function boundInput({ prompt, tools, responseFormat }: Request): number {
  let extra = prompt.length * PER_MESSAGE;
  const text = JSON.stringify([prompt, tools, responseFormat], (_key, value: unknown) => {
    if (!isFile(value)) return value;
    const { data, mediaType } = value;
    extra +=
      data.type !== 'data' || mediaType.startsWith('image') ? PER_IMAGE : Math.max(PER_IMAGE, data.data?.length ?? 0);
    return data.type === 'text' ? value : undefined;
  });
  return byteLength(text) + extra;
}

interface SizedFile {
  readonly type: string;
  readonly mediaType: string;
  readonly data: { readonly type: string; readonly data?: { readonly length: number } };
}
const isFile = (value: unknown): value is SizedFile =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  (value.type === 'file' || value.type === 'reasoning-file') &&
  'data' in value &&
  typeof value.data === 'object';
