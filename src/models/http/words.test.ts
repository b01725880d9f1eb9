import { describe, expect, it } from 'vitest';
import { JSON_DEPTH } from '../../core/bounds.ts';
import { nested, parseJson } from './json.ts';
import { isError, statusIn, wordsIn } from './words.ts';

const json = (value: unknown): string => JSON.stringify(value);

describe('the words of an error, out of what servers wrap them in', () => {
  const forms: readonly (readonly [who: string, body: string, words: string])[] = [
    [
      'OpenAI',
      json({ error: { message: 'No key', type: 'invalid_request_error', code: 'invalid_api_key' } }),
      'No key',
    ],
    ['Ollama', json({ error: "model 'x' not found" }), "model 'x' not found"],
    ['vLLM', json({ object: 'error', message: 'Too long', type: 'BadRequestError', code: 400 }), 'Too long'],
    ['Anthropic', json({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }), 'Overloaded'],
    ['Google, in a list', json([{ error: { code: 400, message: 'Bad key', status: 'INVALID_ARGUMENT' } }]), 'Bad key'],
    ['Google, without a list', json({ error: { code: 429, message: 'Slow', details: [{ '@type': 'x' }] } }), 'Slow'],
    [
      'NestJS',
      json({ error: 'Not Found', message: 'Cannot POST /v1/x', statusCode: 404 }),
      'Not Found: Cannot POST /v1/x',
    ],
    [
      'NestJS, several',
      json({ error: 'Bad Request', message: ['a must be b', 'c is empty'] }),
      'Bad Request: a must be b; c is empty',
    ],
    [
      'Fastify',
      json({ statusCode: 404, error: 'Not Found', message: 'Route POST:/v1/x not found' }),
      'Route POST:/v1/x not found',
    ],
    [
      'Spring',
      json({ timestamp: 'now', status: 500, error: 'Internal Server Error', message: '', path: '/v1' }),
      'Internal Server Error',
    ],
    [
      'a name and what it is about',
      json({ error: 'SyntaxError', message: 'Unexpected token }' }),
      'SyntaxError: Unexpected token }',
    ],
    ['FastAPI, a text', json({ detail: 'Not authenticated' }), 'Not authenticated'],
    [
      'FastAPI, a list',
      json({ detail: [{ loc: ['body', 'model'], msg: 'field required', type: 'missing' }] }),
      'model: field required',
    ],
    [
      'FastAPI, two',
      json({
        detail: [
          { loc: ['body', 'n', 0], msg: 'too big' },
          { loc: ['query'], msg: 'odd' },
        ],
      }),
      'n.0: too big; query: odd',
    ],
    ['FastAPI, an object', json({ detail: { error: 'busy' } }), 'busy'],
    [
      'errors, objects',
      json({ success: false, errors: [{ code: 7000, message: 'No route' }], messages: [] }),
      'No route',
    ],
    ['errors, texts', json({ errors: ['one', 'two'] }), 'one; two'],
    [
      'errors by field',
      json({ title: 'Invalid', status: 400, errors: { Model: ['is required'] } }),
      'Invalid: Model: is required',
    ],
    [
      'RFC 9457',
      json({ type: 'about:blank', title: 'Forbidden', detail: 'Your plan has no such model' }),
      'Forbidden: Your plan has no such model',
    ],
    [
      'Hugging Face, a list',
      json({ error: ['Error in `n`', 'Error in `stop`'], warnings: [] }),
      'Error in `n`; Error in `stop`',
    ],
    [
      'TGI',
      json({ error: 'Input validation error: too long', error_type: 'validation' }),
      'Input validation error: too long',
    ],
    ['AWS', json({ __type: 'ThrottlingException', Message: 'Rate exceeded' }), 'Rate exceeded'],
    ['Apigee', json({ fault: { faultstring: 'Invalid ApiKey', detail: { errorcode: 'x' } } }), 'Invalid ApiKey'],
    [
      'OpenRouter, with what stands behind it',
      json({
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { raw: json({ error: { message: 'bad n' } }), provider_name: 'X' },
        },
      }),
      'Provider returned error: bad n',
    ],
    ['a reply inside a text', json({ error: { message: json({ error: { message: 'inner' } }) } }), 'inner'],
    ['a flag beside the words', json({ error: true, message: 'odd' }), 'odd'],
    ['OAuth', json({ error: 'invalid_client', error_description: 'Unknown client' }), 'invalid_client: Unknown client'],
    ['a code alone', json({ error: { code: 'model_not_found', message: null } }), 'model_not_found'],
    ['the same twice', json({ error: 'Busy', message: 'Busy' }), 'Busy'],
    ['nothing known', json({ hello: 1 }), '{"hello":1}'],
    ['a text in JSON', json('Too many requests'), 'Too many requests'],
    ['plain text', 'upstream connect error\n', 'upstream connect error'],
    ['a broken object', '{"error": {"mess', '{"error": {"mess'],
    [
      'nginx',
      '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>',
      '502 Bad Gateway',
    ],
    [
      'a page of an application',
      '<!DOCTYPE html><html><head><title>Open WebUI</title><style>a{}</style></head><body></body></html>',
      'Open WebUI',
    ],
    [
      'title and heading',
      '<!doctype html><title>Error</title><h1 class="x">Access &amp; rights</h1>',
      'Error: Access & rights',
    ],
    ['a page without either', '<html><body><p>Gone <b>fishing</b></p></body></html>', 'Gone fishing'],
    [
      'S3',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
      'Access Denied',
    ],
    ['nothing', '  ', ''],
  ];
  it.each(forms)('%s', (_who, body, words) => expect(wordsIn(body)).toBe(words));

  it('whatever comes, in time that grows with its length', () => {
    for (const sign of ['<', '<title', '<h1 ', '{"error":', '[', '"\\', '&amp', '<style>', '\\'])
      expect(typeof wordsIn(sign.repeat(65_536 / sign.length))).toBe('string');
    let deep: unknown = 'words';
    for (let i = 0; i < 300; i++) deep = { error: deep };
    expect(wordsIn(json(deep))).toContain('words');
  });
});

