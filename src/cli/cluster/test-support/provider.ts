/** A provider that writes down who asked what, and when; it can hold its answers. It knows who asks by the key. */
import { setTimeout as pause } from 'node:timers/promises';
import { openaiServer } from '../../../testing/servers/openai-server.ts';

export interface Asked {
  readonly who: string;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface Provider {
  /** The environment of a process that asks it under that name. */
  readonly env: (who: string) => { readonly [name: string]: string };
  /** The calls for each question, in order of arrival. */
  readonly asked: ReadonlyMap<number, readonly Asked[]>;
  /** The questions that were answered. */
  readonly answered: ReadonlySet<number>;
  /** Forgets what was asked, and keeps the answers back from the so-manieth question on until it is released. */
  hold(from: number): void;
  release(): void;
  close(): Promise<void>;
}

/** Who is not let in. */
export const A_WRONG_KEY = 'a wrong key';

/** Answers `What is N + 1?`, right two times of three, whoever asks. */
export async function provider(latencyOf: (question: number) => number): Promise<Provider> {
  const asked = new Map<number, Asked[]>();
  const answered = new Set<number>();
  let from = Infinity;
  let gate = Promise.withResolvers<void>();
  const server = await openaiServer({
    failures: (_, { headers }) => (headers.authorization === `Bearer ${A_WRONG_KEY}` ? 401 : null),
    answers: async ({ body, headers }) => {
      const question = Number(/(\d+) \+ 1/.exec(JSON.stringify(body))?.[1]);
      const who = headers.authorization?.replace('Bearer ', '') ?? '';
      const before = asked.get(question);
      asked.set(question, [...(before ?? []), { who, at: performance.now() }]);
      await pause(latencyOf(question));
      if (asked.size >= from) await gate.promise;
      answered.add(question);
      return { [`The answer is ${question + 1}.`]: 2 / 3, 'The answer is 7.': 1 / 3 };
    },
  });
  return {
    env: (who) => ({ PLUSX_BASE_URL: server.url, PLUSX_MODEL: 'test-model', PLUSX_API_KEY: who }),
    asked,
    answered,
    hold(first) {
      asked.clear();
      answered.clear();
      from = first;
      gate = Promise.withResolvers();
    },
    release: () => gate.resolve(),
    close: () => server.close(),
  };
}
