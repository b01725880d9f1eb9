import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, stream, textOf, user, type Model } from '../../../core/index.ts';
import { openaiCompatible } from '../openai-compatible.ts';

/** A model whose server answers with the next of these, whole or as the events of a stream; the last stays. */
async function model(answers: readonly (object | readonly object[])[]): Promise<{ model: Model; asked: object[] }> {
  const asked: object[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const answer = answers[Math.min(asked.push(JSON.parse(text) as object), answers.length) - 1];
      response.end(
        Array.isArray(answer)
          ? answer.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')
          : JSON.stringify(answer),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { model: openaiCompatible({ model: 'm', baseURL, retry: { attempts: 3, firstWaitMs: 1 } }), asked };
}

const good = (content: string, index = 0): object => ({
  index,
  message: { role: 'assistant', content },
  finish_reason: 'stop',
});
/** How gateways tell that the server behind them failed when it had been answered already. */
const failed = (code: number, index = 0): object => ({
  index,
  message: { role: 'assistant', content: '' },
  finish_reason: 'error',
  error: { code, message: 'the provider went away', metadata: { provider_name: 'x' } },
});

describe('a choice that failed at the server is no answer', () => {
  it('and is asked for again where that can help', async () => {
    const { model: served, asked } = await model([{ choices: [failed(502)] }, { choices: [good('Four.')] }]);
    expect((await ask(served, 'q')).text).toBe('Four.');
    expect(asked.length).toBe(2);
  });

  it('and an error in its words where it cannot', async () => {
    const { model: served, asked } = await model([{ choices: [failed(400)] }]);
    await expect(ask(served, 'q')).rejects.toThrow('answered 400: the provider went away');
    expect(asked.length).toBe(1);
  });

  it('beside others it is left out, and drawn anew', async () => {
    const { model: served } = await model([
      { choices: [good('a', 0), failed(502, 1), good('c', 2)] },
      { choices: [good('b')] },
    ]);
    const { samples } = await ask(served, { prompt: [user('q')], n: 3 });
    expect(samples.map(({ content }) => textOf(content)).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('in a stream, before a word and behind one', async () => {
    const piece = { choices: [{ index: 0, delta: { content: 'Fo' }, finish_reason: null }] };
    const broken = { choices: [{ ...failed(502), delta: { content: '' } }] };
    const whole = { choices: [{ index: 0, delta: { content: 'Four.' }, finish_reason: 'stop' }] };
    const read = async (served: Model): Promise<string> => {
      let text = '';
      for await (const part of stream(served, 'q')) if (part.type === 'text-delta') text += part.delta;
      return text;
    };
    expect(await read((await model([[broken], [whole]])).model)).toBe('Four.');
    await expect(read((await model([[piece, broken]])).model)).rejects.toThrow('the provider went away');
  });
});

it('calls of one reply have ids of their own, and none that stands in the conversation', async () => {
  const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
  const { model: served } = await model([
    { choices: [{ message: { tool_calls: [call('same'), call('same'), call('')] }, finish_reason: 'tool_calls' }] },
  ]);
  const first = await ask(served, 'q');
  const ids = (content: readonly object[]): unknown[] => content.map((part) => Reflect.get(part, 'toolCallId'));
  expect(ids(first.sample.content)).toEqual(['same', 'same-2', 'call-2']);
  const calls = first.sample.content.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
  const again = await ask(served, {
    prompt: [
      user('q'),
      { role: 'assistant', content: calls.map((part) => ({ ...part, input: {} })) },
      {
        role: 'tool',
        content: calls.map(({ toolCallId, toolName }) => ({
          type: 'tool-result',
          toolCallId,
          toolName,
          output: { type: 'text', value: '1' },
        })),
      },
    ],
  });
  expect(ids(again.sample.content)).toEqual(['same-3', 'same-4', 'call-2-2']);
});
