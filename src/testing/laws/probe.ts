/** A base model that watches what is asked of it, so that a law can hold a technique to account. */
import {
  stopSequenceAt,
  fromBackend,
  seeded,
  textOf,
  UpstreamError,
  type Choice,
  type Message,
  type Model,
  type Price,
  type Process,
  type Usage,
} from '../../core/index.ts';
import type { Distribution } from '../../models/written/index.ts';

export interface ProbeOptions {
  /** The distribution of answers for a conversation. */
  readonly answers: (prompt: readonly Message[]) => Distribution;
  /**
   * How calls end: `'at once'`; `'scrambled'`, side by side and in an order drawn from `order`; `'never'`, when they are
   * aborted.
   */
  readonly timing?: 'at once' | 'scrambled' | 'never';
  readonly order?: number;
  readonly concurrency?: number;
  /** Whether the model can be opened: each answer is one token, written by a process that has ended its call once it is opened. */
  readonly next?: boolean;
  /** Whether the model goes on from a beginning: with one of the answers that begin so, each as likely as it is among them. */
  readonly continueFrom?: boolean;
  /**
   * Whether the model says how much an answer can be at most. One that does not writes what it is allowed to, as a server does
   * that is told how much that is. Default true.
   */
  readonly bounded?: boolean;
  /** US dollars a token. Default: 1 a million of input, 2 a million of output. */
  readonly price?: Price;
  /** The first call that is refused, as a prompt that is too long is; all after it are refused as well. Default: none. */
  readonly refusedFrom?: number | undefined;
  /** Called when the k-th call has started, and when it has ended. */
  readonly onStart?: ((k: number) => void) | undefined;
  readonly onEnd?: ((k: number) => void) | undefined;
}

export interface Probe {
  readonly model: Model;
  readonly seen: {
    readonly started: number;
    readonly ended: number;
    /** Of `started`, those whose signal was aborted before they ended. */
    readonly aborted: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Addresses of the calls that ended, as random sources: each names one draw of one run. */
    readonly draws: readonly string[];
  };
}

