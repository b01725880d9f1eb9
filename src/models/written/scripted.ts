/** A model that says what it is told to say: for tests. */
import {
  drawAt,
  fromBackend,
  InvalidOption,
  printName,
  sleep,
  textOf,
  type Backend,
  type CallIO,
  type Candidate,
  type Capabilities,
  type Choice,
  type Content,
  type Context,
  type FinishReason,
  type Model,
  type Price,
  type Reply,
  type Request,
} from '../../core/index.ts';
import { spoken } from '../../core/stream.ts';

/** One answer: a text, an error to throw, or the parts of an answer. */
export type Step = string | Error | ScriptedAnswer;

export interface ScriptedAnswer {
  readonly text?: string;
  readonly reasoning?: string;
  /** `input` is made JSON text where it is none yet. */
  readonly toolCalls?: ReadonlyArray<{
    readonly toolName: string;
    readonly input: unknown;
    readonly toolCallId?: string;
  }>;
  readonly finish?: FinishReason['unified'];
  readonly logprob?: number;
  readonly answer?: string | null;
  readonly providerMetadata?: Candidate['providerMetadata'];
  /** Thrown instead of answering, after the delay. */
  readonly error?: Error;
  /** Milliseconds before the answer comes. */
  readonly delay?: number;
  readonly usage?: ScriptedUsage;
}

/** `unknown`: the provider tells nothing. What is left out is counted in characters, and costs nothing. */
export type ScriptedUsage = 'unknown' | Partial<Reply['usage']>;

/** What an answer may depend on besides the request. */
export interface AnswerInfo {
  /** Number of the candidate within its call's draws: `from`, `from + 1`, ... */
  readonly index: number;
  /** Address of the candidate in the run. */
  readonly path: string;
  readonly choice: Choice;
  readonly signal: AbortSignal;
  /** The text the answer must start with, where the model is asked to continue one. */
  readonly prefix: string | undefined;
}

export type Script = readonly Step[] | ((request: Request, info: AnswerInfo) => Step | Promise<Step>);

export interface ScriptedOptions {
  readonly name?: string;
  readonly can?: Partial<Capabilities>;
  readonly usage?: ScriptedUsage;
  readonly price?: Price | undefined;
  /** Whether one call may be asked for several candidates. Default false. */
  readonly native?: boolean;
}

/** A call as it reached the model. */
export interface ScriptedCall {
  readonly request: Request;
  readonly path: string;
  /** Seeds of the candidates asked for: as many as there are candidates. */
  readonly seeds: readonly number[];
}

export interface Scripted extends Model {
  /** In order of arrival. */
  readonly calls: readonly ScriptedCall[];
}

/**
 * Answers as scripted. A list is the script of one piece of sequential work: its k-th candidate is the k-th step.
 * Pieces that run side by side (the draws of a technique, the scoring of candidates) each play the list from the
 * start, so nothing depends on who is done first. The candidates of one `n` take one step each, in order.
 */
