import { describe, expect, it } from 'vitest';
import { cleanText, endpoint, redact, secretsOf, shownAddress } from './secrets.ts';

describe('the value of every header is a secret', () => {
  it.each([
    ['authorization', 'Bearer sk-1234567890', 'sk-1234567890'],
    ['authorization', `Basic ${btoa('user:pass-word-1')}`, 'pass-word-1'],
    ['x-pass', 'canary-4711', 'canary-4711'],
    ['x-credential', 'canary-4711', 'canary-4711'],
    ['x-signature', 'canary-4711', 'canary-4711'],
    ['x-session', 'canary-4711', 'canary-4711'],
    ['x-tenant', 'canary-4711', 'canary-4711'],
    ['cookie', 'theme=dark; session=canary-4711', 'canary-4711'],
    ['x-amz', 'AWS4 Credential=AKIDEXAMPLE/2026, Signature=fe5f80f77d5fa3be', 'fe5f80f77d5fa3be'],
    ['x-json', '{"key":"canary-4711"}', 'canary-4711'],
    ['X-Short', 'four', 'four'],
    ['x-odd', 'a"b\\c%d', 'a"b\\c%d'],
  ])('%s: %s', (name, value, secret) => {
    const secrets = secretsOf({ [name]: value });
    for (const said of [value, secret, JSON.stringify(secret), encodeURIComponent(secret)])
      expect(redact(`the server said ${said}, and more`, secrets)).not.toContain(secret);
  });

  it('a part of eight signs or more is one by itself, a shorter one a name', () => {
    expect(secretsOf({ 'x-a': 'name=12345678' })).toEqual(['name=12345678', '12345678']);
    expect(secretsOf({ 'x-a': 'name=1234567' })).toEqual(['name=1234567']);
  });

  it('but for kinds of content, which errors need', () => {
    expect(secretsOf({ 'Content-Type': 'application/json', accept: 'text/event-stream', gone: undefined })).toEqual([]);
  });

  it('and words that are no value stay', () => {
    const secrets = secretsOf({ authorization: 'Bearer sk-1234567890', 'x-a': 'a', 'x-empty': '' });
    expect(redact('Bearer of bad news: a key is wrong', secrets)).toBe('Bearer of bad news: a key is wrong');
  });
});

it.each([
  ['https://us%40er:p%3Aw@x.test/v1/?key=QUERY&b=2', 'us@er:p:w', ['p:w', 'us@er:p:w', 'QUERY', '2']],
  ['https://a-token@x.test/v1', 'a-token:', ['a-token']],
  ['https://:word@x.test/v1', ':word', ['word']],
  ['https://50%:%ff@x.test/v1', '50%:%ff', ['%ff', '50%:%ff']],
  ['https://j%C3%BCrgen:%E5%AF%86@x.test/v1', 'jürgen:密', ['密', 'jürgen:密']],
  ['https://x.test/v1', undefined, []],
])('the address %s is shown without what it carries', (address, sent, hidden) => {
  const { shown, authorization, secrets } = endpoint(address);
  const pair = authorization?.replace('Basic ', '');
  expect([shown, pair && Buffer.from(pair, 'base64').toString(), secrets]).toEqual(['https://x.test/v1', sent, hidden]);
  expect(secretsOf({ authorization })).toEqual(
    expect.arrayContaining(sent?.length && !sent.endsWith(':') ? [sent] : []),
  );
});

it.each([
  ['https://me:hunter2@x.test/v1/?key=abc', 'https://x.test/v1'],
  ['HTTPS://me:hunter2@x.test/v1', 'https://x.test/v1'],
  ['htps://me:hunter2@x.test/v1?key=abc', 'htps://x.test/v1'],
  ['http://me:hunter2@x.test:99999/v1#abc', 'http://x.test:99999/v1'],
  ['http://me:hun ter/2@x.test /v1', 'http://x.test /v1'],
  ['http://me:hun@ter2@x.test', 'http://x.test'],
  ['me:hunter2@x.test/v1', 'x.test/v1'],
  ['x.test/v1', 'x.test/v1'],
  ['', ''],
])('%j is shown as %j, whether it can be read or not', (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});

it('what looks like a key is taken out of foreign words', () => {
  expect(cleanText('Incorrect API key provided: sk-abc123def456ghi789jkl', [])).toBe(
    'Incorrect API key provided: [key]',
  );
  expect(cleanText('see https://me:hunter2@x.test/?key=12345678', [])).toBe('see https://me:[key]@x.test/?key=[key]');
  expect(cleanText('the token limit is 4096', [])).toBe('the token limit is 4096');
});
