/**
 * A local GGUF file through node-llama-cpp, an optional peer. The library computes logits; every token is drawn here
 * from the whole next-token distribution, so that a sample is exact and its seed is ours.
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
} from '../../core/index.ts';
import { law } from './law.ts';
import { BadModelFile, LlamaMissing, llamaLibrary, type LlamaLibrary, type LlamaModel } from './library.ts';
import { promptOf, unsupported, type GgufTemplate } from './prompt.ts';
import { evaluate, sequencesOf } from './session.ts';
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
  /** Default one less than there are cores, at most 8: threads spin while they wait, and one without a core stalls all. */
  readonly threads?: number | undefined;
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
    threads = Math.min(8, Math.max(1, availableParallelism() - 1)),
    name = printName(`gguf:${file}`),
  } = options;
  whole({ sequences, contextSize: options.contextSize, threads });
  const library = options.library ?? (await llamaLibrary());
  const facts = await stat(file).catch(() => {
    throw new BadModelFile({ file, why: 'there is no such file' });
  });
  const loaded = await load(library, file, options.gpu ?? false, threads);
  const contextSize = Math.min(options.contextSize ?? 4096, loaded.trainContextSize);
  const context = await loaded.createContext({
    sequences,
    contextSize,
    flashAttention: false,
    threads,
  });
  const size = context.contextSize;
  const pool = sequencesOf(context, sequences);
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
  const noted = (next: Float64Array, token: number, request: Request): TokenLogprob => ({
    token: token === end ? '' : spell(token),
    logprob: next[token] as number,
    ...(typeof request.logprobs === 'number' &&
      request.logprobs > 0 && {
        alternatives: likeliest(next, request.logprobs).map((i) => ({ token: spell(i), logprob: next[i] as number })),
      }),
  });

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
    return pool.use(tokens, signal, async (sequence) => {
      const start = await evaluate(sequence, tokens, asked.length - 1, vocabulary.length);
      const laws = start.logits.map((logits) => law(logits, request, ends));
      const notes = given.map((token, i) => noted(laws[i] as Float64Array, token, request));
      let next = laws.at(-1) as Float64Array;
      let text = prefix;
      let finish: FinishReason = {
        unified: 'length',
        raw: most === room(tokens) ? 'context' : 'length',
      };
      const out: number[] = [];
      for (let drawn = 0; drawn < most; drawn++) {
        signal.throwIfAborted();
        const token = choice.categorical(Array.from(next, Math.exp));
        notes.push(noted(next, token, request));
        out.push(token);
        if (token === end) {
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
        const step = await evaluate(sequence, [...tokens, ...out], tokens.length + out.length - 1, vocabulary.length);
        next = law(step.logits[0] as Float64Array, request, ends);
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

  const model = fromBackend({
    name,
    identity: `gguf ${name} ${facts.size} ${size} ${fingerprint(template)}`,
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
    async call(request, { choices, signal, prefix = '' }) {
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
        warnings: unsupported(request, name),
      };
    },
    async *stream(request, { choices, signal }): AsyncGenerator<BackendStreamPart> {
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
      yield { type: 'reply', candidate, usage: used, warnings: unsupported(request, name) };
    },
    async score(request, text, { signal }) {
      const asked = promptTokens(request);
      const given = text === '' ? [] : loaded.tokenize(text);
      const tokens = [...asked, ...given];
      room(tokens);
      return pool.use(tokens, signal, async (sequence) => {
        const { logits, reused } = await evaluate(sequence, tokens, asked.length - 1, vocabulary.length);
        const notes = [...given, end].map((token, i) =>
          noted(law(logits[i] as Float64Array, request, ends), token, request),
        );
        return { logprob: logprobOf(notes), tokens: notes, usage: usage(tokens.length, 0, reused) };
      });
    },
    async open(request, { signal, ledger, meter }: Context) {
      const texts = (spelt ??= vocabulary.map(spell));
      const at = (tokens: readonly number[]): Process => {
        let next: Promise<Float64Array> | undefined;
        return {
          vocabulary: texts,
          end,
          next: async () => {
            room(tokens);
            next ??= pool.use(tokens, signal, async (sequence) => {
              const { logits } = await evaluate(sequence, tokens, tokens.length - 1, vocabulary.length);
              return law(logits[0] as Float64Array, request, ends);
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
      await context.dispose();
      await loaded.dispose();
    },
  });
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

function likeliest(next: Float64Array, count: number): number[] {
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