it.each([
  [{ error: { code: 429 } }, 429],
  [{ error: { code: '503' } }, 503],
  [{ error: { code: 'rate_limit_exceeded' } }, 429],
  [{ error: { status: 'RESOURCE_EXHAUSTED' } }, 429],
  [{ type: 'error', error: { type: 'overloaded_error' } }, 529],
  [{ type: 'overloaded_error', message: 'x' }, 529],
  [{ object: 'error', code: 400 }, 400],
  [{ status_code: 404 }, 404],
  [{ error: { code: 7, type: 'api_error' } }, 500],
  [{ error: { code: 1e9 } }, undefined],
  [{ error: { code: '', type: null } }, undefined],
  [{ error: { code: '__proto__', type: 'constructor' } }, undefined],
  [{ error: 'words' }, undefined],
  [{ choices: [{ index: 0, error: { code: 502, message: 'x' } }] }, 502],
  [{ choices: [{ index: 0 }, { index: 1, error: { code: 502 } }] }, undefined],
  ['words', undefined],
  [null, undefined],
])('the status of %j is %s', (error, status) => expect(statusIn(error)).toBe(status));

it.each([
  [{ error: { message: 'x' } }, true],
  [{ error: 'x' }, true],
  [{ object: 'error', message: 'x' }, true],
  [{ type: 'error', message: 'x' }, true],
  [{ error: null, choices: [] }, false],
  [{ error: '', choices: [] }, false],
  [{ error: {}, choices: [] }, false],
  [{ choices: [{ message: { content: '' }, error: { message: 'x' } }] }, true],
  [{ choices: [{ message: {}, error: { message: 'x' } }, { message: { content: 'a' } }] }, false],
  [{ choices: [{ message: { content: 'a' }, error: null }] }, false],
  [{ choices: [] }, false],
  [[], false],
  [null, false],
])('whether %j is an error: %s', (body, is) => expect(isError(body)).toBe(is));

describe('JSON is read no deeper than programs go', () => {
  const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + '1' + close.repeat(depth);
  it.each([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":[', ']}]'],
  ])('%s', (open, close) => {
    const each = open.replaceAll(/[^[{]/g, '').length;
    const most = Math.floor(JSON_DEPTH / each);
    expect(nested(deep(open, close, most))).toBe(false);
    expect(parseJson(deep(open, close, most))).toBeDefined();
    expect(nested(deep(open, close, most + 1))).toBe(true);
    expect(() => parseJson(deep(open, close, 200_000))).toThrow(SyntaxError);
  });
  it('and brackets in strings are no depth', () => {
    for (const text of ['['.repeat(2000), '\\"[{'.repeat(1000), '\\\\'.repeat(1000), '"'.repeat(700)])
      expect(parseJson(json([text, text]))).toEqual([text, text]);
    expect(nested(json(Array.from({ length: 3000 }, () => [{}])))).toBe(false);
  });
});
