/**
 * Whole runs of random formulas over models as bad as they come, under mixed limits, in a time of their own: what is found wrong
 * with one. A number makes a run, so that what is found can be looked at again.
 */
import { techniques } from '../../src/catalog.ts';
import {
  CapabilityMissing,
  fromBackend,
  InvalidOption,
  judge,
  MalformedReply,
  memoryJournal,
  PlusxError,
  questionOf,
  rootScope,
  scorer,
  seeded,
  streamOf,
  textOf,
  Unreachable,
  UpstreamError,
  user,
  type AnyTechnique,
  type CallIO,
  type Choice,
  type Context,
  type Host,
  type Limits,
  type Model,
  type Price,
  type Reply,
  type Request,
  type Sampled,
  type Scorer,
} from '../../src/core/index.ts';
import { host, optionsOf, replyTo } from '../examples.ts';
import { timeOfItsOwn, type OwnTime } from './time.ts';

/** A run, and what is wrong with it. */
export interface Looked {
  readonly formula: string;
  readonly budget: Limits;
  /** Nothing where all is well. */
  readonly wrong: readonly string[];
  /** `refused`: with an error that says why no answer can be had. `failed`: with any other. */
  readonly end: 'answer' | 'refused' | 'failed' | 'stopped';
  /** Calls of models that were made. */
  readonly calls: number;
}

const REQUEST: Request = { prompt: [user('How much is 2 + 2?')] };

