import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, memoryJournal, requestKey } from './journal.ts';
import { ask } from '../ask.ts';
import { scripted } from '../../models/written/index.ts';
import { user } from '../message.ts';
import type { Request } from '../sample.ts';
import { NO_USAGE } from '../accounts/usage.ts';

describe('canonical JSON', () => {
  it('is equal for equal values and reads back as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it('leaves out what is not there, and writes bytes, addresses and dates', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, null], f: () => 1 })).toBe('{"a":[null,null]}');
    expect(canonicalJson(new Uint8Array([1, 255]))).toBe('{"bytes":[1,255]}');
    expect(canonicalJson(new URL('https://example.org/x'))).toBe('"https://example.org/x"');
    expect(() => canonicalJson(1n)).toThrow(/bigint has no JSON form/);
  });
});

describe('the key of a request', () => {
  const base: Request = { prompt: [user('q')], temperature: 0.5, n: 3, from: 2, headers: { authorization: 'secret' } };

  it('leaves out the number of candidates, the place of the first, and what is secret', () => {
    const { n: _n, from: _from, headers: _headers, ...same } = base;
    expect(requestKey(base)).toBe(requestKey(same));
    expect(requestKey(base)).not.toContain('secret');
  });

  it.each<Partial<Request>>([
    { prompt: [user('p')] },
    { temperature: 0.6 },
    { maxOutputTokens: 5 },
    { topP: 0.9 },
    { stopSequences: ['\n'] },
    { responseFormat: { type: 'json' } },
    { logprobs: true },
    { tools: [{ type: 'function', name: 't', inputSchema: {} }] },
    { providerOptions: { x: { effort: 'low' } } },
    {
      prompt: [
        {
          role: 'user',
          content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1]) } }],
        },
      ],
    },
  ])('tells requests apart by %j', (change) => {
    expect(requestKey({ ...base, ...change })).not.toBe(requestKey(base));
  });
});

it('a journal keeps the first entry of a key', async () => {
  const journal = memoryJournal();
  const entry = (text: string) => ({
    candidate: { content: [{ type: 'text' as const, text }], finish: { unified: 'stop' as const, raw: undefined } },
    usage: NO_USAGE,
  });
  await journal.put('k', entry('first'));
  await journal.put('k', entry('second'));
  expect(await journal.get('k')).toEqual(entry('first'));
  expect(await journal.get('other')).toBeUndefined();
  expect(journal.size).toBe(1);
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

it('a trace that keeps texts has that of a draw which a journal answers', async () => {
  const journal = memoryJournal();
  const model = scripted(() => 'said');
  const texts = async () => {
    const { trace } = await ask(model, 'asked', { journal, trace: 'texts' });
    return trace?.children.map(({ status, said }) => [status, said?.texts]);
  };
  expect([await texts(), await texts()]).toEqual([[['ok', ['said']]], [['replayed', ['said']]]]);
});
