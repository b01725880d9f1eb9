/**
 * A local GGUF file through node-llama-cpp, an optional peer. Every token is drawn from the whole next-token distribution
 * with a seed of ours, by the engine or here (`next.ts`), and its log-probability is known.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import {
  ContextOverflow,
  fromBackend,
  InvalidOption,
  NO_USAGE,
  printName,
  type BackendStreamPart,
  type Candidate,
  type Choice,
  type Context,
  type FinishReason,
  type Model,
  type Process,
  type Request,
  type Thoughts,
  type Reply,
  type TokenLogprob,
  type Warning,
} from '../../core/index.ts';
import { cardOf } from './card.ts';
import { law } from './law.ts';
import { ALL, among, likeliestLaw, seen, toDraw, toScore, wayOf, type Look, type Seen } from './next.ts';
import {
  BadModelFile,
  LlamaMissing,
  llamaLibrary,
  type LlamaContext,
  type LlamaLibrary,
  type LlamaModel,
  type LlamaNext,
  type LlamaWant,
} from './library.ts';
import { promptOf, unsupported, type GgufTemplate } from './prompt.ts';
import { sequencesOf } from './session.ts';
import { written } from './text.ts';

export interface GgufOptions {
  /** Default `gguf:FILE`. */
  readonly name?: string | undefined;
  /** In place of the chat template in the file. A file without one gets the texts alone. */
  readonly template?: GgufTemplate | undefined;
  /** How thoughts in its text are told from what it says. Default: by the usual tags, such as `<think>`; `false`: not at all. */
  readonly thoughts?: Thoughts | undefined;
  /** Tokens of prompt and answer together. Default what the model was trained for, at most 4096. */
  readonly contextSize?: number | undefined;
  /** Candidates computed side by side, each with a context of its own. Default 4. */
  readonly sequences?: number | undefined;
  /**
   * Threads that compute, in all. Default as many as there are cores, at most 8. With two or more, half of the sequences
   * have a context of their own: the two halves compute side by side on half of the threads each, and a candidate alone
   * has all but one. Threads of one evaluation wait for each other and spin, so one without a core stalls all.
   */
  readonly threads?: number | undefined;
  /**
   * `true` reads all logits for every token, and draws from them here: log-probabilities are exact to the last digits of
   * the logits, and sampling takes 2 to 8 times as long, the longer the larger the vocabulary. Default `false`: the
   * engine draws, by the same law and a seed of ours, and log-probabilities are off by about 1e-4 a token.
   */
  readonly exact?: boolean | undefined;
  /**
   * `'card'`: where a request sets no temperature, top-k or top-p, those that the file recommends (`general.sampling.*`),
   * or the `generation_config.json` beside it. Default `'plain'`: temperature 1 and the whole vocabulary.
   */
  readonly defaults?: 'plain' | 'card' | undefined;
  /** `'auto'` takes a GPU where the library was installed with one. Default `false`: the CPU. */
  readonly gpu?: 'auto' | false | undefined;
  /** The module node-llama-cpp, where it is not to be found by its name. */
  readonly library?: LlamaLibrary | undefined;
}

/**
 * Opens a GGUF file. The last digits of a logit depend on what is evaluated beside it, as in every use of llama.cpp;
 * a text of several possible tokenizations is scored, and continued, by the usual one. The next-token process has no
 * copies of its state: a step costs the tokens after the longest prefix that a free sequence holds.
 */
