/**
 * Providers keep prompts that they have read and bill them at a lower price when they come again, from the first answer on. Calls
 * with one prompt that start together all miss that cache. So the first is made alone, and the others once it is there.
 */
import { LETTERS_A_TOKEN } from '../bounds.ts';
import { hash } from '../context/choice.ts';
import { systemClock } from '../context/clock.ts';
import type { Context } from '../context/context.ts';
import type { Request } from '../sample.ts';
import type { Backend } from './backend.ts';

/**
 * What of a prompt a provider is to keep: `prefix` is what stands before the last message, such as instructions and documents,
 * `prompt` is all of it, which the draws for one question share.
 */
export type PromptCache = 'prefix' | 'prompt';

export const PROMPT_CACHES: readonly PromptCache[] = ['prefix', 'prompt'];

/** Shorter beginnings are kept by no provider. */
const LEAST_TOKENS = 1024;
const LEAST_LETTERS = LEAST_TOKENS * LETTERS_A_TOKEN;
/** As long as providers keep a prompt that is not asked for again. */
const KEPT_MS = 5 * 60_000;
/** Beginnings that are remembered. Of more, the one that came first is forgotten. */
const MOST_KEPT = 1000;

interface Kept {
  /** Resolves once the first call is over, to whether it came to something. */
  readonly first: Promise<boolean>;
  /** When it was last used; `undefined` as long as the first call is under way. */
  usedAt: number | undefined;
}

/**
 * The back end, whose calls with one long beginning wait for the first of them. It changes when calls are made, and no answer.
 * Cost: the time of one call more for each beginning.
 */
export function firstCallAlone(backend: Backend, what: PromptCache): Backend {
  const { call, stream } = backend;
  const kept = new Map<string, Kept>();

  /** Waits where this beginning is being read for another call. What it returns is told whether the call came to something. */
  const enter = async (key: string, { clock }: Context): Promise<(isThere: boolean) => void> => {
    const known = kept.get(key);
    if (known && (known.usedAt === undefined || clock.now() - known.usedAt < KEPT_MS)) {
      // Whoever is to stop because the first failed hears of it before it makes a call of its own.
      if (!(await known.first)) await new Promise<void>((resume) => systemClock.after(0, resume, 'hold'));
      return (isThere) => {
        if (isThere) known.usedAt = clock.now();
      };
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const own: Kept = { first: promise, usedAt: undefined };
    kept.delete(key);
    kept.set(key, own);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return (isThere) => {
      own.usedAt = clock.now();
      if (!isThere && kept.get(key) === own) kept.delete(key);
      resolve(isThere);
    };
  };
  const enterAll = async (request: Request, context: Context): Promise<(isThere: boolean) => void> => {
    const leaves: ((isThere: boolean) => void)[] = [];
    for (const key of keysOf(request, what)) leaves.push(await enter(key, context));
    return (isThere) => {
      for (const leave of leaves) leave(isThere);
    };
  };

  return {
    ...backend,
    async call(request, io) {
      const leave = await enterAll(request, io.context);
      let isThere = false;
      try {
        io.signal.throwIfAborted(); // it may have been cancelled while it waited
        const reply = await call.call(backend, request, io);
        isThere = true;
        return reply;
      } finally {
        leave(isThere);
      }
    },
    ...(stream && {
      async *stream(request, io) {
        const leave = await enterAll(request, io.context);
        let isThere = false;
        try {
          io.signal.throwIfAborted();
          for await (const part of stream.call(backend, request, io)) {
            isThere ||= part.type === 'reply';
            yield part;
          }
        } finally {
          leave(isThere);
        }
      },
    }),
  };
}

/** What a cache may hold of a prompt for others: the part before the last message, and all of it where the last message is long. */
function keysOf({ prompt, tools }: Request, what: PromptCache): string[] {
  const last = prompt.slice(-1);
  const prefix = sizedText({ tools, messages: prompt.slice(0, -1) });
  const wanted = what === 'prompt' && sizedText(last).size >= LEAST_LETTERS;
  return [
    ...(prefix.size >= LEAST_LETTERS ? [keyOf(prefix.text)] : []),
    ...(wanted ? [keyOf(prefix.text + sizedText(last).text)] : []),
  ];
}

const keyOf = (text: string): string => `${text.length} ${hash(text).join(' ')}`;

/** The bytes of a file are many, and its size tells files apart well enough here: a mistake costs a wait. */
function sizedText(value: unknown): { readonly text: string; readonly size: number } {
  let files = 0;
  const text = JSON.stringify(value, (_, one: unknown) => {
    if (!(one instanceof Uint8Array)) return one;
    files += one.length;
    return `${one.length} bytes`;
  });
  return { text, size: text.length + files };
}
