/** Any server that speaks OpenAI's protocol, chat or completions. */
import {
  byteLength,
  firstCallAlone,
  fromBackend,
  InvalidOption,
  MalformedReply,
  printName,
  progress,
  textOf,
  type Backend,
  type CallIO,
  type Json,
  type Message,
  type Model,
  type PromptCache,
  type Reply,
  type Request,
  type Thoughts,
  type Warning,
} from '../../core/index.ts';
import {
  exchange,
  limiterOf,
  type Limiter,
  openEvents,
  readJson,
  readWhole,
  refuseError,
  type Exchange,
  type RetryOptions,
} from '../http/index.ts';
import { endedEarly, pieceCount } from '../../core/calls/pieces.ts';
import { secretsOf, shownAddress } from '../../core/calls/secrets.ts';
import { FORMATS, memoryOf, refusesForm, refusesFormat, SHAPES, speaksOfN, type Shape } from './memory.ts';
import type { Dialect } from './messages.ts';
import type { Quirks } from './quirks.ts';
import { listsEnd } from './replies/logprobs.ts';
import { hasEnded, replyOf, type ReplyOptions } from './reply.ts';
import { placeOf } from './protocol/place.ts';
import { bodyOf, plainTemplate, type BodyParts } from './request.ts';
import { continuing, scoreBody, scoreOf } from './replies/score.ts';
import { severally, type Ask } from './severally.ts';
import { chunksOf, streamParts } from './stream.ts';
import { usageOf, type ModelPrice } from './replies/usage.ts';
import { excerpt, object, objects, text, type Wire } from './wire.ts';