export async function gguf(file: string, options: GgufOptions = {}): Promise<Model & AsyncDisposable> {
  const {
    template,
    sequences = 4,
    threads = Math.min(8, availableParallelism()),
    exact = false,
    name = printName(`gguf:${file}`),
  } = options;
  whole({ sequences, contextSize: options.contextSize, threads });
  const library = options.library ?? (await llamaLibrary());
  const facts = await stat(file).catch(() => {
    throw new BadModelFile({ file, why: 'there is no such file' });
  });
  const loaded = await load(library, file, options.gpu ?? false, threads);
  const card = options.defaults === 'card' ? await cardOf(loaded, file, name) : undefined;
  const settled = (request: Request): Request => ({
    ...request,
    temperature: request.temperature ?? card?.settings.temperature,
    topK: request.topK ?? card?.settings.topK,
    topP: request.topP ?? card?.settings.topP,
  });
  const contextSize = Math.min(options.contextSize ?? 4096, loaded.trainContextSize);
  const contexts = await contextsOf(loaded, { sequences, contextSize, threads, gpu: options.gpu ?? false });
  const size = Math.min(...contexts.map((context) => context.contextSize));
  const pool = sequencesOf(contexts, sequences);
  const vocabulary = [...loaded.iterateAllTokens()];
  const ends = vocabulary.filter((token) => loaded.isEogToken(token));
  const [end = -1] = ends;
  const spell = (token: number): string => loaded.detokenize([token]);
  let spelt: readonly string[] | undefined;
  const prompts = promptOf(library, loaded, name, template);
  const known = new WeakMap<Request['prompt'], number[]>();
  const promptTokens = ({ prompt }: Request): number[] => {
    const tokens = known.get(prompt) ?? prompts(prompt);
    known.set(prompt, tokens);
    if (tokens.length === 0) throw new InvalidOption({ where: name, option: 'prompt', rule: 'must not be empty' });
    return tokens;
  };
  const room = (tokens: readonly number[]): number => {
    if (tokens.length >= size)
      throw new ContextOverflow({
        model: name,
        tokens: tokens.length,
        context: size,
        hint: 'Shorten the prompt, or raise `contextSize`.',
      });
    return size - tokens.length;
  };
  const usage = (input: number, output: number, reused: number): Reply['usage'] => ({
    inputTokens: input,
    outputTokens: output,
    reasoningTokens: 0,
    cachedInputTokens: reused,
    usd: 0,
  });
  const logprobOf = (tokens: readonly TokenLogprob[]): number => tokens.reduce((sum, { logprob }) => sum + logprob, 0);
  const noted = ({ token, logprob, alternatives }: Seen, request: Request): TokenLogprob => ({
    token: token === end ? '' : spell(token),
    logprob,
    ...(typeof request.logprobs === 'number' &&
      request.logprobs > 0 && {
        alternatives: alternatives.map(([id, value]) => ({ token: spell(id), logprob: value })),
      }),
  });
  const lookOf = (request: Request): Look => ({
    way: wayOf(request, exact),
    settings: request,
    ends,
    alternatives: typeof request.logprobs === 'number' ? request.logprobs : 0,
  });
  const lawOf = ({ logits }: LlamaNext, request: Request): Float64Array =>
    law(dense(logits, vocabulary.length), request, ends);
  const seenIn = (next: Float64Array, token: number, { alternatives }: Look): Seen => ({
    token,
    logprob: next[token] as number,
    alternatives: likeliest(next, alternatives).map((id) => [id, next[id] as number]),
  });
  /** What was asked for by `toScore`. */
  const scored = (next: LlamaNext, token: number, request: Request, look: Look): Seen =>
    look.way === 'engine' ? seen(next, token, look) : seenIn(lawOf(next, request), token, look);

  /** One candidate, token by token: yields the text that is certain after each. */
  const write = (
    request: Request,
    choice: Choice,
    signal: AbortSignal,
    prefix: string,
    heard: (safe: string) => void = () => {},
  ): Promise<{ candidate: Candidate; usage: Reply['usage'] }> => {
    const asked = promptTokens(request);
    const given = prefix === '' ? [] : loaded.tokenize(prefix);
    const tokens = [...asked, ...given];
    const most = Math.min(request.maxOutputTokens ?? Infinity, room(tokens));
    const look = lookOf(request);
    const wanted = (place: number): LlamaWant => toDraw(look, () => choice.fork(`token/${place}`).seed());
    return pool.use(tokens, signal, async (held) => {
      const start = await held.read(tokens, asked.length - 1, (place) =>
        place < given.length ? toScore(look, given[place] as number) : wanted(0),
      );
      const notes = given.map((token, i) => noted(scored(start.nexts[i] as LlamaNext, token, request, look), request));
      const out: number[] = [];
      const pick = async (next: LlamaNext): Promise<Seen> => {
        if (look.way === 'engine') return seen(next, next.token ?? -1, look);
        const kept = look.way === 'likeliest' ? likeliestLaw(next, look, vocabulary.length) : undefined;
        if (kept) {
          const drawn = kept[choice.categorical(kept.map(([, logprob]) => Math.exp(logprob)))];
          return among(kept, drawn?.[0] ?? -1, look);
        }
        const all = [...tokens, ...out];
        const whole = look.way === 'all' ? next : (await held.read(all, all.length - 1, () => ALL)).nexts[0];
        const values = lawOf(whole as LlamaNext, request);
        return seenIn(values, choice.categorical(Array.from(values, Math.exp)), look);
      };
      let next = start.nexts.at(-1) as LlamaNext;
      let text = prefix;
      let finish: FinishReason = {
        unified: 'length',
        raw: most === room(tokens) ? 'context' : 'length',
      };
      for (let drawn = 0; drawn < most; drawn++) {
        signal.throwIfAborted();
        const picked = await pick(next);
        notes.push(noted(picked, request));
        out.push(picked.token);
        if (picked.token === end) {
          finish = { unified: 'stop', raw: 'end' };
          break;
        }
        text = prefix + loaded.detokenize(out);
        const { safe, stopped } = written(text.slice(prefix.length), request.stopSequences ?? []);
        heard(prefix + safe);
        if (stopped !== undefined) {
          text = prefix + stopped;
          finish = { unified: 'stop', raw: 'stop-sequence' };
          break;
        }
        if (drawn + 1 === most) break;
        next = await held.push(picked.token, wanted(drawn + 1));
      }
      heard(text);
      return {
        candidate: {
          content: [{ type: 'text', text }],
          finish,
          logprob: logprobOf(notes),
          ...(request.logprobs !== undefined && request.logprobs !== false && { tokens: notes }),
        },
        usage: usage(tokens.length, out.length, start.reused),
      };
    });
  };

  const warningsOf = (request: Request): Warning[] => [
    ...unsupported(request, name),
    ...(card?.ignored ?? []).map((what) => ({
      code: 'unsupported',
      message: `${name} recommends ${what}, which is not done`,
    })),
  ];

  const model = fromBackend({
    name,
    identity: `gguf ${name} ${facts.size} ${size} ${fingerprint(template)}${exact ? ' exact' : ''}${card ? ` ${JSON.stringify(card.settings)}` : ''}`,
    can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: sequences },
    semantics: { kind: 'exact', target: 'P', why: 'every token is drawn from the whole next-token distribution' },
    price: { input: 0, output: 0 },
    thoughts: options.thoughts,
    native: () => sequences > 1,
    leavesUndone: (request) => unsupported(request, name),
    bound: (request) => {
      const tokens = promptTokens(request);
      return { inputTokens: tokens.length, outputTokens: Math.min(request.maxOutputTokens ?? Infinity, room(tokens)) };
    },
    async call(asTold, { choices, signal, prefix = '' }) {
      const request = settled(asTold);
      const made = await Promise.all(choices.map((choice) => write(request, choice, signal, prefix)));
      const sum = (of: (one: Reply['usage']) => number | undefined): number =>
        made.reduce((total, one) => total + (of(one.usage) ?? 0), 0);
      return {
        candidates: made.map(({ candidate }) => candidate),
        usage: usage(
          sum((u) => u.inputTokens),
          sum((u) => u.outputTokens),
          sum((u) => u.cachedInputTokens),
        ),
        warnings: warningsOf(request),
      };
    },
    async *stream(asTold, { choices, signal }): AsyncGenerator<BackendStreamPart> {
      const request = settled(asTold);
      const heard: (string | undefined)[] = []; // `undefined`: no more comes
      let wake = (): void => {};
      const hear = (safe?: string): void => {
        heard.push(safe);
        wake();
      };
      const work = write(request, choices[0] as Choice, signal, '', hear).finally(hear);
      work.catch(() => {}); // awaited below, after what was heard before it failed
      const id = 'part-0';
      let sent = 0;
      yield { type: 'text-start', id };
      for (;;) {
        if (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const safe = heard.shift();
        if (safe === undefined) break;
        if (safe.length > sent) yield { type: 'text-delta', id, delta: safe.slice(sent) };
        sent = Math.max(sent, safe.length);
      }
      const { candidate, usage: used } = await work;
      yield { type: 'text-end', id };
      yield { type: 'reply', candidate, usage: used, warnings: warningsOf(request) };
    },
    async score(asTold, text, { signal }) {
      const request = settled(asTold);
      const asked = promptTokens(request);
      const given = text === '' ? [] : loaded.tokenize(text);
      const tokens = [...asked, ...given];
      room(tokens);
      const look = lookOf(request);
      const own = [...given, end];
      return pool.use(tokens, signal, async (held) => {
        const { nexts, reused } = await held.read(tokens, asked.length - 1, (place) =>
          toScore(look, own[place] ?? end),
        );
        const notes = own.map((token, i) => noted(scored(nexts[i] as LlamaNext, token, request, look), request));
        return { logprob: logprobOf(notes), tokens: notes, usage: usage(tokens.length, 0, reused) };
      });
    },
    async open(asTold, { signal, ledger, meter }: Context) {
      const request = settled(asTold);
      const texts = (spelt ??= vocabulary.map(spell));
      const at = (tokens: readonly number[]): Process => {
        let next: Promise<Float64Array> | undefined;
        return {
          vocabulary: texts,
          end,
          next: async () => {
            room(tokens);
            next ??= pool.use(tokens, signal, async (held) => {
              const { nexts } = await held.read(tokens, tokens.length - 1, () => ALL);
              return lawOf(nexts[0] as LlamaNext, request);
            });
            return Float64Array.from(await next);
          },
          async push(token) {
            if (!Number.isInteger(token) || token < 0 || token >= vocabulary.length || ends.includes(token))
              throw new InvalidOption({
                where: name,
                option: 'token',
                rule: 'must be in the vocabulary and not end the text',
                value: token,
              });
            if (!meter) ledger.add({ ...NO_USAGE, outputTokens: 1 });
            return at([...tokens, token]);
          },
        };
      };
      const asked = promptTokens(request);
      // Under a meter, whoever opens the process accounts for it as one call.
      if (!meter) ledger.add({ ...NO_USAGE, calls: 1, inputTokens: asked.length });
      return { ...at(asked), inputTokens: asked.length };
    },
  });
  return Object.assign(model, {
    async [Symbol.asyncDispose]() {
      await pool.dispose();
      for (const context of contexts) await context.dispose();
      await loaded.dispose();
    },
  });
}

