/** Our server in front of an upstream that sends whatever bytes it is told to: `m` is handed on, and `m + reRead` computed. */
import { onTestFinished } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { listen } from '../listen.ts';
import { keptSockets } from '../pass/agent.ts';
import { rawUpstream, type RawUpstream } from './raw-upstream.ts';

export type Answering = Parameters<typeof rawUpstream>[0];

/** A request that is handed on, and one that is computed. */
export const BOTH_WAYS = ['m', 'm + reRead'] as const;

export interface BehindOurs {
  readonly upstream: RawUpstream;
  /** Asks a question, streamed or not. */
  ask(model: (typeof BOTH_WAYS)[number], stream?: boolean): Promise<Response>;
}

/** Both servers end with the test. */
export async function behindOurs(answer: Answering): Promise<BehindOurs> {
  const upstream = await rawUpstream(answer);
  const model = keptSockets(openaiCompatible({ model: 'm', baseURL: upstream.url, retry: { attempts: 1 } }));
  const server = await listen({ port: 0, models: { m: model } });
  onTestFinished(async () => {
    await server.close(0);
    await upstream.close();
  });
  return {
    upstream,
    ask: (name, stream = false) =>
      fetch(`${server.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: name, stream, messages: [{ role: 'user', content: 'hi' }] }),
      }),
  };
}

/** A whole reply that says `Grüße`. */
export const REPLY = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße' }, finish_reason: 'stop' }],
});

/** The events of one that says so in two pieces. */
export const EVENTS: readonly string[] = [{ content: 'Grü' }, { content: 'ße' }, {}]
  .map((delta, i) => ({ model: 'm', choices: [{ index: 0, delta, finish_reason: i === 2 ? 'stop' : null }] }))
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);

/** What a stream says. */
export const said = (events: string): string =>
  [...events.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('');
