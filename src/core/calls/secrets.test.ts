import { describe, expect, it } from 'vitest';
import { cleanText, endpoint, redact, secretsOf } from './secrets.ts';

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

  it('but for kinds of content, which errors need', () => {
    expect(secretsOf({ 'Content-Type': 'application/json', accept: 'text/event-stream', gone: undefined })).toEqual([]);
  });

  it('and words that are no value stay', () => {
    const secrets = secretsOf({ authorization: 'Bearer sk-1234567890', 'x-a': 'a', 'x-empty': '' });
    expect(redact('Bearer of bad news: a key is wrong', secrets)).toBe('Bearer of bad news: a key is wrong');
  });
});

it('an address is shown without what it carries', () => {
  const { shown, credentials, queryValues } = endpoint('https://us%40er:p%3Aw@x.test/v1/?key=QUERY&b=2');
  expect([shown, credentials, queryValues]).toEqual(['https://x.test/v1', 'us@er:p:w', ['QUERY', '2']]);
});

it('what looks like a key is taken out of foreign words', () => {
  expect(cleanText('Incorrect API key provided: sk-abc123def456ghi789jkl', [])).toBe(
    'Incorrect API key provided: [key]',
  );
  expect(cleanText('see https://me:hunter2@x.test/?key=12345678', [])).toBe('see https://me:[key]@x.test/?key=[key]');
  expect(cleanText('the token limit is 4096', [])).toBe('the token limit is 4096');
});
