import { afterEach, describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openaiServer } from '../../testing/index.ts';
import { handler } from '../handler.ts';
import { listen } from '../listen.ts';
import { createStop } from './stop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const messages = [{ role: 'user', content: 'Wie heißt 4? ☃' }];
const json = { 'content-type': 'application/json' };
const big = { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(3000) }] };

/** A request of each kind, and whether it goes past the web's own types. */
const REQUESTS: readonly (readonly [string, string, RequestInit])[] = [
  ['handed on', '/chat/completions', { method: 'POST', headers: json, body: JSON.stringify({ model: 'm', messages }) }],
  [
    'handed on as a stream',
    '/chat/completions',
    { method: 'POST', headers: json, body: JSON.stringify({ model: 'm', messages, stream: true }) },
  ],
  [
    'voted on',
    '/chat/completions',
    { method: 'POST', headers: json, body: JSON.stringify({ model: 'm + selfConsistency(n=3)', messages, seed: 1 }) },
  ],
  [
    'streamed',
    '/chat/completions',
    { method: 'POST', headers: json, body: JSON.stringify({ model: 'm + reRead', messages, seed: 1, stream: true }) },
  ],
  ['too large', '/chat/completions', { method: 'POST', headers: json, body: JSON.stringify(big) }],
  ['no JSON', '/chat/completions', { method: 'POST', headers: json, body: '{' }],
  ['another type', '/chat/completions', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }],
  ['no model', '/chat/completions', { method: 'POST', headers: json, body: '{}' }],
  [
    'of another origin',
    '/chat/completions',
    { method: 'POST', headers: { ...json, origin: 'https://x.y' }, body: '{}' },
  ],
  ['no body', '/chat/completions', { method: 'POST', headers: json }],
  ['another method', '/chat/completions', { method: 'PUT', headers: json, body: '{}' }],
  ['another path', '/chat', { method: 'POST', headers: json, body: '{}' }],
];

/** What differs from one answer to the next by itself. */
const alike = (text: string): string =>
  text.replaceAll(/[0-9a-f]{16}/g, 'ID').replaceAll(/"created":\d+/g, '"created":0');

const headersOf = (response: Response): object => {
  const { date: _date, connection: _connection, 'keep-alive': _alive, ...rest } = Object.fromEntries(response.headers);
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...own } = rest;
  const named = ['x-plusx-generation', 'x-request-id'].filter((name) => name in own).map((name) => [name, 'ID']);
  return { ...own, ...Object.fromEntries(named) };
};

it.each(REQUESTS)('a request is answered on a port as by the handler: %s', async (_what, path, init) => {
  const upstream = await openaiServer({ answers: 'Vier. ☃' });
  open.push(upstream);
  const options = {
    models: { m: openaiCompatible({ model: 'real', name: 'm', baseURL: upstream.url, quirks: { n: false } }) },
    limits: { bodyBytes: 2000 },
  };
  const server = await listen({ port: 0, ...options });
  open.push({ close: () => server.close(0) });
  const onPort = await fetch(`${server.url}${path}`, init);
  const answer = handler(options);
  const byHandler = await answer(new Request(`http://localhost/v1${path}`, init));
  expect(onPort.status).toBe(byHandler.status);
  expect(headersOf(onPort)).toEqual(headersOf(byHandler));
  expect(alike(await onPort.text())).toBe(alike(await byHandler.text()));
});

describe('a stop', () => {
  it('has the first reason, for whoever came before or after, and for its signal', () => {
    const stop = createStop();
    const heard: unknown[] = [];
    stop.onStop(() => heard.push('before'));
    const forget = stop.onStop(() => heard.push('forgotten'));
    forget();
    const early = stop.signal;
    stop.stop('first');
    stop.stop('second');
    stop.onStop(() => heard.push('after'));
    expect([heard, stop.reason, early.aborted, early.reason]).toEqual([['before', 'after'], 'first', true, 'first']);
    const late = createStop();
    late.stop('first');
    expect([late.signal.aborted, late.signal.reason]).toEqual([true, 'first']);
  });
});