/** Two contexts where there are threads and sequences for two: neither waits for a thread of the other. */
async function contextsOf(
  model: LlamaModel,
  {
    sequences,
    contextSize,
    threads,
    gpu,
  }: {
    readonly sequences: number;
    readonly contextSize: number;
    readonly threads: number;
    readonly gpu: 'auto' | false;
  },
): Promise<LlamaContext[]> {
  const count = gpu === false ? Math.min(2, threads, sequences) : 1;
  const contexts: LlamaContext[] = [];
  for (let i = 0; i < count; i++)
    contexts.push(
      await model.createContext({
        sequences: Math.ceil((sequences - i) / count),
        contextSize,
        flashAttention: false,
        threads: Math.max(1, threads - (count - 1)),
      }),
    );
  return contexts;
}

async function load(library: LlamaLibrary, file: string, gpu: 'auto' | false, maxThreads: number): Promise<LlamaModel> {
  // `build: 'never'`: without it a missing binary starts a download and a compiler.
  const settings = { gpu, maxThreads, build: 'never', skipDownload: true, progressLogs: false, logLevel: 'disabled' };
  const llama = await library.getLlama(settings).catch((error: unknown) => {
    throw new LlamaMissing({ why: `whose binary for this machine is missing (${reason(error)})` });
  });
  try {
    return await llama.loadModel({ modelPath: file });
  } catch (error) {
    throw new BadModelFile({ file, why: reason(error) });
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function fingerprint(template: GgufTemplate | undefined): string {
  return template === undefined ? '' : createHash('sha256').update(String(template)).digest('hex').slice(0, 16);
}

function dense(logits: ReadonlyMap<number, number> | undefined, vocabulary: number): Float64Array {
  if (!logits) throw new TypeError('gguf: no logits where they were asked for');
  const values = new Float64Array(vocabulary).fill(-Infinity);
  for (const [token, logit] of logits) values[token] = logit;
  return values;
}

function likeliest(next: Float64Array, count: number): number[] {
  if (count === 0) return [];
  return [...next.keys()]
    .filter((i) => next[i] !== -Infinity)
    .toSorted((a, b) => (next[b] as number) - (next[a] as number))
    .slice(0, count);
}

function whole(options: { readonly [option: string]: number | undefined }): void {
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new InvalidOption({ where: 'gguf', option, rule: 'must be a whole number of at least 1', value });
}
