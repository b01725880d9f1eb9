/** A file of sums, and a server whose answers are let through one by one. */
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { lines } from './folder.ts';

/** Questions `What is N + 1?` as a file of a task. */
export const sums = (items: number): string =>
  lines(...Array.from({ length: items }, (_, i) => ({ id: `q${i}`, input: `What is ${i} + 1?`, expected: i + 1 })));

export interface GatedServer extends Pick<OpenAIServer, 'url' | 'requests'> {
  /** Lets so many more answers through; the rest wait. */
  allow(answers: number): void;
  /** Nothing is allowed any longer. */
  hold(): void;
  /** Lets all through, and ends. */
  close(): Promise<void>;
}

export async function gatedServer(): Promise<GatedServer> {
  let allowed = 0;
  const waiting: (() => void)[] = [];
  const server = await openaiServer({
    answers: async () => {
      if (allowed > 0) allowed--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return { 'The answer is 7.': 1 };
    },
  });
  const allow = (answers: number): void => {
    allowed += answers;
    while (allowed > 0 && waiting.length > 0) {
      allowed--;
      waiting.shift()?.();
    }
  };
  return {
    url: server.url,
    requests: server.requests,
    allow,
    hold: () => void (allowed = 0),
    close() {
      allow(1e6);
      return server.close();
    },
  };
}
