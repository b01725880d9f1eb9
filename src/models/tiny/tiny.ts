/** The language model in the box: no key, no network, no GPU, and every capability there is. */
import {
  addUsage,
  ContextOverflow,
  fromBackend,
  InvalidOption,
  NO_USAGE,
  notePossible,
  possibleOf,
  type Backend,
  type CallIO,
  type Candidate,
  type Context,
  type Model,
  type Request,
  type Scored,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import {
  chatIds,
  chooseWay,
  createRuntime,
  draw,
  findOpening,
  lawOf,
  NO_TAIL,
  openProcess,
  parseWeights,
  readWeights,
  turnsOf,
  type Drawing,
  type Drawn,
  type Opening,
  type Runtime,
  type Settings,
} from '../../tiny/index.ts';
import { costOf, EXAMPLE, MOST_NATS } from './familiar.ts';
import { TINY_PROMPTS } from './prompts.ts';

export interface TinyOptions {
  /** A weights file, or its bytes. Default: the one that comes with this package, in Node. */
  readonly weights?: Uint8Array | string | URL | undefined;
  /** Default `plusx:tiny`. */
  readonly name?: string | undefined;
  /**
   * What is done with a question that the model cannot know, told by how unlikely it is under the model: `'warn'` puts a
   * warning on the sample. Default `'warn'` with the weights of this package, which the limit was measured for, and
   * `'ignore'` with others.
   */
  readonly foreign?: 'warn' | 'ignore' | undefined;
}

/**
 * The embedded model: a small decoder trained on a restricted English, computed in this thread by WebAssembly. Same seed,
 * same text on every engine and in any company: calls made side by side are computed together and drawn apart.
 * `providerOptions.tiny.minP` sets min-p; the other settings are the request's.
 */
export function tiny({
  weights,
  name = 'plusx:tiny',
  foreign = weights === undefined ? 'warn' : 'ignore',
}: TinyOptions = {}): Model {
  let loaded: Runtime | undefined;
  const runtime = (): Runtime => (loaded ??= runtimeOf(weights));
  const openings = new Map<string, Promise<Opening>>();
  const prompts = new WeakMap<Request['prompt'], readonly number[]>();

  const idsOf = ({ prompt }: Request): readonly number[] => {
    let ids = prompts.get(prompt);
    if (!ids) {
      ids = chatIds(runtime().tokenizer, turnsOf(prompt));
      prompts.set(prompt, ids);
    }
    return ids;
  };
  const costs = new WeakMap<Request['prompt'], Promise<number>>();
  /** Begun beside the drawing, so that both are read in one batch. */
  const foreignOf = (request: Request): Promise<Warning[]> => {
    const { prompt } = request;
    const turns = turnsOf(prompt);
    if (foreign === 'ignore' || turns.at(-1)?.role !== 'user') return Promise.resolve([]);
    const cost = costs.get(prompt) ?? costOf(runtime(), turns);
    costs.set(prompt, cost);
    return cost.then((nats) => (nats > MOST_NATS ? [{ code: 'cannot-know', message: cannotKnow(name) }] : []));
  };
  const check = (tokens: number): void => {
    const { context } = runtime().engine.config;
    if (tokens > context) throw new ContextOverflow({ model: name, tokens, context });
  };

  /** The ways to begin with the prefix; calls for the same prefix share them. */
  const openingOf = (ids: readonly number[], prefix: string, settings: Settings): Promise<Opening> => {
    const key = `${ids.join()} ${settings.temperature} ${prefix}`;
    let opening = openings.get(key);
    if (!opening) {
      opening = (async () => {
        const state = await runtime().prompt(ids);
        try {
          return await findOpening(runtime(), state, prefix, settings);
        } catch (error) {
          openings.delete(key);
          throw error;
        } finally {
          runtime().engine.release(state);
        }
      })();
      openings.set(key, opening);
      for (const oldest of openings.keys()) {
        if (openings.size <= MOST_OPENINGS) break;
        openings.delete(oldest);
      }
    }
    return opening;
  };

  /** Everything a candidate needs to be drawn; the first number is how many tokens it takes as input. */
  const begin = async (request: Request, io: CallIO, index: number): Promise<[number, Drawing]> => {
    const { tokenizer, engine, prompt } = runtime();
    const ids = idsOf(request);
    const settings = settingsOf(request);
    const prefix = io.prefix ?? '';
    const choice = io.choices[index] as CallIO['choices'][number];
    const input = ids.length + (prefix ? tokenizer.encode(prefix).length : 0);
    check(input);
    const given = prefix ? chooseWay(await openingOf(ids, prefix, settings), choice) : [];
    const length = ids.length + given.length;
    check(length);
    const drawing: Drawing = {
      state: await prompt([...ids, ...given.map(({ id }) => id)]),
      given,
      fixed: prefix.length,
      settings,
      choice,
      most: Math.min(request.maxOutputTokens ?? Infinity, engine.config.context - length + 1),
      stop: (request.stopSequences ?? []).filter((sequence) => sequence !== ''),
      alternatives: typeof request.logprobs === 'number' ? request.logprobs : 0,
      signal: io.signal,
    };
    return [input, drawing];
  };

  const backend: Backend = {
    name,
    get identity() {
      return `${name} ${runtime().digest}`;
    },
    can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 64 },
    prompts: TINY_PROMPTS,
    semantics: { kind: 'exact', target: 'P', why: 'drawn token by token from the next-token probabilities' },
    price: { input: 0, output: 0 },
    native: () => true,
    leavesUndone: (request) => warningsOf(name, request),
    bound(request) {
      const inputTokens = idsOf(request).length;
      const room = Math.max(1, runtime().engine.config.context - inputTokens + 1);
      return { inputTokens, outputTokens: Math.min(request.maxOutputTokens ?? Infinity, room) };
    },
    async call(request, io) {
      let usage: Usage = NO_USAGE;
      const unknown = foreignOf(request);
      unknown.catch(() => {}); // awaited below
      const candidates = await Promise.all(
        io.choices.map(async (_, index) => {
          const [input, drawing] = await begin(request, io, index);
          const writing = draw(runtime(), drawing);
          let step = await writing.next();
          while (!step.done) step = await writing.next();
          usage = addUsage(usage, usageOf(input, step.value.count));
          return candidateOf(request, step.value);
        }),
      );
      return { candidates, usage, warnings: [...(await unknown), ...warningsOf(name, request)] };
    },
    async *stream(request, io) {
      const unknown = foreignOf(request);
      unknown.catch(() => {}); // awaited below
      const [input, drawing] = await begin(request, io, 0);
      const id = 'text';
      const writing = draw(runtime(), drawing);
      yield { type: 'text-start', id };
      let shown = 0;
      let step = await writing.next();
      try {
        for (; !step.done; step = await writing.next()) {
          const { text, tokens } = step.value;
          shown += text.length;
          yield { type: 'text-delta', id, delta: text, ...(asksLogprobs(request) && { tokens }) };
        }
      } finally {
        if (!step.done) await writing.return(NOTHING);
      }
      const drawn = step.value;
      if (drawn.text.length > shown) yield { type: 'text-delta', id, delta: drawn.text.slice(shown) };
      yield { type: 'text-end', id };
      const usage = usageOf(input, drawn.count);
      const warnings = [...(await unknown), ...warningsOf(name, request)];
      yield { type: 'reply', candidate: candidateOf(request, drawn), usage, warnings };
    },
    async score(request, text) {
      const { engine, tokenizer, spelling, prompt, extend } = runtime();
      const ids = idsOf(request);
      const own = [...tokenizer.encode(text), tokenizer.end];
      check(ids.length + own.length - 1);
      const settings = settingsOf(request);
      const tokens: NonNullable<Scored['tokens']>[number][] = [];
      let tail = NO_TAIL;
      const look = (index: number, logits: Float32Array): void => {
        const id = own[index] as number;
        const { logprob } = lawOf(engine, logits, settings, spelling.barred(tail));
        tokens.push({ token: tokenizer.decode([id]), logprob: logprob(id) });
        tail = spelling.push(tail, id);
      };
      const state = await prompt(ids);
      try {
        look(0, state.logits);
        const all = own.slice(0, -1);
        if (all.length > 0) engine.release(await extend(state, all, (index, logits) => look(index + 1, logits)));
      } finally {
        engine.release(state);
      }
      const logprob = tokens.reduce((sum, token) => sum + token.logprob, 0);
      return { logprob, tokens, usage: usageOf(ids.length + own.length - 1, 0) };
    },
    async open(request, context) {
      const ids = idsOf(request);
      check(ids.length);
      // Under a meter, whoever opens the process reserves and accounts for it as one call.
      if (!context.meter) await paid(backend, ids.length, context);
      const state = await runtime().prompt(ids);
      const process = openProcess(runtime(), state, () => {
        if (!context.meter) context.ledger.add({ ...NO_USAGE, outputTokens: 1 });
      });
      return notePossible({ ...process, inputTokens: ids.length }, possibleOf(process));
    },
  };
  return fromBackend(backend);
}

