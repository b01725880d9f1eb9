/**
 * The laws that every technique keeps, whatever it does to the distribution. Each law runs the technique over a base
 * model that watches what is asked of it; a law that is broken throws an error that says how.
 */
import {
  ask,
  canonicalJson,
  CapabilityMissing,
  memoryJournal,
  namesIn,
  parse,
  PlusxError,
  rootScope,
  seeded,
  stream,
  textOf,
  toRequest,
  type Answer,
  type Choice,
  type ContextOptions,
  type FormulaScope,
  type Input,
  type Journal,
  type Limits,
  type Message,
  type Host,
  type Model,
  type Sample,
  type StreamPart,
  type Transform,
} from '../../core/index.ts';
import type { Distribution } from '../../models/written/index.ts';
import { probe, usageOf, type Probe, type ProbeOptions } from './probe.ts';

export interface Law {
  readonly name: string;
  check(): Promise<void>;
}

export interface LawsOptions {
  /** What the names in the technique's formula mean beyond its own techniques and scorers, such as those of a judge's model. */
  readonly scope?: Partial<FormulaScope> | undefined;
  /** The base's distribution of answers for a conversation. Default: three answers whose weights depend on all of it. */
  readonly answers?: ((prompt: readonly Message[]) => Distribution) | undefined;
  readonly input?: Input | undefined;
  /** Made anew for every run, so that no run sees what another left behind. */
  readonly host?: (() => Host) | undefined;
  /** Whether the base can be opened token by token, for techniques that need that. */
  readonly next?: boolean | undefined;
  /** Whether the base goes on from a beginning. The default answers then have several lines. */
  readonly continueFrom?: boolean | undefined;
  /** How many seeds each law is tried with. Default 3. */
  readonly seeds?: number | undefined;
  /** How many calls may end before there is anything to answer with: 2 where a question is rephrased twice first. Default 0. */
  readonly preparation?: number | undefined;
}

/**
 * The shared laws of a technique, to be run by any test runner: `for (const law of laws(...)) it(law.name, law.check)`.
 * A combiner takes part as a transform: `(base) => mixture([base, other])`.
 */