export interface OpenAICompatibleOptions {
  /** The model's id at the server. */
  readonly model: string;
  /** Such as `http://127.0.0.1:8000/v1`. */
  readonly baseURL: string;
  readonly apiKey?: string | undefined;
  /** `chat` (default), or `completions` for a plain language model. */
  readonly api?: 'chat' | 'completions' | undefined;
  /** The name in formulas and traces. Default: the model's id. */
  readonly name?: string | undefined;
  /** The key under which a request's `providerOptions` are meant for this server. Default `openaiCompatible`. */
  readonly provider?: string | undefined;
  /** US dollars a token. Without it a budget in money refuses the model. */
  readonly price?: ModelPrice | undefined;
  /** Fields sent with every request; part of the model's identity. */
  readonly settings?: { readonly [field: string]: Json } | undefined;
  /** Sent as they are. No value of them is ever written anywhere. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** The text of a prompt on the completions endpoint. Default: system and user texts with an empty line between. */
  readonly template?: ((prompt: readonly Message[]) => string) | undefined;
  /** Whether a JSON schema is asked to be kept to the letter. Default true. */
  readonly strictSchema?: boolean | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Most milliseconds without a sign of life: until the whole reply, or between two pieces of a stream. Default 290000. */
  readonly timeoutMs?: number | undefined;
  /** Upper bound of the tokens of one image or other file, for budgets. Default 16384. */
  readonly fileTokens?: number | undefined;
  /**
   * Uses the server's cache of prompts: the first call of one long prompt is made alone, and the others once it is there. Default:
   * not, for it takes the time of two calls. Candidates that are asked for in one call share their prompt anyway.
   */
  readonly promptCache?: PromptCache | undefined;
  /** How thoughts in its text are told from what it says. Default: by the usual tags, such as `<think>`; `false`: not at all. */
  readonly thoughts?: Thoughts | undefined;
  readonly quirks?: Quirks | undefined;
  /** Added to the error of a status, such as where to get a key. */
  readonly hint?: ((status: number) => string | undefined) | undefined;
  /** How many requests are in flight at once. Default: as many as the host takes, which all of its models share. */
  readonly limiter?: Limiter | undefined;
  /** Default: the one of the platform. Another one may have a time limit of its own. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * A model behind an OpenAI-compatible server. It claims no more than `quirks` say: `probe` finds out the rest. Several
 * candidates are asked for with native `n` until the server refuses or ignores it, and one by one from then on, each
 * draw with its own seed.
 */
export function openaiCompatible(options: OpenAICompatibleOptions): Model {
  const backend = backendOf(options);
  const model = fromBackend(options.promptCache ? firstCallAlone(backend, options.promptCache) : backend);
  made.set(model, options);
  return model;
}

const made = new WeakMap<Model, OpenAICompatibleOptions>();

/** What a model was made with, for `probe`. */
export function optionsOf(model: Model): OpenAICompatibleOptions | undefined {
  return made.get(model);
}

function backendOf(options: OpenAICompatibleOptions): Backend {
  const { model, api = 'chat', quirks = {}, settings = {}, price, template } = check(options);
  const name = printName(options.name ?? model);
  const provider = options.provider ?? 'openaiCompatible';
  const { address, root, headers, secrets } = placeOf(options);
  const path = api === 'chat' ? '/chat/completions' : '/completions';
  const shown = `${root}${path}`;
  const maxTokens = quirks.maxTokens ?? 'max_tokens';
  const parts: BodyParts = {
    model,
    api,
    settings,
    strictSchema: options.strictSchema ?? true,
    template: template ? ({ prompt }) => template(prompt) : plainTemplate(name),
  };
  const memory = memoryOf(root, model);

  const callOf = (body: Wire, request: Request, { signal, choices, context }: CallIO): Exchange => {
    const more = Object.fromEntries(
      Object.entries(request.headers ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    return {
      url: address(path),
      shown,
      headers: { ...headers, ...more },
      body,
      secrets: [...secrets, ...secretsOf(more)],
      limiter: options.limiter ?? limiterOf(root),
      fetch: options.fetch ?? fetch,
      retry: options.retry ?? {},
      timeoutMs: options.timeoutMs ?? 290_000,
      signal,
      choice: choices[0] ?? context.choice,
      clock: context.clock,
      onWait: (text) => progress(context, `${name} ${text}`, 'wait'),
      hint: options.hint ?? adviceOn,
    };
  };
  const dialectOf = (warnings: Warning[], { shape, format }: Form): Dialect => ({
    name,
    provider,
    quirks:
      api === 'chat' && FORMATS[format] === 'json_object'
        ? { ...quirks, jsonSchema: quirks.jsonSchema ?? 'json_object' }
        : quirks,
    shape: SHAPES[shape] ?? AS_IT_IS,
    warn: (warning) => warnings.push(warning),
  });
  /** The body in one form of the request, and the warnings met while it was made. */
  const prepare = (request: Request, { choices, prefix }: CallIO, form: Form): Prepared => {
    const warnings: Warning[] = [];
    const body = bodyOf(request, parts, dialectOf(warnings, form));
    if (quirks.seed === false)
      warnings.push({ code: 'no-seed', message: `${name} takes no seed: only a journal makes a run repeatable` });
    else if (choices[0]) body[quirks.seed ?? 'seed'] = choices[0].seed();
    if (choices.length > 1) body['n'] = choices.length;
    if (!prefix) return { body, warnings };
    if (api === 'completions') return { body: { ...body, prompt: `${String(body['prompt'])}${prefix}` }, warnings };
    return { body: { ...body, ...continuing(body, prefix, quirks.prefix) }, warnings };
  };
  /**
   * Sends, in the form that the server is known to take. Where it refuses, the other forms of what it speaks of are tried as long
   * as they are another request; the one that passes is remembered.
   */
  const adapting = async <T>(request: Request, io: CallIO, send: (prepared: Prepared) => Promise<T>): Promise<T> => {
    let form: Form = { shape: memory.shape, format: memory.format };
    let prepared = prepare(request, io, form);
    let refusal: unknown;
    for (;;) {
      try {
        const value = await send(prepared);
        memory.shape = Math.max(memory.shape, form.shape);
        memory.format = Math.max(memory.format, form.format);
        return value;
      } catch (error) {
        refusal ??= error;
        const sent = formOf(prepared);
        let next: Form | undefined = form;
        do {
          next = api === 'chat' ? otherForm(next, error, io) : undefined;
          if (!next) throw refusal;
          prepared = prepare(request, io, next);
        } while (formOf(prepared) === sent);
        prepared.warnings.push(otherwise(name, form, next, error));
        form = next;
      }
    }
  };
  const reading = (sent: Wire, prefix?: string): ReplyOptions => ({
    shown,
    provider,
    sent,
    price,
    billed: quirks.bill,
    countsEnd: quirks.countsEnd,
    neutral: quirks.neutral ?? quirks.defaults?.['temperature'] !== undefined,
    prefix,
    // A completions endpoint says what it adds; only chats are known to say it all.
    repeatsPrefix: quirks.repeatsPrefix ?? (api === 'completions' ? false : memory.repeatsPrefix),
  });
  const fetchJson = async <T>(call: Exchange, read: (body: unknown) => T): Promise<T> => {
    const { value, close, explain } = await exchange(call, (incoming) => readJson(call, incoming));
    close();
    try {
      return read(value);
    } catch (error) {
      throw explain(error);
    }
  };
  /** A reply, also of a server that streams whatever it is asked: it is read to its end. */
  const fetchReply = async (call: Exchange, how: ReplyOptions): Promise<Reply> => {
    const { value, close, explain } = await exchange(call, (incoming) => readWhole(call, incoming));
    try {
      if (value.kind === 'json') return replyOf(value.body, how);
      const chunks = chunksOf(value.events, shown, (chunk) => refuseError(call, chunk));
      for await (const part of streamParts(chunks, how))
        if (part.type === 'reply') return { ...part, candidates: [part.candidate] };
      throw new MalformedReply({ url: shown, why: 'a stream without an end', body: '' });
    } catch (error) {
      throw explain(error);
    } finally {
      close();
    }
  };

  /** One request, for all the candidates it names. */
  const ask: Ask = (request, io, otherwiseAt) =>
    adapting(request, io, async ({ body, warnings }) => {
      const call = callOf(body, request, io);
      const reply = await fetchReply({ ...call, otherwiseAt }, reading(body, io.prefix));
      if (reply.warnings?.some(({ code }) => code === 'prefix-repeated')) memory.repeatsPrefix = true;
      for (const { content, finish, tokens } of reply.candidates)
        if (tokens && hasEnded({ finish }, body)) memory.listsEnd = listsEnd(tokens, textOf(content));
      return { ...reply, warnings: [...warnings, ...(reply.warnings ?? [])] };
    });

  return {
    name,
    identity: identityOf(options, root, api, provider),
    can: {
      logprobs: quirks.logprobs === true,
      continueFrom: api === 'completions' || quirks.prefix !== undefined,
      score: quirks.score !== undefined,
      next: false,
      concurrency: Infinity,
    },
    semantics: {
      kind: 'exact',
      target: 'P',
      why:
        quirks.served ?? 'drawn by the server with the sampler settings of the request, and its own where it has none',
    },
    price,
    thoughts: options.thoughts,
    heeding: memory.heeding,
    native: () => quirks.n !== false && memory.most > 1,
    leavesUndone(request) {
      const warnings: Warning[] = [];
      bodyOf(request, parts, dialectOf(warnings, memory));
      return warnings;
    },
    bound: (request) => ({
      inputTokens: inputBound(request, options.fileTokens ?? 16_384),
      outputTokens: request.maxOutputTokens,
    }),
    call: (request, io) => severally(request, io, { ask, name, memory }),
    async *stream(request, io) {
      const { call, body, warnings, opened } = await adapting(request, io, async ({ body, warnings }) => {
        body['stream'] = true;
        if (quirks.streamUsage !== false) body['stream_options'] = { include_usage: true };
        const call = callOf(body, request, io);
        return { call, body, warnings, opened: await exchange(call, (incoming) => openEvents(call, incoming)) };
      });
      const tooLong = (most: number): void => void warnings.push(endedEarly(name, most));
      try {
        const chunks = chunksOf(opened.value, shown, (chunk) => refuseError(call, chunk));
        const how = { ...reading(body), streamed: { needsEnd: quirks.listsEnd ?? memory.listsEnd ?? true } };
        for await (const part of streamParts(within(chunks, request.maxOutputTokens, tooLong), how))
          yield part.type === 'reply' ? { ...part, warnings: [...warnings, ...(part.warnings ?? [])] } : part;
      } catch (error) {
        throw opened.explain(error);
      } finally {
        opened.close();
      }
    },
    ...(quirks.score && { score: scorer(quirks.score) }),
  };

  function scorer(way: 'echo' | 'prompt_logprobs'): NonNullable<Backend['score']> {
    return (request, text, io) =>
      adapting({ ...request, maxOutputTokens: undefined }, io, async ({ body }) => {
        const prompt = api === 'completions' ? String(body['prompt']) : '';
        const sent = scoreBody(body, text, way, maxTokens);
        return fetchJson(callOf(sent, request, io), (reply) => {
          const scored = scoreOf(reply, { text, prompt, shown }, way);
          return { ...scored, usage: usageOf(object(object(reply)?.['usage']), { price, billed: quirks.bill }) };
        });
      });
  }
}

interface Prepared {
  readonly body: Wire;
  readonly warnings: Warning[];
}

/** Where a request stands in `SHAPES` and in `FORMATS`. */
interface Form {
  readonly shape: number;
  readonly format: number;
}

const formOf = ({ body }: Prepared): string => JSON.stringify([body['messages'], body['response_format']]);

/** The next form of what a refusal speaks of. */
function otherForm({ shape, format }: Form, error: unknown, { choices }: CallIO): Form | undefined {
  if (refusesFormat(error) && format + 1 < FORMATS.length) return { shape, format: format + 1 };
  const isOfMessages = refusesForm(error) && !(choices.length > 1 && speaksOfN(error));
  return isOfMessages && shape + 1 < SHAPES.length ? { shape: shape + 1, format } : undefined;
}

function otherwise(name: string, before: Form, after: Form, error: unknown): Warning {
  const what = after.format > before.format ? 'schema' : 'messages';
  const refused = { schema: 'the way in which a JSON schema is asked for', messages: 'the conversation as it is' }[
    what
  ];
  const why = error instanceof Error ? error.message : String(error);
  return { code: `${what}-reshaped`, message: `${name} refuses ${refused} (${why}): it is sent in another form` };
}

const [AS_IT_IS] = SHAPES as readonly [Shape, ...Shape[]];

function adviceOn(status: number): string | undefined {
  if (status === 401 || status === 403) return 'Check `apiKey`';
  return status === 404 ? 'Check the model id, and that `baseURL` ends where /chat/completions begins' : undefined;
}

/** The chunks, up to the first that must hold a token more than was asked for: the stream ends before it, marked so. */
async function* within(
  chunks: AsyncIterable<Wire>,
  most: number | undefined,
  tooLong: (most: number) => void,
): AsyncGenerator<Wire> {
  const fits = pieceCount(most);
  for await (const chunk of chunks) {
    if (most !== undefined && !fits(writtenIn(chunk))) {
      tooLong(most);
      yield { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] };
      return;
    }
    yield chunk;
  }
}

/** All that a chunk of a stream writes. */
function writtenIn(chunk: Wire): string {
  const [choice] = objects(chunk['choices']) ?? [];
  const delta = object(choice?.['delta']) ?? {};
  const calls = objects(delta['tool_calls']) ?? [];
  const pieces = [
    choice?.['text'],
    delta['content'],
    delta['reasoning_content'] ?? delta['reasoning'],
    ...calls.map((call) => object(call['function'])?.['arguments']),
  ];
  // A list of parts writes something too.
  return pieces.map((piece) => text(piece) ?? (piece ? excerpt(piece) : '')).join('');
}

/**
 * More tokens than any tokenizer makes of the request: no token is shorter than a byte. Chat formats add some for each
 * message, and more where there are tools.
 */
function inputBound({ prompt, tools, responseFormat }: Request, fileTokens: number): number {
  let bound = 64 + (tools?.length ? 1024 : 0);
  for (const message of prompt) {
    bound += 16;
    if (typeof message.content === 'string') bound += byteLength(message.content);
    else
      for (const part of message.content) {
        if (part.type === 'file') bound += part.data.type === 'text' ? byteLength(part.data.text) : fileTokens;
        else if (part.type === 'text' || part.type === 'reasoning') bound += byteLength(part.text);
        else bound += byteLength(JSON.stringify(part)) + 16;
      }
  }
  for (const extra of [...(tools ?? []), ...(responseFormat?.type === 'json' ? [responseFormat] : [])])
    bound += byteLength(JSON.stringify(extra)) + 16;
  return bound;
}

/** Everything that changes what comes back, and no secret. */
function identityOf(options: OpenAICompatibleOptions, root: string, api: string, provider: string): string {
  const { model, settings = {}, quirks = {}, template, strictSchema = true } = options;
  return [
    printName(options.name ?? model),
    root,
    api,
    JSON.stringify({
      model,
      provider,
      settings,
      defaults: quirks.defaults,
      strictSchema,
      template: template?.toString(),
    }),
  ].join(' ');
}

function check(options: OpenAICompatibleOptions): OpenAICompatibleOptions {
  const { model, baseURL, api = 'chat', price, timeoutMs = 1, quirks = {} } = options;
  const where = 'openaiCompatible';
  if (typeof model !== 'string' || model === '')
    throw new InvalidOption({ where, option: 'model', rule: 'must be the id of a model', value: model });
  if (!URL.canParse(baseURL) || !/^https?:/.test(baseURL))
    throw new InvalidOption({
      where,
      option: 'baseURL',
      rule: 'must be an http(s) address such as http://127.0.0.1:8000/v1',
      value: typeof baseURL === 'string' ? shownAddress(baseURL) : baseURL,
    });
  for (const [field, value] of Object.entries({ 'price.input': price?.input ?? 0, 'price.output': price?.output ?? 0 }))
    if (!(value >= 0)) throw new InvalidOption({ where, option: field, rule: 'must be at least 0', value });
  if (!(timeoutMs > 0))
    throw new InvalidOption({ where, option: 'timeoutMs', rule: 'must be above 0', value: timeoutMs });
  if ((quirks.score === 'echo') !== (api === 'completions') && quirks.score !== undefined)
    throw new InvalidOption({
      where,
      option: 'quirks.score',
      rule: "must be 'echo' with api 'completions', 'prompt_logprobs' with 'chat'",
      value: quirks.score,
    });
  return options;
}