export function scripted(script: Script, options: ScriptedOptions = {}): Scripted {
  const { name: plain = 'scripted', can, usage = {}, price = { input: 0, output: 0 }, native = false } = options;
  const name = printName(plain);
  const calls: ScriptedCall[] = [];
  const played = new Map<string, number>();

  const stepOf = (request: Request, start: number, info: AnswerInfo): Step | Promise<Step> => {
    if (typeof script === 'function') return script(request, info);
    const at = start + info.index - (request.from ?? 0);
    const step = script[at];
    if (step !== undefined) return step;
    throw new InvalidOption({
      where: name,
      option: 'script',
      rule: `has ${script.length} steps, and step ${at + 1} is asked for at "${info.path}"`,
      hint: 'Add a step, or answer with a function',
    });
  };

  const play = async (request: Request, start: number, info: AnswerInfo, { clock }: Context): Promise<Played> => {
    const step = await stepOf(request, start, info);
    if (step instanceof Error) throw step;
    const answer = typeof step === 'string' ? { text: step } : step;
    if (answer.delay) await sleep(answer.delay, { clock, signal: info.signal });
    if (answer.error) throw answer.error;
    const content = contentOf(answer, info.path);
    const candidate: Candidate = {
      content,
      finish: { unified: answer.finish ?? (answer.toolCalls?.length ? 'tool-calls' : 'stop'), raw: undefined },
      ...('logprob' in answer && { logprob: answer.logprob }),
      ...('answer' in answer && { answer: answer.answer }),
      ...('providerMetadata' in answer && { providerMetadata: answer.providerMetadata }),
    };
    return { candidate, usage: usageOf(answer.usage ?? usage, request, content) };
  };

  /** The back end of one call to the model, which knows the steps before it and the addresses of its candidates. */
  const backend = (context: Context, start: number, { n = 1, from = 0 }: Request): Backend => {
    const places = new Map(
      Array.from({ length: n }, (_, i) => {
        const { path, choice } = drawAt(context, from + i);
        return [choice.id, { index: from + i, path }];
      }),
    );
    const playAll = (request: Request, io: CallIO): Promise<Played[]> => {
      calls.push({ request, path: io.context.path, seeds: io.choices.map((choice) => choice.seed()) });
      return Promise.all(
        io.choices.map((choice) => {
          const at = places.get(choice.id) ?? { index: from, path: io.context.path };
          return play({ ...request, from }, start, { ...at, choice, signal: io.signal, prefix: io.prefix }, io.context);
        }),
      );
    };
    return {
      name,
      can: capabilities,
      semantics: { kind: 'exact', target: 'P', why: 'the script is the model' },
      price,
      native: () => native,
      bound: (request) => ({
        inputTokens: characters(request),
        outputTokens: request.maxOutputTokens ?? longest(script),
      }),
      async call(request, io) {
        const all = await playAll(request, io);
        return { candidates: all.map(({ candidate }) => candidate), usage: total(all) };
      },
      async *stream(request, io) {
        const [one] = (await playAll(request, io)) as [Played];
        yield* spoken(one.candidate.content);
        yield { type: 'reply', ...one };
      },
    };
  };

  const capabilities: Capabilities = {
    logprobs: false,
    continueFrom: false,
    score: false,
    next: false,
    concurrency: Infinity,
    ...can,
  };
  const model = (context: Context, request: Request): Model => {
    const piece = pieceOf(context.path);
    const start = played.get(piece) ?? 0;
    played.set(piece, start + (request.n ?? 1));
    return fromBackend(backend(context, start, request));
  };
  return {
    name,
    can: capabilities,
    calls,
    sample: (request, context) => model(context, request).sample(request, context),
    stream: (request, context) => (model(context, request).stream as NonNullable<Model['stream']>)(request, context),
    ...(capabilities.continueFrom && {
      continueFrom: (request, prefix, context) =>
        (model(context, request).continueFrom as NonNullable<Model['continueFrom']>)(request, prefix, context),
    }),
  };
}

interface Played {
  readonly candidate: Candidate;
  readonly usage: Reply['usage'];
}

/** Numbered parts of the work run side by side, but for those that are called after taking turns. */
const TURNS = /^(?:round|step|turn|attempt)\//;

/** The address of the sequential piece of work that a path belongs to: all up to its last draw. */
function pieceOf(path: string): string {
  const keys = path.split(' > ');
  const last = keys.findLastIndex((key) => /\/\d+$/.test(key) && !TURNS.test(key));
  return keys.slice(0, last + 1).join(' > ');
}

function contentOf({ text, reasoning, toolCalls = [] }: ScriptedAnswer, path: string): Content[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
    ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
    ...toolCalls.map(({ toolName, input, toolCallId }, i) => ({
      type: 'tool-call' as const,
      toolCallId: toolCallId ?? `${path}/call/${i}`,
      toolName,
      input: typeof input === 'string' ? input : JSON.stringify(input),
    })),
  ];
}

const characters = ({ prompt }: Request): number =>
  prompt.reduce((sum, message) => sum + textOf(message.content).length, 0);

function longest(script: Script): number | undefined {
  if (typeof script === 'function') return undefined;
  return Math.max(
    0,
    ...script.map((step) => (typeof step === 'string' ? step : 'text' in step ? (step.text ?? '') : '').length),
  );
}

function usageOf(given: ScriptedUsage, request: Request, content: readonly Content[]): Reply['usage'] {
  const unknown = {
    inputTokens: undefined,
    outputTokens: undefined,
    reasoningTokens: undefined,
    cachedInputTokens: undefined,
    usd: undefined,
  };
  if (given === 'unknown') return unknown;
  const counted = content.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0);
  return {
    inputTokens: characters(request),
    outputTokens: counted,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    usd: 0,
    ...given,
  };
}

/** The sum over the candidates of one call; what one of them does not know, nobody knows. */
function total(all: readonly Played[]): Reply['usage'] {
  const sum = (field: keyof Reply['usage']): number | undefined =>
    all.reduce<number | undefined>((so, { usage }) => {
      const more = usage[field];
      return so === undefined || more === undefined ? undefined : so + more;
    }, 0);
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    cachedInputTokens: sum('cachedInputTokens'),
    usd: sum('usd'),
  };
}