/** Puts the opening of a process on the account: one call that reads the prompt. */
async function paid({ price }: Backend, inputTokens: number, context: Context): Promise<void> {
  await context.beforeCall?.();
  const { settle } = await context.budget.reserve({ calls: 1, inputTokens, outputTokens: 0, price }, context.signal);
  const usage = { ...NO_USAGE, calls: 1, inputTokens };
  settle(usage);
  context.ledger.add(usage);
}

const byFile = new Map<string, Runtime>();
const byBytes = new WeakMap<Uint8Array, Runtime>();

/** One runtime for all models of the same weights. */
function runtimeOf(weights: TinyOptions['weights']): Runtime {
  const known = weights instanceof Uint8Array ? byBytes.get(weights) : byFile.get(String(weights));
  if (known) return known;
  if (weights instanceof Uint8Array) {
    const made = createRuntime(parseWeights(weights));
    byBytes.set(weights, made);
    return made;
  }
  const made = createRuntime(parseWeights(readWeights(weights), String(weights ?? 'tiny.plusx')));
  byFile.set(String(weights), made);
  return made;
}

function settingsOf({ temperature = 1, topK, topP, maxOutputTokens, providerOptions }: Request): Settings {
  const minP = providerOptions?.['tiny']?.['minP'];
  const where = 'tiny';
  const refuse = (option: string, rule: string, value: unknown): never => {
    throw new InvalidOption({ where, option, rule, value });
  };
  if (!(temperature >= 0 && temperature < Infinity))
    refuse('temperature', 'must be a number of at least 0', temperature);
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) refuse('topK', 'must be a positive integer', topK);
  if (topP !== undefined && !(topP > 0 && topP <= 1)) refuse('topP', 'must be above 0 and at most 1', topP);
  if (minP !== undefined && !(typeof minP === 'number' && minP >= 0 && minP <= 1))
    refuse('providerOptions.tiny.minP', 'must be from 0 to 1', minP);
  if (maxOutputTokens !== undefined && !(maxOutputTokens >= 1))
    refuse('maxOutputTokens', 'must be at least 1', maxOutputTokens);
  return { temperature, topK, topP, minP: typeof minP === 'number' ? minP : undefined };
}