export function laws(
  transform: Transform,
  {
    scope,
    continueFrom = false,
    answers = continueFrom ? lines : threeAnswers,
    input = 'How much is 2 + 2?',
    seeds = 3,
    preparation = 0,
    host,
    next = false,
  }: LawsOptions = {},
): Law[] {
  const each = Array.from({ length: seeds }, (_, seed) => seed);
  const over = (options: Omit<ProbeOptions, 'answers'> = {}): Probe & { readonly out: Model } => {
    const base = probe({ answers, next, continueFrom, ...options });
    return { ...base, out: transform(base.model) };
  };
  /** The run that the others are compared with: undisturbed, one call after another. */
  const reference = async (seed: number, options: ContextOptions = {}): Promise<{ answer: Answer; probe: Probe }> => {
    const { out, ...base } = over({ concurrency: 1 });
    return { answer: await put(out, input, { seed, ...options }), probe: base };
  };

  const put = (model: Model, asked: Input, options: ContextOptions = {}): Promise<Answer> =>
    ask(model, asked, { host: host?.(), ...options });
  const streamed = (model: Model, asked: Input, options: ContextOptions = {}): AsyncGenerator<StreamPart> =>
    stream(model, asked, { host: host?.(), ...options });

  const closure = async (): Promise<void> => {
    const { out, model } = over();
    for (const one of [out, again(transform, out)]) {
      const { sample } = await put(one, input);
      demand(one.name !== model.name, `the result has a name of its own, not "${one.name}"`);
      demand(sample.weight >= 0 && sample.weight < Infinity, `a weight is finite and not negative: ${sample.weight}`);
      demand(sample.semantics.target !== '' && sample.semantics.why !== '', 'a sample states its semantics');
      demand(!one.can.score || one.score !== undefined, '`can.score` and no score');
      demand(!one.can.continueFrom || one.continueFrom !== undefined, '`can.continueFrom` and no continueFrom');
      demand(!one.can.next || one.open !== undefined, '`can.next` and no open');
      demand(!one.can.logprobs || sample.logprob !== undefined, '`can.logprobs` and a sample without logprob');
    }
  };

  const addresses = async (): Promise<void> => {
    for (const seed of each) {
      const used = new Set<string>();
      const decided = (address: string): void => {
        demand(!used.has(address), sharedAddress(address));
        used.add(address);
      };
      await put(over({ concurrency: 1 }).out, input, { choice: watched(seeded(seed), '', decided) });
    }
  };

  const sameSeed = async (): Promise<void> => {
    for (const seed of each) {
      const expected = print((await reference(seed)).answer.sample);
      same(print((await reference(seed)).answer.sample), expected, `seed ${seed}, again`);
      for (const order of each) {
        const { sample } = await put(over({ timing: 'scrambled', order }).out, input, { seed });
        same(print(sample), expected, `seed ${seed}, calls ending in order ${order}`);
      }
    }
  };

  const roundTrip = async (): Promise<void> => {
    const { model, out } = over({ concurrency: 1 });
    const own = namesIn(out);
    const parsed = parse(out.name, {
      ...scope,
      techniques: [...own.techniques, ...(scope?.techniques ?? [])],
      scorers: { ...own.scorers, ...scope?.scorers },
      model: (name) => (name === model.name ? model : scope?.model?.(name)),
    });
    same(parsed.name, out.name, 'the formula of the parsed formula');
    for (const seed of each)
      same(
        print((await put(parsed, input, { seed })).sample),
        print((await put(out, input, { seed })).sample),
        'the sample',
      );
  };

  const account = async (): Promise<void> => {
    for (const [concurrency, timing] of WAYS) {
      for (const n of [1, 3]) {
        const { out, seen } = over({ concurrency, timing });
        const { context, close } = rootScope({ host: host?.(), trace: true });
        const sampled = await out.sample({ ...toRequest(input), n }, context);
        close();
        const told = `n=${n}, calls ${timing}`;
        for (const [place, usage] of Object.entries({ returned: sampled.usage, 'in the ledger': context.ledger.usage }))
          for (const [field, value] of Object.entries(usageOf(seen)))
            same(usage[field as keyof typeof usage], value, `${field} ${place} for ${told}`);
        for (const [place, { usd }] of [
          ['returned', sampled.usage],
          ['in the ledger', context.ledger.usage],
        ] as const)
          demand(
            Math.abs((usd ?? Number.NaN) - dollars(seen)) < 1e-12,
            `usd ${place} for ${told}: ${usd}, not ${dollars(seen)}`,
          );
        same(sampled.samples.length, n, `the number of samples for ${told}`);
        const calls = sampled.samples.reduce((sum, { usage }) => sum + (usage?.calls ?? Number.NaN), 0);
        same(calls, sampled.usage.calls, `the calls of all samples for ${told}`);
      }
    }
  };

  const budget = async (): Promise<void> => {
    const { answer, probe: base } = await reference(0);
    const { started, inputTokens, outputTokens } = base.seen;
    const tokens = inputTokens + outputTokens;
    const usd = dollars(base.seen);
    const limits: Limits[] = [
      ...Array.from({ length: Math.min(started, 16) }, (_, calls) => ({ calls })),
      { calls: started },
      ...[0, 0.1, 0.25, 0.5, 0.75, 0.9].map((part) => ({ tokens: Math.floor(tokens * part) })),
      ...[0.1, 0.5, 0.9].map((part) => ({ usd: usd * part })),
    ];
    for (const limit of limits) {
      for (const [concurrency, timing] of WAYS) {
        for (const atLimit of ['best', 'throw'] as const) {
          const { out, seen } = over({ concurrency, timing });
          const result = await outcome(put(out, input, { budget: limit, atLimit }));
          const told = `budget ${JSON.stringify(limit)}, at its limit ${atLimit}, calls ${timing}`;
          const { calls: mostCalls = Infinity, tokens: mostTokens = Infinity, usd: mostUsd = Infinity } = limit;
          demand(seen.started <= mostCalls, `${told}: ${seen.started} calls made`);
          demand(seen.inputTokens + seen.outputTokens <= mostTokens, `${told}: more tokens spent`);
          demand(dollars(seen) <= mostUsd * (1 + 1e-9), `${told}: ${dollars(seen)} dollars spent`);
          if (result.kind === 'error') {
            same(named(result.error), 'BudgetExceeded', `${told}: the error`);
            demand(
              concurrency > 1 || !('calls' in limit) || mostCalls < started,
              `${told}: refused with enough calls left`,
            );
            demand(atLimit === 'throw' || seen.ended <= preparation, `${told}: an answer was there and is thrown away`);
          } else if (result.value.exhausted === undefined) {
            same(print(result.value.sample), print(answer.sample), `${told}: a sample not marked as cut short`);
            demand(concurrency > 1 || mostCalls >= started, `${told}: cut short in silence`);
          } else same(atLimit, 'best', `${told}: cut short all the same; atLimit`);
        }
      }
    }
  };

  const mixedLimits = async (): Promise<void> => {
    const { started, inputTokens, outputTokens } = (await reference(0)).probe.seen;
    for (const [told, options, price] of [
      ['a model without a bound', { bounded: false }, undefined],
      ['a free model', {}, FREE],
      ['a free model without a bound', { bounded: false }, FREE],
      ['a model without a bound whose output is free', { bounded: false }, { input: 1e-6, output: 0 }],
    ] as const)
      for (const part of [0.3, 0.8])
        for (const [concurrency, timing] of WAYS) {
          const { out, seen } = over({ concurrency, timing, ...options, ...(price && { price }) });
          const cost = (input: number, output: number): number =>
            price ? input * price.input + output * price.output : dollars({ inputTokens: input, outputTokens: output });
          const limit = {
            calls: Math.ceil(started * Math.min(1, part * 2)),
            tokens: Math.floor((inputTokens + outputTokens) * part),
            usd: cost(inputTokens, outputTokens) * (1.1 - part),
            ms: 60_000,
          };
          const result = await outcome(put(out, input, { budget: limit }));
          const at = `${told}, budget ${JSON.stringify(limit)}, calls ${timing}`;
          demand(seen.started <= limit.calls, `${at}: ${seen.started} calls made`);
          demand(seen.inputTokens + seen.outputTokens <= limit.tokens, `${at}: more tokens spent`);
          demand(
            cost(seen.inputTokens, seen.outputTokens) <= limit.usd * (1 + 1e-9) + 1e-15,
            `${at}: more dollars spent`,
          );
          if (result.kind === 'error') same(named(result.error), 'BudgetExceeded', `${at}: the error`);
        }
  };

  const wallTime = async (): Promise<void> => {
    const { answer, probe: whole } = await reference(0);
    // Each call that ends takes a millisecond of this clock, in a turn of its own: none starts once the time is over.
    for (const ms of new Set([0, 1, Math.ceil(whole.seen.started / 2), whole.seen.started + 1])) {
      const clock = { time: 500, now: () => clock.time, after: () => () => {} };
      const late: number[] = [];
      const { out, seen } = over({
        timing: 'scrambled',
        onStart: (k) => void (clock.time - 500 >= ms && late.push(k)),
        onEnd: () => void clock.time++,
      });
      const result = await outcome(put(out, input, { budget: { ms }, clock }));
      const told = `budget of ${ms} ms, a call takes one`;
      same(late, [], `${told}: calls that start when the time is over`);
      if (result.kind === 'error') {
        same(named(result.error), 'BudgetExceeded', `${told}: the error`);
        demand(seen.ended <= preparation, `${told}: an answer was there and is thrown away`);
      } else if (result.value.exhausted === undefined)
        same(print(result.value.sample), print(answer.sample), `${told}: a sample not marked as cut short`);
    }
  };

  const refusals = async (): Promise<void> => {
    const { started } = (await reference(0)).probe.seen;
    for (const [concurrency, timing] of WAYS)
      for (let k = 1; k <= Math.min(started, 16); k++) {
        const { out, seen } = over({ concurrency, timing, refusedFrom: k });
        const result = await outcome(put(out, input));
        const told = `refused from call ${k} on, calls ${timing}`;
        if (result.kind === 'value') {
          const wasRefused = seen.started >= k;
          demand(!wasRefused || result.value.warnings.length > 0, `${told}: nothing warns of it`);
        } else {
          demand(result.error instanceof PlusxError, `${told}: ${String(result.error)}`);
          demand(seen.ended <= preparation, `${told}: an answer was there and is thrown away`);
        }
      }
  };

  const abort = async (): Promise<void> => {
    const { started } = (await reference(0)).probe.seen;
    for (let k = 1; k <= Math.min(started, 12); k++) {
      const controller = new AbortController();
      const reason = new Error('stopped by the law');
      const stop = (at: number): void => void (at === k && controller.abort(reason));
      const { out, seen } = over({ timing: 'scrambled', onStart: stop });
      const result = await outcome(put(out, input, { signal: controller.signal }));
      same(result.kind === 'error' ? result.error : 'an answer', reason, `aborted in call ${k}: the outcome`);
      await turns(3);
      same(seen.started, k, `aborted in call ${k}: calls started`);
      same(seen.ended + seen.aborted, k, `aborted in call ${k}: calls that are over`);
    }
    const controller = new AbortController();
    const { out, seen } = over({ timing: 'never' });
    const running = outcome(put(out, input, { signal: controller.signal }));
    await turns(3);
    controller.abort();
    same((await running).kind, 'error', 'aborted with calls hanging: the outcome');
    same(seen.aborted, seen.started, 'aborted with calls hanging: calls stopped');
  };

  const resume = async (): Promise<void> => {
    const { answer, probe: whole } = await reference(1);
    for (const concurrency of [1, Infinity]) {
      for (let k = 1; k <= Math.min(whole.seen.started, 12); k++) {
        const kept = { calls: 0 };
        const journal = counted(memoryJournal(), kept);
        const controller = new AbortController();
        const kill = (at: number): void => void (at === k && microturns(200).then(() => controller.abort()));
        const first = over({ timing: 'scrambled', concurrency, onEnd: kill });
        await outcome(put(first.out, input, { seed: 1, journal, signal: controller.signal }));
        const told = `killed after call ${k}`;
        same(kept.calls, first.seen.ended, `${told}: calls kept`);
        const second = over({ timing: 'scrambled', concurrency, order: k });
        const { sample, usage } = await put(second.out, input, { seed: 1, journal });
        same(print(sample), print(answer.sample), `${told}: the sample`);
        const twice = second.seen.draws.filter((draw) => first.seen.draws.includes(draw));
        same(twice, [], `${told}: draws paid for twice`);
        same(usage.calls - usage.replays, second.seen.started, `${told}: calls that are no replays`);
        if (concurrency === 1)
          same(second.seen.started, whole.seen.started - first.seen.ended, `${told}: calls left to make`);
      }
    }
  };

  const repeat = async (): Promise<void> => {
    for (const [concurrency, timing] of WAYS) {
      const journal = memoryJournal();
      const first = over({ concurrency, timing });
      const { sample } = await put(first.out, input, { journal });
      const second = over({ concurrency, timing });
      const again = await put(second.out, input, { journal: slow(journal) });
      same(second.seen.started, 0, 'calls of the second run');
      same(print(again.sample), print(sample), 'the sample of the second run');
      same(again.usage.calls, again.usage.replays, 'replays in the second run');
    }
  };

  const streaming = async (): Promise<void> => {
    for (const seed of each) {
      const { sample } = (await reference(seed)).answer;
      const parts: StreamPart[] = [];
      for await (const part of streamed(over({ timing: 'scrambled' }).out, input, { seed })) parts.push(part);
      const last = parts.at(-1);
      if (last?.type !== 'finish') throw new Error(`law broken: the last part is "${last?.type}", not "finish"`);
      same(print(last.sampled.samples[0] as Sample), print(sample), 'the sample at the end of the stream');
      same(deltas(parts, 'text-delta'), textOf(sample.content), 'the text of the stream');
      const thought = parts.findLastIndex(({ type }) => type === 'reasoning-delta');
      const said = parts.findIndex(({ type }) => type === 'text-delta');
      demand(said === -1 || thought < said, 'progress comes before the answer');
    }
    const { out, seen } = over({ timing: 'scrambled' });
    for await (const _part of streamed(out, input)) break;
    const then = seen.started;
    await turns(3);
    same(seen.started, then, 'calls started after the reader of the stream left, and before');
    same(seen.ended + seen.aborted, seen.started, 'calls that are over after the reader of the stream left');
  };

  const candidates = async (): Promise<void> => {
    const request = toRequest(input);
    for (const seed of each) {
      const draw = async (n: number, from: number): Promise<readonly string[]> => {
        const { context, close } = rootScope({ host: host?.(), seed });
        const { samples } = await over().out.sample({ ...request, n, from }, context);
        close();
        return samples.map(print);
      };
      const together = await draw(4, 0);
      const apart = [...(await draw(1, 0)), ...(await draw(2, 1)), ...(await draw(1, 3))];
      same(apart, together, 'four candidates drawn apart');
    }
  };

  return Object.entries({
    'what comes out is a model': closure,
    'no two decisions share an address': addresses,
    'same seed, same sample, whatever order calls end in': sameSeed,
    'the formula parses back to the same model': roundTrip,
    'usage is the sum over the calls made': account,
    'a budget is never exceeded, and an answer cut short says so': budget,
    'no model that is free or has no bound lifts one of several limits': mixedLimits,
    'wall time ends a run as every limit does': wallTime,
    'a call that is refused late loses no answer': refusals,
    'an abort stops the calls to the base': abort,
    'a killed run resumes with the same sample and pays for the rest only': resume,
    'a second identical run makes no call': repeat,
    'a stream ends with the answer of sample': streaming,
    'candidates are the same drawn together or apart': candidates,
  }).map(([name, check]) => ({ name, check }));
}