/** Tokens are characters, as in `enumerable`; a call in a scrambled probe ends in a later turn of the event loop. */
export function probe({
  answers,
  timing = 'at once',
  order = 0,
  concurrency = Infinity,
  next = false,
  continueFrom = false,
  bounded = true,
  price = PRICE,
  refusedFrom = Infinity,
  onStart,
  onEnd,
}: ProbeOptions): Probe {
  const seen = { started: 0, ended: 0, aborted: 0, inputTokens: 0, outputTokens: 0, draws: [] as string[] };
  const wait = timing === 'at once' ? async () => {} : timing === 'never' ? forever : shuffler(order);
  const arrive = async (signal: AbortSignal): Promise<void> => {
    try {
      await wait(signal);
    } catch (error) {
      seen.aborted++;
      throw error;
    }
  };
  const end = (choice: Choice, inputTokens: number): void => {
    seen.ended++;
    seen.draws.push(choice.id);
    seen.inputTokens += inputTokens;
  };
  /** Calls that open processes, by their address: what one call opens, once or several times, is one call. */
  const opening = new Map<string, { readonly k: number; left: number; failed: boolean }>();
  const model = fromBackend({
    name: 'probe',
    can: { logprobs: true, continueFrom, score: false, next, concurrency },
    semantics: { kind: 'exact', target: 'P', why: 'drawn from the written distribution' },
    price,
    bound: ({ prompt, maxOutputTokens }) => ({
      inputTokens: length(prompt),
      outputTokens: bounded ? Math.max(...Object.keys(answers(prompt)).map((text) => text.length)) : maxOutputTokens,
    }),
    async call({ prompt, stopSequences: stops = [], maxOutputTokens = Infinity }, { choices, signal, prefix = '' }) {
      const [choice] = choices as [(typeof choices)[number]];
      const k = ++seen.started;
      onStart?.(k);
      if (k >= refusedFrom) throw refusal();
      const all = Object.entries(answers(prompt)).filter(([, weight]) => weight > 0);
      const entries = all.filter(([text]) => text.startsWith(prefix));
      if (entries.length === 0) throw new RangeError(`probe: no answer starts with ${JSON.stringify(prefix)}`);
      const index = choice.categorical(entries.map(([, weight]) => weight));
      const [whole, weight] = entries[index] as [string, number];
      const cut = stopSequenceAt(whole, stops, prefix.length);
      const allowed = bounded ? Infinity : prefix.length + maxOutputTokens;
      const text = whole.slice(0, Math.min(cut === -1 ? Infinity : cut, allowed));
      const isCut = text.length < (cut === -1 ? whole.length : cut);
      await arrive(signal);
      const inputTokens = length(prompt) + prefix.length; // what is gone on from is read, not written
      const outputTokens = text.length - prefix.length;
      end(choice, inputTokens);
      seen.outputTokens += outputTokens;
      onEnd?.(k);
      return {
        candidates: [
          {
            content: [{ type: 'text', text }],
            finish: isCut
              ? { unified: 'length', raw: 'length' }
              : { unified: 'stop', raw: cut !== -1 ? 'stop-sequence' : stops.length > 0 ? 'end' : 'stop' },
            logprob: Math.log(weight / all.reduce((sum, [, w]) => sum + w, 0)),
          },
        ],
        usage: {
          inputTokens,
          outputTokens,
          reasoningTokens: 0,
          cachedInputTokens: 0,
          usd: inputTokens * price.input + outputTokens * price.output,
        },
      };
    },
    async open({ prompt }, { choice, signal }) {
      const call = opening.get(choice.id) ?? { k: seen.started + 1, left: 0, failed: false };
      opening.set(choice.id, call);
      if (call.left++ === 0) {
        seen.started = call.k;
        onStart?.(call.k);
      }
      const inputTokens = length(prompt);
      try {
        if (call.k >= refusedFrom) throw refusal();
        await wait(signal);
        seen.inputTokens += inputTokens;
      } catch (error) {
        call.failed = true;
        throw error;
      } finally {
        if (--call.left === 0) {
          opening.delete(choice.id);
          if (call.failed) seen.aborted += call.k < refusedFrom ? 1 : 0;
          else {
            end(choice, 0);
            onEnd?.(call.k);
          }
        }
      }
      const texts = Object.keys(answers(prompt));
      const weights = Object.values(answers(prompt));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const state = (written: boolean): Process => ({
        vocabulary: [...texts, ''],
        end: texts.length,
        inputTokens,
        next: async () =>
          Float64Array.from([...weights.map((w) => (written ? 0 : w / total)), written ? 1 : 0], Math.log),
        async push() {
          seen.outputTokens++;
          return state(true);
        },
      });
      return state(false);
    },
  });
  return { model, seen };
}

const PRICE: Price = { input: 1e-6, output: 2e-6 };

/** What a run that made these calls must report. */
export function usageOf({ started, ended, inputTokens, outputTokens }: Probe['seen']): Partial<Usage> {
  return {
    calls: started,
    replays: 0,
    unreported: started - ended,
    inputTokens,
    outputTokens,
  };
}

const refusal = (): UpstreamError =>
  new UpstreamError({ url: 'http://probe', status: 400, body: 'the prompt is too long', retryable: false });

function length(prompt: readonly Message[]): number {
  return prompt.reduce((sum, { content }) => sum + textOf(content).length, 0);
}

type Wait = (signal: AbortSignal) => Promise<void>;

const forever: Wait = (signal) =>
  new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

/** Lets the waiting calls go one a turn of the event loop, in an order of its own. */
function shuffler(order: number): Wait {
  const choice = seeded(order);
  const waiting: (() => void)[] = [];
  const next = (): void => {
    const [go] = waiting.splice(choice.categorical(waiting.map(() => 1)), 1);
    go?.();
    if (waiting.length > 0) setTimeout(next, 0);
  };
  return (signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = (): void => {
        const at = waiting.indexOf(go);
        if (at !== -1) waiting.splice(at, 1, () => {});
        reject(signal.reason);
      };
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(go);
      if (waiting.length === 1) setTimeout(next, 0);
    });
}