/** Run number `number`. */
export async function look(number: number): Promise<Looked> {
  const choice = seeded(`run ${number}`);
  const budget = limits(choice.fork('budget'));
  const stopAt = pick(choice.fork('stop'), [undefined, undefined, undefined, 0, 3, 17, 60]);
  const time: Time = { ...timeOfItsOwn(), ends: budget.ms !== undefined || stopAt !== undefined };
  const books: Books = { tokens: 0, usd: 0, made: [], last: 0 };
  const model = formula(choice.fork('formula'), time, books);
  const journal = pick(choice.fork('journal'), [undefined, memoryJournal()]);
  const controller = new AbortController();
  if (stopAt !== undefined) time.after(stopAt, () => controller.abort(new Error('stopped')));
  const { context, close } = rootScope({
    seed: number,
    budget,
    signal: controller.signal,
    clock: time,
    host: pick(choice.fork('host'), [host, slowHost(choice.fork('slow'), time)]),
    journal,
  });
  const isStreamed = pick(choice.fork('streamed'), [true, false, false]);
  const run = (isStreamed ? drained(model, context) : model.sample(REQUEST, context)).then(
    ({ samples, usage }) => ({ samples, usage }),
    (error: unknown) => ({ error }),
  );
  const ended = await time.until(run);
  const endedAt = time.now();
  const stopped = controller.signal.aborted;
  if (ended !== 'hangs') await time.settle();
  close();
  const error = ended !== 'hangs' && 'error' in ended ? ended.error : undefined;
  return {
    formula: model.name,
    budget,
    calls: callsOf(books),
    end: stopped
      ? 'stopped'
      : error === undefined
        ? 'answer'
        : error instanceof PlusxError && error.kind === 'failure'
          ? 'refused'
          : 'failed',
    wrong: [
      ...overspent(books, budget),
      ...(ended === 'hangs' ? ['it never ends'] : []),
      ...(budget.ms !== undefined && books.last > budget.ms ? [`a call at ${books.last} ms of ${budget.ms}`] : []),
      ...(budget.ms !== undefined && endedAt > budget.ms ? [`it ended after ${endedAt} ms of ${budget.ms}`] : []),
      ...(stopped && stopAt !== undefined && endedAt > stopAt
        ? [`stopped at ${stopAt} ms, it ended at ${endedAt}`]
        : []),
      ...(error !== undefined && !stopped && !(error instanceof PlusxError) ? [`it throws ${wordsOf(error)}`] : []),
      ...(error !== undefined && !stopped && books.made.some(isAnswer)
        ? [`an answer was there, and it throws ${wordsOf(error)}`]
        : []),
      ...(ended !== 'hangs' && 'samples' in ended && ended.samples.length !== 1
        ? [`${ended.samples.length} samples`]
        : []),
      ...misstated(books, context.ledger.usage),
      ...(ended !== 'hangs' && 'usage' in ended && JSON.stringify(ended.usage) !== JSON.stringify(context.ledger.usage)
        ? [`the answer tells of ${JSON.stringify(ended.usage)}, the run of ${JSON.stringify(context.ledger.usage)}`]
        : []),
    ],
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : typeof error);

/** The time of a run, and whether it ends whatever does not. */
interface Time extends OwnTime {
  readonly ends: boolean;
}

/** The answer at the end of a stream. */
async function drained(model: Model, context: Context): Promise<Sampled> {
  let sampled: Sampled | undefined;
  for await (const part of streamOf(model, REQUEST, context)) if (part.type === 'finish') ({ sampled } = part);
  if (!sampled) throw new TypeError('a stream ended without an answer');
  return sampled;
}

/** What the models know of themselves. */
interface Books {
  tokens: number;
  usd: number;
  /** When the last call began. */
  last: number;
  readonly made: Call[];
}
interface Call {
  /** How many candidates were asked for, and how many are given. */
  readonly asked: number;
  readonly candidates: number;
  readonly plain: boolean;
  readonly signal: AbortSignal;
  /** At which step of time it replied, and at which it was cancelled. */
  replied: number | undefined;
  cancelled: number | undefined;
  text: string;
  said: { readonly inputTokens: number; readonly outputTokens: number; readonly usd: number } | undefined;
}

const isReported = ({ replied, cancelled }: Call): boolean =>
  replied !== undefined && (cancelled === undefined || cancelled > replied);
/** Replied and cancelled at one time: either may have been heard first. */
const isUnclear = ({ replied, cancelled }: Call): boolean => replied !== undefined && cancelled === replied;
const isAnswer = (call: Call): boolean => call.plain && call.text !== '' && isReported(call);

/** Candidates: those that came, and those that were asked for where nothing came. */
const callsOf = ({ made }: Books): number =>
  made.reduce((sum, one) => sum + (one.replied === undefined ? one.asked : one.candidates), 0);

function overspent(books: Books, budget: Limits): string[] {
  const spent = { calls: callsOf(books), tokens: books.tokens, usd: books.usd };
  return (['calls', 'tokens', 'usd'] as const).flatMap((name) =>
    spent[name] > (budget[name] ?? Infinity) * (1 + 1e-9) ? [`${spent[name]} ${name} of ${budget[name]}`] : [],
  );
}

/** The account of the run beside the books of the models. */
function misstated({ made }: Books, usage: ReturnType<typeof rootScope>['context']['ledger']['usage']): string[] {
  const reported = made.filter(isReported);
  const count = reported.reduce((sum, { candidates }) => sum + candidates, 0);
  const wrong = Object.entries(usage).flatMap(([name, value]) =>
    value === undefined || (value >= 0 && value < Infinity) ? [] : [`${name} is ${value}`],
  );
  if (made.some(isUnclear) || usage.replays > 0) return wrong;
  const calls = made.reduce((sum, one) => sum + (isReported(one) ? one.candidates : one.asked), 0);
  if (usage.calls !== calls) wrong.push(`${usage.calls} calls on the account, ${calls} made`);
  if (usage.unreported !== calls - count) wrong.push(`${usage.unreported} unreported, not ${calls - count}`);
  for (const name of ['inputTokens', 'outputTokens', 'usd'] as const) {
    const sum = reported.reduce<number | undefined>(
      (so, { said }) => (so === undefined || said === undefined ? undefined : so + said[name]),
      0,
    );
    const same =
      sum === undefined ? usage[name] === undefined : Math.abs((usage[name] ?? NaN) - sum) <= 1e-9 * (1 + sum);
    if (!same) wrong.push(`${name} is ${usage[name]} on the account, and ${sum} was reported`);
  }
  return wrong;
}

function pick<T>(choice: Choice, all: readonly T[]): T {
  return all[choice.categorical(all.map(() => 1))] as T;
}

function limits(choice: Choice): Limits {
  const of = (name: string, all: readonly (number | undefined)[]): number | undefined => pick(choice.fork(name), all);
  return {
    calls: of('calls', [undefined, undefined, undefined, 0, 1, 2, 3, 5, 9, 20, 60]),
    tokens: of('tokens', [undefined, undefined, undefined, undefined, 11, 40, 100, 300, 900, 3000]),
    usd: of('usd', [undefined, undefined, undefined, undefined, 0.3, 1, 4, 12, 40]),
    ms: of('ms', [undefined, undefined, undefined, undefined, 1, 8, 30, 200, 1000]),
  };
}

/** A formula of at most three levels over models of every kind. */
function formula(choice: Choice, time: Time, books: Books, depth = 3): Model {
  const leaf = (key: string): Model => badModel(choice.fork(key), time, books);
  const below = (key: string): Model => (depth > 1 ? formula(choice.fork(key), time, books, depth - 1) : leaf(key));
  if (depth < 3 && choice.fork('ends').categorical([2, 1]) === 1) return leaf('leaf');
  for (let attempt = 0; ; attempt++) {
    const technique = pick(choice.fork(`technique/${attempt}`), USED);
    try {
      return made(technique, { choice: choice.fork('options'), time, below, leaf });
    } catch (error) {
      if (!(error instanceof CapabilityMissing || error instanceof InvalidOption)) throw error;
    }
  }
}

/** A host that takes its time, or for ever, and hears nothing. */
function slowHost(choice: Choice, time: Time): Host {
  const slowly = async <T>(name: string, work: () => Promise<T> | undefined): Promise<T> => {
    const ms = pick(choice.fork(name), [0, 5, 50, time.ends ? Infinity : 20]);
    if (ms === Infinity) await new Promise(() => {});
    await time.pass(ms, undefined);
    return work() as Promise<T>;
  };
  const { memory, sandbox, respond } = host as Required<Host>;
  return {
    memory: {
      ...memory,
      put: (...given) => slowly('put', () => memory?.put(...given)),
      search: (...given) => slowly('search', () => memory?.search(...given)),
      list: (...given) => slowly('list', () => memory?.list(...given)),
    },
    sandbox: { ...sandbox, run: (...given) => slowly('run', () => sandbox?.run(...given)) },
    respond: (...given) => slowly('respond', () => respond?.(...given)),
  } as Host;
}

/** A score that comes late, or never. */
function slowScore(choice: Choice, time: Time): Scorer {
  const ms = pick(choice, [5, 50, time.ends ? Infinity : 20]);
  return scorer('slow', async () => {
    if (ms === Infinity) await new Promise(() => {});
    await time.pass(ms, undefined);
    return 0.5;
  });
}

/** Those that need no open model: what those do at a limit is tried beside them. */
export const USED = techniques.filter((one) => optionsOf(one) !== undefined);

interface Making {
  readonly choice: Choice;
  readonly time: Time;
  /** A formula, and a model, of its own. */
  readonly below: (key: string) => Model;
  readonly leaf: (key: string) => Model;
}

function made(technique: AnyTechnique, { choice, time, below, leaf }: Making): Model {
  const { options, models } = optionsOf(technique) ?? { options: {}, models: 1 };
  const other = (name: string): unknown => {
    const { kind } = technique.definition.options[name] ?? {};
    const isChanged = options[name] !== undefined || choice.fork(name).categorical([1, 1]) === 1;
    if (kind === 'model' && isChanged) return leaf(name);
    if (kind !== 'scorer' || !options[name]) return options[name];
    return pick(choice.fork(name), [options[name], judge(leaf(name)), slowScore(choice.fork(`${name}/slow`), time)]);
  };
  const given = Object.fromEntries(
    Object.keys(technique.definition.options).flatMap((name) => {
      const value = other(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (technique.takes === 'one') return technique(given)(below('base'));
  return technique(
    Array.from({ length: models }, (_, i) => below(`base/${i}`)),
    given,
  );
}

const PRICES: readonly Price[] = [
  { input: 0, output: 0 },
  { input: 0.01, output: 0 },
  { input: 0, output: 0.02 },
  { input: 0.01, output: 0.02 },
  { input: 0.01, output: 0.02, cachedInput: 0.001, cacheWriteInput: 0.03 },
];
const FATES = [
  'reports',
  'reports',
  'reports',
  'fails',
  'fails',
  'says nothing',
  'lies',
  'is empty',
  'gives fewer',
] as const;

/** A model that is free or paid, bounded or not, quick or slow, that reports, fails, keeps silent, lies or does not hear that it is cancelled. */
function badModel(choice: Choice, time: Time, books: Books): Model {
  const price = pick(choice.fork('price'), PRICES);
  const bound = pick(choice.fork('bound'), [undefined, undefined, 40]);
  const fate = pick(choice.fork('fate'), FATES);
  const latency = pick(choice.fork('latency'), [0, 0, 2, 10, 40]);
  const isNative = pick(choice.fork('native'), [true, false]);
  const isDeaf = pick(choice.fork('deaf'), [true, false]);
  const logprobs = pick(choice.fork('logprobs'), [true, true, false]);
  const name = `m${choice.seed() % 1000}`;
  const canStream = pick(choice.fork('stream'), [true, false]);
  const call = async (
    { prompt, maxOutputTokens }: Request,
    { choices, signal, prefix = '' }: CallIO,
  ): Promise<Reply> => {
    const [first] = choices as readonly [Choice, ...Choice[]];
    const kept = fate === 'gives fewer' ? choices.slice(0, Math.ceil(choices.length / 2)) : choices;
    const asked = questionOf(prompt);
    const each = Math.min(maxOutputTokens ?? bound ?? 50, 1 + first.fork('length').categorical([1, 1, 1, 1]) * 12);
    const inputTokens = 10 * kept.length;
    const outputTokens = each * kept.length;
    const cachedInputTokens = price.cachedInput === undefined ? 0 : kept.length;
    const cacheWriteInputTokens = price.cacheWriteInput === undefined ? 0 : 2 * kept.length;
    const usd =
      (inputTokens - cachedInputTokens - cacheWriteInputTokens) * price.input +
      cachedInputTokens * (price.cachedInput ?? 0) +
      cacheWriteInputTokens * (price.cacheWriteInput ?? 0) +
      outputTokens * price.output;
    books.tokens += inputTokens + outputTokens;
    books.usd += usd;
    books.last = time.now();
    const call: Call = {
      asked: choices.length,
      candidates: kept.length,
      plain: prefix === '' && asked === questionOf(REQUEST.prompt),
      signal,
      replied: undefined,
      cancelled: undefined,
      text: '',
      said: fate === 'says nothing' || fate === 'lies' ? undefined : { inputTokens, outputTokens, usd },
    };
    books.made.push(call);
    signal.addEventListener('abort', () => (call.cancelled ??= time.step()), { once: true });
    await time.pass(latency * first.fork('latency').categorical([1, 1, 1]), isDeaf ? undefined : signal);
    if (fate === 'fails' && first.fork('fate').categorical([2, 1]) === 1) throw failure(first.fork('failure'));
    call.replied = time.step();
    const silent = {
      inputTokens: undefined,
      outputTokens: undefined,
      reasoningTokens: 0,
      cachedInputTokens: 0,
      usd: undefined,
    };
    const candidates = kept.map((one) => {
      const own = `Answer: ${one.fork('text').categorical([3, 2, 1])}`;
      const text = fate === 'is empty' && one.fork('empty').categorical([1, 1]) === 1 ? '' : (replyTo(asked) ?? own);
      return {
        content: [{ type: 'text' as const, text: prefix + text }],
        finish: { unified: 'stop' as const, raw: 'stop' },
        ...(logprobs && { logprob: -2 }),
      };
    });
    call.text = candidates.map(({ content }) => textOf(content)).join('');
    return {
      candidates,
      usage:
        fate === 'says nothing'
          ? silent
          : fate === 'lies'
            ? { ...silent, inputTokens: -1e9, outputTokens: Number.NaN, usd: -5 }
            : { inputTokens, outputTokens, reasoningTokens: 0, cachedInputTokens, cacheWriteInputTokens, usd },
    };
  };
  return fromBackend({
    name,
    identity: choice.id,
    can: {
      logprobs,
      continueFrom: true,
      score: false,
      next: false,
      concurrency: pick(choice.fork('lanes'), [Infinity, 1]),
    },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    price,
    native: () => isNative,
    bound: ({ maxOutputTokens }) => ({ inputTokens: 10, outputTokens: maxOutputTokens ?? bound }),
    call,
    ...(canStream && {
      async *stream(request: Request, io: CallIO) {
        const { candidates, usage } = await call(request, io);
        const [candidate] = candidates;
        if (!candidate) return;
        for (const part of candidate.content) {
          if (part.type !== 'text') continue;
          yield { type: 'text-start' as const, id: '0' };
          yield { type: 'text-delta' as const, id: '0', delta: part.text };
          yield { type: 'text-end' as const, id: '0' };
        }
        yield { type: 'reply' as const, candidate, usage };
      },
    }),
  });
}

function failure(choice: Choice): PlusxError {
  const url = 'http://x';
  return pick(choice, [
    new UpstreamError({ url, status: 500, body: 'down', retryable: false }),
    new UpstreamError({ url, status: 400, body: 'refused', retryable: false }),
    new Unreachable({ url, why: 'nobody is there' }),
    new MalformedReply({ url, why: 'not JSON', body: '<' }),
  ]);
}