function candidateOf(request: Request, { text, end, logprob, tokens }: Drawn): Candidate {
  return {
    content: [{ type: 'text', text }],
    finish: { unified: end === 'limit' ? 'length' : 'stop', raw: end },
    // A prefix that greedy writing would not have begun with has no log-probability at temperature 0.
    ...(Number.isFinite(logprob) && {
      logprob,
      ...(asksLogprobs(request) && { tokens }),
    }),
  };
}

function asksLogprobs({ logprobs = false }: Request): boolean {
  return logprobs !== false;
}

/** Every candidate counts its prompt in full, however it was computed: two ways to ask for the same cost the same. */
function usageOf(inputTokens: number, outputTokens: number): Usage {
  return { ...NO_USAGE, inputTokens, outputTokens };
}

const cannotKnow = (name: string): string =>
  `${name} knows a small restricted English and cannot know this: what it says is a guess. It knows questions such as ${JSON.stringify(EXAMPLE)}`;

function warningsOf(name: string, request: Request): Warning[] {
  const ignored = [
    ...(request.tools?.length ? ['tools'] : []),
    ...(request.responseFormat?.type === 'json' ? ['responseFormat'] : []),
    ...(request.presencePenalty ? ['presencePenalty'] : []),
    ...(request.frequencyPenalty ? ['frequencyPenalty'] : []),
    ...(request.reasoning ? ['reasoning'] : []),
    ...(request.prompt.some(({ content }) => typeof content !== 'string' && content.some(({ type }) => type === 'file'))
      ? ['files']
      : []),
  ];
  return ignored.map((setting) => ({
    code: 'setting-ignored',
    message: `${name} writes plain text and ignores ${setting}`,
  }));
}

const MOST_OPENINGS = 64;
const NOTHING: Drawn = { text: '', end: 'limit', logprob: 0, tokens: [], count: 0 };
