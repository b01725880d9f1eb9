/** Who is answered by the studio, and with which files. */
import { expect, it } from 'vitest';
import { studio } from './index.ts';

const HERE = 'http://127.0.0.1:8080';
const plain = studio({ serving: {}, version: '1.2.3' });
const guarded = studio({ serving: {}, version: '1.2.3', token: 'secret-token' });

interface Asked {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
}
const asked = (shown: typeof plain, { url = `${HERE}/studio/api/about`, ...init }: Asked = {}) =>
  shown.mount.answer(new Request(url, init), {});

it.each<readonly [string, number, Asked]>([
  ['this machine', 200, {}],
  ['its own page', 200, { headers: { origin: HERE, 'sec-fetch-site': 'same-origin' } }],
  ['a page of another site', 403, { headers: { origin: 'https://elsewhere.test' } }],
  ['a page of another port of this machine', 403, { headers: { origin: 'http://127.0.0.1:9999' } }],
  ['a page without an origin', 403, { headers: { origin: 'null' } }],
  ['what a browser says comes from elsewhere', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['a name that somebody points here', 403, { url: 'http://elsewhere.test/studio/api/about' }],
  ['a form', 415, { method: 'POST', headers: { 'content-type': 'text/plain' } }],
  ['what changes something without a type', 415, { method: 'DELETE' }],
  ['nothing that is there', 404, { url: `${HERE}/studio/api/else` }],
  ['a file above the pages', 404, { url: `${HERE}/studio/%2e%2e/index.js` }],
])('%s is answered with %i', async (_name, status, request) => {
  expect((await asked(plain, request)).status).toBe(status);
});

it.each<readonly [string, number, { readonly [name: string]: string }]>([
  ['no token', 401, {}],
  ['another token', 401, { authorization: 'Bearer secret-tokem' }],
  ['half of it', 401, { authorization: 'Bearer secret' }],
  ['the token', 200, { authorization: 'Bearer secret-token' }],
  ['the token from another page', 403, { authorization: 'Bearer secret-token', origin: 'https://elsewhere.test' }],
])('with %s a guarded studio answers with %i', async (_name, status, headers) => {
  expect((await asked(guarded, { url: 'http://10.0.0.7:8080/studio/api/about', headers })).status).toBe(status);
});

it('keeps the token where no server sees it', () => {
  expect(guarded.address('http://10.0.0.7:8080')).toBe('http://10.0.0.7:8080/studio/#token=secret-token');
  expect(plain.address(HERE)).toBe(`${HERE}/studio/`);
});
