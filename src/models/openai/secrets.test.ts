/** Whatever a server repeats of what it was sent, in replies that are not as they should be: no error says it, and no field of one. */
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { ask, plus, rootScope, stream, type Model } from '../../core/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { openaiCompatible, openaiEmbedder } from './index.ts';

const [KEY, PASSWORD, QUERY] = ['canary-key-4711', 'canary-password-4711', 'canary-query-4711'];
const ALL = `${KEY} ${PASSWORD} ${QUERY}`;
const baseURL = `http://me:${PASSWORD}@127.0.0.1:9/v1?code=${QUERY}`;

const answering = (body: string, type = 'application/json') =>
  ({
    baseURL,
    apiKey: KEY,
    model: 'm',
    fetch: async () => new Response(body, { headers: { 'content-type': type } }),
  }) as const;
const chat = (body: string, type?: string): Model =>
  openaiCompatible({ ...answering(body, type), quirks: { score: 'prompt_logprobs' }, retry: { attempts: 1 } });

const BODIES: readonly string[] = [
  ALL,
  `{"choices": "${ALL}"}`,
  `{"choices": ["${ALL}"]}`,
  `{"choices": [{"message": "${ALL}"}]}`,
  `{"choices": [{"message": {"content": {"text": ["${ALL}"]}}}]}`,
  `{"choices": [{"message": {"content": [7, "${ALL}"]}}]}`,
  `{"choices": [{"message": {"tool_calls": [{"function": {"arguments": "${ALL}"}}]}}]}`,
  `{"choices": [{"message": {"content": "x", "images": [{"odd": "${ALL}"}]}}]}`,
  `{"nothing": "${ALL}"}`,
  `[${'['.repeat(600)}"${ALL}"`,
  `<html><title>${ALL}</title></html>`,
  `{"error": "${ALL}"}`,
  `{"message": "${ALL}", "status": 404}`,
];
const EVENTS: readonly string[] = [
  ...BODIES,
  `{"choices": [{"delta": {"content": "${ALL}"}}]}`, // and then nothing more
  `{"choices": [{"delta": {"content": {"odd": "${ALL}"}}}]}`,
  `{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "${ALL}"}}]}}]}`,
];

/** What came of it: an error, in every way in which one is written down. */
async function told(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error
    ? `${error.stack} ${JSON.stringify(error)} ${inspect(error, { showHidden: true })}`
    : '';
}

async function drain(model: Model): Promise<void> {
  for await (const part of stream(model, 'q')) void part;
}
const run = rootScope().context;

it.each([
  ...BODIES.flatMap((body) => [
    ['a reply', body, () => ask(chat(body), 'q')] as const,
    [
      'a score',
      body,
      () => chat(body).score?.({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'q' }] }] }, 'a', run),
    ] as const,
    [
      'vectors',
      body,
      () => openaiEmbedder({ ...answering(body), dimensions: 2, retry: { attempts: 1 } }).embed(['a'], run),
    ] as const,
  ]),
  ...EVENTS.map((event) => ['a stream', event, () => drain(chat(`data: ${event}\n\n`, 'text/event-stream'))] as const),
])('%s: %s', async (_, body, work) => {
  const text = await told(async () => work());
  for (const secret of [KEY, PASSWORD, QUERY]) expect(text).not.toContain(secret);
  expect([body, text === '']).toEqual([body, body.includes('images') && text === '']); // one reply can be read
});

it('nor does a warning or a trace, where one draw of several fails so', async () => {
  for (const body of BODIES.filter((one) => !one.includes('images'))) {
    let asked = 0;
    const good = '{"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}]}';
    const fetch = async (): Promise<Response> => new Response(asked++ === 0 ? good : body);
    const model = openaiCompatible({ ...answering(body), fetch, quirks: { n: false }, retry: { attempts: 1 } });
    const run = await ask(plus(model, selfConsistency({ n: 3 })), 'q', { trace: true });
    expect(run.warnings.map(({ code }) => code)).toContain('candidate-lost');
    for (const secret of [KEY, PASSWORD, QUERY]) expect(JSON.stringify(run)).not.toContain(secret);
  }
});
