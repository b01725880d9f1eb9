/** Streams of AI SDK models through plusx and out again. */
import { type LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { MockLanguageModelV3 } from 'ai6/test';
import { describe, expect, it } from 'vitest';

import { MalformedReply, plus, stream, UpstreamError, type Trace } from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { fromAiSdk, toAiSdk } from './index.ts';
import { answering, failing, longest, readAll, usage } from './test-support/majors.ts';

const prompt = 'Say something.';

describe('streams', () => {
  const finish = { type: 'finish', usage: usage(1, 1), finishReason: { unified: 'stop', raw: 's' } } as const;
  const metadata = { providerMetadata: { maker: { signature: 'abc' } } };
  const parts: LanguageModelV3StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'reasoning-start', id: 'r', ...metadata },
    { type: 'reasoning-delta', id: 'r', delta: 'hm' },
    { type: 'reasoning-end', id: 'r', ...metadata },
    { type: 'text-start', id: 't' },
    { type: 'tool-input-start', id: 'c', toolName: 'look', providerExecuted: true },
    { type: 'text-delta', id: 't', delta: 'He' },
    { type: 'tool-input-delta', id: 'c', delta: '{}' },
    { type: 'text-delta', id: 't', delta: 'llo' },
    { type: 'text-end', id: 't' },
    { type: 'tool-input-end', id: 'c' },
    { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}', ...metadata },
    { type: 'file', mediaType: 'image/png', data: new Uint8Array([1, 2]) },
    { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
    { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Bye' },
    { type: 'text-end', id: 't', ...metadata },
    finish,
  ];
  const streaming = (list: readonly object[], end: 'close' | 'hang' | Error = 'close') => {
    const left = [...list];
    return new MockLanguageModelV3({
      doStream: async () => ({
        stream: new ReadableStream({
          pull(controller) {
            const part = left.shift();
            if (part) controller.enqueue(part as LanguageModelV3StreamPart);
            else if (end === 'close') controller.close();
            else if (end !== 'hang') controller.error(end);
          },
        }),
      }),
    });
  };

  it('pass through part by part, and add up to the content', async () => {
    const out = toAiSdk(fromAiSdk(streaming(parts)));
    expect(await readAll((await out.doStream({ prompt: [] })).stream)).toEqual([
      ...parts.slice(0, -1),
      { ...finish, providerMetadata: { plusx: expect.objectContaining({ calls: 1 }) } },
    ]);
    const [last] = (await readAll(stream(fromAiSdk(streaming(parts)), prompt))).slice(-1);
    expect(last?.type === 'finish' && last.sampled.samples[0]?.content).toEqual([
      { type: 'reasoning', text: 'hm', ...metadata },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}', ...metadata },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2]) } },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
      { type: 'text', text: 'Bye', ...metadata },
    ]);
  });

  it('hand on what breaks them: reported, broken off or torn', async () => {
    const text = parts.slice(4, 5);
    const torn = failing(500);
    const cases = [
      [streaming([...text, { type: 'error', error: torn }], 'hang'), torn],
      [streaming(text, torn), torn],
      [streaming([...text, { type: 'error', error: 'overloaded' }]), expect.any(UpstreamError)],
      [streaming(text), expect.any(MalformedReply)],
    ] as const;
    for (const [inner, error] of cases) {
      const { stream } = await toAiSdk(fromAiSdk(inner)).doStream({ prompt: [] });
      expect((await readAll(stream)).slice(1)).toEqual([...text, { type: 'error', error }]);
    }
  });

  it('stop the call when nobody reads them any more, and when the caller aborts', async () => {
    const traces: Trace[] = [];
    const open = async (signal?: AbortSignal) => {
      const inner = streaming(parts.slice(4, 5), 'hang');
      const out = toAiSdk(fromAiSdk(inner), { trace: (trace) => traces.push(trace) });
      const { stream } = await out.doStream({ prompt: [], abortSignal: signal });
      const reader = stream.getReader();
      expect((await reader.read()).value).toMatchObject({ type: 'stream-start' });
      expect((await reader.read()).value).toMatchObject({ type: 'text-start' });
      return { reader, pending: reader.read(), call: inner.doStreamCalls[0] };
    };
    const left = await open();
    await left.reader.cancel();
    expect(left.call?.abortSignal?.aborted).toBe(true);
    const controller = new AbortController();
    const aborted = await open(controller.signal);
    controller.abort();
    await expect(aborted.pending).rejects.toThrow(/abort/i);
    expect(aborted.call?.abortSignal?.aborted).toBe(true);
    expect(traces.map(({ root }) => root)).toMatchObject(
      [0, 1].map(() => ({
        status: 'cancelled',
        usage: { calls: 1, unreported: 1 },
        children: [{ status: 'cancelled' }],
      })),
    );
  });

  it('that are left with parts unread are accounted for', async () => {
    const traces: Trace[] = [];
    const out = toAiSdk(fromAiSdk(streaming(parts)), { trace: (trace) => traces.push(trace) });
    const reader = (await out.doStream({ prompt: [] })).stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(traces[0]?.root).toMatchObject({ usage: { calls: 1, unreported: 1 }, children: [{ status: 'cancelled' }] });
  });

  it('of a technique keep what belongs to the parts of the winner', async () => {
    const content = [
      { type: 'reasoning', text: 'hm', ...metadata },
      { type: 'text', text: 'Hello', ...metadata },
    ] as const;
    const inner = new MockLanguageModelV3(answering(() => ({ content: [...content] })));
    const out = toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 2, score: longest })), { progress: false });
    const ends = (await readAll((await out.doStream({ prompt: [] })).stream)).filter(({ type }) =>
      type.endsWith('-end'),
    );
    expect(ends).toEqual([
      { type: 'reasoning-end', id: 'part-0', ...metadata },
      { type: 'text-end', id: 'part-1', ...metadata },
    ]);
  });
});
