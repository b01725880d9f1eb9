import { describe, expect, it } from 'vitest';
import {
  ask,
  memoryJournal,
  rootScope,
  stream,
  streamOf,
  textOf,
  user,
  type Sample,
  type StreamPart,
} from '../../core/index.ts';
import { bestOfN, selfConsistency } from '../../search/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { scripted } from './scripted.ts';

const longer = ({ content }: Sample): number => textOf(content).length;

describe('a list', () => {
  it('gives the draws of one request one step each, in order', async () => {
    const model = scripted(['a', 'b', 'c']);
    const { samples } = await ask(model, { prompt: [user('q')], n: 3 });
    expect(samples.map(({ content }) => content)).toEqual(['a', 'b', 'c'].map((text) => [{ type: 'text', text }]));
    expect(model.calls).toHaveLength(3);
  });

  it('goes on with the next step in the next request of the same work', async () => {
    const model = scripted(['first', 'second']);
    expect((await ask(model, 'q')).text).toBe('first');
    expect((await ask(model, 'q')).text).toBe('second');
    await expect(ask(model, 'q')).rejects.toThrow('scripted: script has 2 steps, and step 3 is asked for at "draw/0"');
  });

  it('is played from the start by every draw of a technique, whoever is done first', async () => {
    for (const delays of [
      [0, 1, 2],
      [9, 5, 1],
      [1, 9, 1],
    ]) {
      const script = ['draft', 'too short', 'a revised draft'].map((text, i) => ({ text, delay: delays[i] as number }));
      const model = scripted(script);
      const { text } = await ask(bestOfN({ n: 3, score: longer })(selfRefine({ rounds: 1 })(model)), 'q');
      expect(text).toBe('a revised draft');
      expect(model.calls).toHaveLength(9);
    }
  });

  it('gives the candidates of a native n one step each', async () => {
    const model = scripted(['a', 'b', 'c'], { native: true });
    expect((await ask(model, { prompt: [user('q')], n: 3 })).samples.map(({ content }) => content)).toEqual(
      ['a', 'b', 'c'].map((text) => [{ type: 'text', text }]),
    );
    expect(model.calls).toHaveLength(1);
    expect(model.calls[0]?.seeds).toHaveLength(3);
  });

  it('throws the errors in it', async () => {
    await expect(ask(scripted([new RangeError('no')]), 'q')).rejects.toThrow(new RangeError('no'));
    await expect(ask(scripted([{ error: new RangeError('late'), delay: 1 }]), 'q')).rejects.toThrow('late');
  });
});

describe('a function', () => {
  it('sees the request, the draw and its randomness', async () => {
    const model = scripted((_, { index, choice, path }) => `${index} ${choice.categorical([1, 1]) < 2} ${path}`);
    const { samples } = await ask(model, { prompt: [user('q')], n: 2, from: 3 });
    expect(samples.map(({ content }) => content[0])).toEqual([
      { type: 'text', text: '3 true draw/3' },
      { type: 'text', text: '4 true draw/4' },
    ]);
  });

  it('answers by what is asked', async () => {
    const model = scripted((_, { index }) => ['7', '8', '8'][index] as string);
    expect((await ask(selfConsistency({ n: 3 })(model), 'q')).text).toBe('8');
  });
});

describe('what a provider may send', () => {
  it('has tool calls with JSON text, reasoning and an end', async () => {
    const model = scripted([{ reasoning: 'hm', toolCalls: [{ toolName: 'add', input: { a: 1 }, toolCallId: 'x' }] }]);
    const { sample } = await ask(model, 'q');
    expect(sample.content).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'tool-call', toolCallId: 'x', toolName: 'add', input: '{"a":1}' },
    ]);
    expect(sample.finish.unified).toBe('tool-calls');
  });

  it('tells its usage, or says that it is unknown', async () => {
    const counted = await ask(scripted(['four']), 'question');
    expect(counted.usage).toMatchObject({ calls: 1, inputTokens: 8, outputTokens: 4, usd: 0 });
    const given = await ask(scripted(['four'], { usage: { outputTokens: 9, usd: 0.5 } }), 'question');
    expect(given.usage).toMatchObject({ inputTokens: 8, outputTokens: 9, usd: 0.5 });
    const unknown = await ask(scripted([{ text: 'four', usage: 'unknown' }]), 'question');
    expect(unknown.usage).toMatchObject({ calls: 1, inputTokens: undefined, usd: undefined });
    const mixed = await ask(scripted(['four', { text: 'x', usage: 'unknown' }], { native: true }), {
      prompt: [user('q')],
      n: 2,
    });
    expect(mixed.usage).toMatchObject({ calls: 2, outputTokens: undefined });
  });

  it('streams word by word', async () => {
    const parts: StreamPart[] = [];
    for await (const part of stream(scripted(['one two  three ']), 'q')) parts.push(part);
    const deltas = parts.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : []));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.join('')).toBe('one two  three ');
    expect(parts.at(-1)?.type).toBe('finish');
  });

  it('stops when it is told to', async () => {
    const stopper = new AbortController();
    const model = scripted([{ text: 'never', delay: 60_000 }]);
    const asked = ask(model, 'q', { signal: stopper.signal });
    setTimeout(() => stopper.abort(new Error('enough')), 5);
    await expect(asked).rejects.toThrow('enough');
    const { context, cancel, close } = rootScope();
    const reading = streamOf(scripted([{ text: 'never', delay: 60_000 }]), { prompt: [user('q')] }, context).next();
    setTimeout(() => cancel(new Error('enough')), 5);
    await expect(reading).rejects.toThrow('enough');
    close();
  });
});

it('is not called where a journal answers', async () => {
  const journal = memoryJournal();
  const model = scripted(['a', 'b'], { native: true });
  const request = { prompt: [user('q')], n: 2 };
  const first = await ask(model, request, { journal });
  const second = await ask(model, request, { journal });
  expect(second.text).toBe(first.text);
  expect(model.calls).toHaveLength(1);
});