/** The technique over itself, or just once where it needs more of its base than it leaves. */
function again(transform: Transform, model: Model): Model {
  try {
    return transform(model);
  } catch (error) {
    if (error instanceof CapabilityMissing) return model;
    throw error;
  }
}

/** Hands the laws to a test runner's `it` or `test`. */
export function runLaws(it: (name: string, check: () => Promise<void>) => unknown, list: readonly Law[]): void {
  for (const { name, check } of list) it(name, check);
}

/** One call after another, and all side by side with their ends in any order. */
const WAYS = [
  [1, 'at once'],
  [Infinity, 'scrambled'],
] as const;

/** Three answers, weighed by all that was said before. */
function threeAnswers(prompt: readonly Message[]): Distribution {
  const mixed = mix(prompt);
  return { '4': 5 + (mixed % 4), '5': 3 + (mixed % 3), '22': 1 + (mixed % 2) };
}

/** Answers of one to three lines, many with a beginning in common, weighed by all that was said before. */
function lines(prompt: readonly Message[]): Distribution {
  const mixed = mix(prompt);
  return {
    '2 + 2\n= 2 * 2\n= 4': 4 + (mixed % 4),
    '2 + 2\n= 2 * 2\n= 22': 1 + (mixed % 2),
    '2 + 2\n= 5': 2 + (mixed % 3),
    'Two and two\nmake 4': 3 + (mixed % 5),
    'Two and two\nmake 22': 1,
    '4': 1 + (mixed % 3),
  };
}

