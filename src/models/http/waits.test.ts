import { describe, expect, it } from 'vitest';
import { headersOf, hintsIn } from './waits.ts';

const DATE = 'Wed, 21 Oct 2026 07:28:00 GMT';
const wait = (headers: { readonly [name: string]: string }, body = ''): number | undefined =>
  hintsIn(headersOf({ Date: DATE, ...headers }), body).waitMs;

describe('how long a server asks to wait', () => {
  it.each<readonly [{ readonly [name: string]: string }, number | undefined]>([
    [{ 'Retry-After-Ms': '7' }, 7],
    [{ 'x-ms-retry-after-ms': '250' }, 250],
    [{ 'retry-after': '2.5' }, 2500],
    [{ 'retry-after': '20s' }, 20_000],
    [{ 'retry-after': '-3' }, 0],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT' }, 0],
    [{ 'retry-after-ms': 'NaN', 'retry-after': '3' }, 3000],
    [{ 'retry-after-ms': '-5' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
    [{ 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '1h' }, undefined],
    [
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '1m2.5s',
      },
      62_500,
    ],
    [{ 'x-ratelimit-reset': '12' }, 12_000],
    [{ 'x-ratelimit-reset': String(Date.parse(DATE) / 1000 + 9) }, 9000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse(DATE) + 1500) }, 1500],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '4' }, 4000],
    [{ ratelimit: '"default";r=0;t=30' }, 30_000],
    [{ ratelimit: '"default";r=3;t=30' }, undefined],
    [
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-10-21T07:28:11Z',
      },
      11_000,
    ],
    [{ 'retry-after': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99' }, 1000],
    [{}, undefined],
  ])('%j: %s ms', (headers, ms) => expect(wait(headers)).toBe(ms));

  it.each([
    ['Rate limit reached. Please try again in 7.66s. Visit ...', 7660],
    ['Please try again in 1m30.5s.', 90_500],
    ['Please retry after 20 seconds.', 20_000],
    ['try again in 250ms', 250],
    ['{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}', 34_070],
    ['{"error":"Model m is currently loading","estimated_time":20.0}', 20_000],
    ['Please try again in a few minutes.', undefined],
    ['try again in 5 parsecs', undefined],
  ])('in the text: %s', (body, ms) => expect(wait({}, body)).toBe(ms));

  it('a time of day means nothing without the server’s own', () => {
    expect(hintsIn(headersOf({ 'retry-after': DATE })).waitMs).toBeUndefined();
    expect(hintsIn(headersOf({ 'x-ratelimit-reset': '1792567689' })).waitMs).toBeUndefined();
  });

  it('and whether to come again at all', () => {
    expect(hintsIn(headersOf({ 'x-should-retry': 'false' })).again).toBe(false);
    expect(hintsIn(headersOf({ 'X-Should-Retry': 'true' })).again).toBe(true);
    expect(hintsIn(headersOf({ 'x-should-retry': 'maybe' })).again).toBeUndefined();
  });
});
