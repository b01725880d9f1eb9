/** What a real provider package puts on the wire under a technique, in both majors. */
import { createOpenAICompatible as provider7 } from '@ai-sdk/openai-compatible';
import { createOpenAICompatible as provider6 } from 'openai-compatible6';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { plus, textOf, type Sample } from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { asMiddleware, fromAiSdk, toAiSdk } from './index.ts';
import { majors } from './test-support/majors.ts';

const longest = ({ content }: Sample): number => textOf(content).length;
const [six, seven] = majors;
const packages = [
  { ...six, provider: provider6 },
  { ...seven, provider: provider7 as unknown as typeof provider6 },
];
let server: OpenAIServer | undefined;
afterEach(() => server?.close());

describe.each(packages)('openai-compatible under AI SDK $major', ({ ai, provider, version }) => {
  const serve = async (options: OpenAIServerOptions) => {
    server = await openaiServer(options);
    return { server, model: provider({ name: 'local', baseURL: server.url, includeUsage: true })('test-model') };
  };
  const image = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const chat = {
    system: 'Be brief.',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', image, mediaType: 'image/png' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { zoom: 2 } }] },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'look', output: { type: 'json', value: { seen: 'cat' } } },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'So?' }] },
    ],
    temperature: 0.7,
    topP: 0.9,
    stopSequences: ['\n\n'],
    maxOutputTokens: 50,
    headers: { 'x-tenant': 'a' },
    providerOptions: { local: { user: 'someone' } },
  };
  const tools = { look: ai.tool({ inputSchema: ai.jsonSchema<object>({ type: 'object' }) }) };
  const ask = (model: unknown) =>
    ai.generateText({ ...chat, model, tools } as unknown as Parameters<typeof ai.generateText>[0]);

  it('sends, for every candidate, what the bare model sends, and a seed', async () => {
    const { server, model } = await serve({ answers: { a: 1, bb: 1, ccc: 1 } });
    expect(model.specificationVersion).toBe(version);
    await ask(model);
    const technique = bestOfN({ n: 3, score: longest });
    const ways = [
      toAiSdk(plus(fromAiSdk(model), technique)),
      ai.wrapLanguageModel({ model, middleware: asMiddleware(technique) }),
    ];
    for (const way of ways) await ask(way);
    const [bare, ...others] = server.requests;
    expect(bare?.body['messages']).toMatchObject([
      { role: 'system' },
      {
        role: 'user',
        content: [{ type: 'text' }, { type: 'image_url', image_url: { url: expect.stringContaining('iVBOR') } }],
      },
      { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'look', arguments: '{"zoom":2}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: '{"seen":"cat"}' },
      { role: 'user' },
    ]);
    expect(others).toHaveLength(6);
    for (const { body, headers } of others) {
      const { seed, ...rest } = body;
      expect(seed).toEqual(expect.any(Number));
      expect(rest).toEqual(bare?.body);
      expect(headers['x-tenant']).toBe('a');
    }
    expect(new Set(others.map(({ body }) => body['seed'])).size).toBe(6);
  });

  it('asks for candidates at the same time, sums their usage, and streams', async () => {
    let arrived = 0;
    const all = Promise.withResolvers<void>();
    // Nobody is answered before five have asked.
    const answers = async () => {
      if (++arrived === 5) all.resolve();
      await all.promise;
      return { yes: 3, no: 1 };
    };
    const { server, model } = await serve({ answers });
    const voted = toAiSdk(plus(fromAiSdk(model), selfConsistency({ n: 5 })), { seed: 1 });
    const result = await ai.generateText({ model: voted, prompt: 'Well?' });
    expect(server.highWaterMark).toBe(5);
    const one = await ai.generateText({ model, prompt: 'Well?' });
    expect(result.usage.inputTokens).toBe(5 * (one.usage.inputTokens ?? Number.NaN));
    expect(result.providerMetadata?.['plusx']).toMatchObject({ calls: 5 });
    const streamed = ai.streamText({ model: voted, prompt: 'Well?' });
    expect(await streamed.text).toBe(result.text);
    expect(await streamed.usage).toMatchObject({ inputTokens: result.usage.inputTokens });
    const plain = ai.streamText({ model: toAiSdk(fromAiSdk(model), { seed: 1 }), prompt: 'Well?' });
    expect(await plain.text).toMatch(/^(yes|no)$/);
    expect(await plain.usage).toMatchObject({ inputTokens: one.usage.inputTokens });
  });

  it('tries again after 429, does without what stays broken, and closes every request on abort', async () => {
    const busy = await serve({ answers: 'fine', failures: [{ status: 429, retryAfter: 0 }, 400] });
    const model = toAiSdk(plus(fromAiSdk(busy.model), bestOfN({ n: 3, score: longest })));
    const result = await ai.generateText({ model, prompt: 'Well?' });
    expect(result.text).toBe('fine');
    const statuses = busy.server.requests.map(({ status }) => String(status));
    expect(statuses.sort()).toEqual(['200', '200', '400', '429']);
    expect(result.warnings).toEqual([{ type: 'other', message: expect.stringContaining('left out') }]);
    await busy.server.close();

    const slow = await serve({ answers: 'late', latencyMs: 10_000 });
    const waiting = toAiSdk(plus(fromAiSdk(slow.model), bestOfN({ n: 3, score: longest })));
    const controller = new AbortController();
    const work = ai.generateText({ model: waiting, prompt: 'Well?', abortSignal: controller.signal });
    const aborting = vi.waitUntil(() => slow.server.requests.length === 3).then(() => controller.abort());
    await expect(work).rejects.toThrow(/abort/i);
    await aborting;
    await slow.server.idle();
    expect(slow.server.requests.map(({ state }) => state)).toEqual(['aborted', 'aborted', 'aborted']);
  });

  it('gives the SDK the upstream error it knows', async () => {
    const { model } = await serve({ failures: () => 401 });
    const work = ai.generateText({
      model: toAiSdk(plus(fromAiSdk(model), bestOfN({ n: 2, score: longest }))),
      prompt: 'Well?',
    });
    await expect(work).rejects.toSatisfy((error) => ai.APICallError.isInstance(error) && error.statusCode === 401);
  });
});