/** A number that depends on every character of a conversation. */
function mix(prompt: readonly Message[]): number {
  let mixed = 7;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) >>> 0;
  return mixed;
}

/** A source of randomness that tells the address of each decision. Decisions of one object are told apart by their number. */
function watched(choice: Choice, path: string, decided: (address: string) => void): Choice {
  let count = 0;
  return {
    categorical(weights) {
      decided(`${path}${count === 0 ? '' : ` (decision ${count + 1})`}`);
      count++;
      return choice.categorical(weights);
    },
    fork: (key) => watched(choice.fork(key), path ? `${path} > ${key}` : key, decided),
    seed: () => choice.seed(),
    get id() {
      return choice.id;
    },
  };
}

const sharedAddress = (address: string): string =>
  `two draws or choices of one run have the address "${address}", so they always fall out alike: fork the context by another key for each`;

/** All of a sample but its usage, which depends on what was in flight when losers were cancelled. */
function print({ usage: _usage, ...rest }: Sample): string {
  return canonicalJson(rest);
}

function deltas(parts: readonly StreamPart[], type: 'text-delta'): string {
  return parts.map((part) => (part.type === type ? part.delta : '')).join('');
}

/** A journal that takes its time over what it holds, as one on a disk or behind a network may, and none over the rest. */
function slow(journal: Journal): Journal {
  return {
    async get(key) {
      const entry = await journal.get(key);
      if (entry) await turns(2);
      return entry;
    },
    put: (key, entry) => journal.put(key, entry),
  };
}

/** Counts the calls that are kept in a journal; a person's reply is kept as well, and is none. */
function counted(journal: Journal, kept: { calls: number }): Journal {
  return {
    get: (key) => journal.get(key),
    async put(key, entry) {
      const known = await journal.get(key);
      await journal.put(key, entry);
      if (!known) kept.calls += entry.usage.calls;
    },
  };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Resolves after `count` microtasks, in the same turn of the event loop. */
async function microturns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

const FREE = { input: 0, output: 0 };

function dollars({ inputTokens, outputTokens }: Pick<Probe['seen'], 'inputTokens' | 'outputTokens'>): number {
  return inputTokens * 1e-6 + outputTokens * 2e-6;
}

type Outcome<T> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'error'; readonly error: unknown };

async function outcome<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'value', value: await work };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function named(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(`law broken: ${what}`);
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => (value instanceof Error ? value : canonicalJson(value ?? null)));
  if (a !== b) throw new Error(`law broken: ${what}: ${String(a)}, not ${String(b)}`);
}
