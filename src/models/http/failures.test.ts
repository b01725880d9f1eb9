import { expect, it } from 'vitest';
import { mayPass, networkTrouble } from './failures.ts';

it.each<readonly [number, string, boolean]>([
  [429, 'slow down', true],
  [408, '', true],
  [409, 'conflict', true],
  [425, '', true],
  [500, 'Internal Server Error', true],
  [500, 'CUDA out of memory', true],
  [502, 'Bad Gateway', true],
  [503, 'model is loading', true],
  [504, '', true],
  [529, 'Overloaded', true],
  [400, 'bad', false],
  [401, 'no', false],
  [402, 'pay', false],
  [404, 'gone', false],
  [413, 'large', false],
  [422, 'odd', false],
  [501, 'This server does not support embeddings', false],
  [505, '', false],
  [500, '7 validation errors for CreateChatCompletionRequest', false],
  [500, 'image input is not supported - hint: provide the mmproj', false],
  [500, 'Llama model must be created with embedding=True to call this method', false],
  [500, "AsyncCompletions.create() got an unexpected keyword argument 'response_format'", false],
  [500, 'Unrecognized request argument supplied: schema', false],
  [500, 'an unexpected end of the stream', true],
  [500, "This model doesn't support tools", false],
  [500, 'Not implemented', false],
  [500, 'Error code: 400 - {"error": "bad"}', false],
  [500, 'Error code: 404 - no such model', false],
  [500, 'Error code: 429 - slow', true],
  [500, 'litellm.BadRequestError: x', false],
  [500, 'context size exceeded', false],
  [500, 'Only one completion choice is allowed', false],
  [502, 'upstream says: not supported', true],
  [429, '{"error":{"code":"insufficient_quota"}}', false],
  [429, 'Your credit balance is too low', false],
  [429, 'billing_hard_limit_reached', false],
  [429, 'You exceeded your current quota, "retryDelay": "34s"', true],
])('%s %j may pass: %s', (status, body, may) => expect(mayPass(status, body)).toBe(may));

it('what the server says about it outright counts, but for what can never be', () => {
  expect(mayPass(500, 'oops', false)).toBe(false);
  expect(mayPass(400, 'odd', true)).toBe(true);
  expect(mayPass(501, 'never', true)).toBe(false);
  expect(mayPass(429, 'insufficient_quota', true)).toBe(false);
});

const failed = (code: string | undefined, message = 'inner'): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), code === undefined ? {} : { code }) });

it.each<readonly [Error, RegExp, boolean]>([
  [failed('ECONNREFUSED'), /nothing listens there \(ECONNREFUSED\)/, false],
  [failed('ENOTFOUND'), /no such host \(ENOTFOUND\)/, false],
  [failed('EAI_AGAIN'), /\(EAI_AGAIN\)/, true],
  [failed('ECONNRESET'), /\(ECONNRESET\)/, true],
  [failed('UND_ERR_SOCKET', 'other side closed'), /\(UND_ERR_SOCKET\)/, true],
  [failed('ETIMEDOUT'), /\(ETIMEDOUT\)/, true],
  [failed('CERT_HAS_EXPIRED'), /certificate has expired/, false],
  [failed('DEPTH_ZERO_SELF_SIGNED_CERT'), /vouches for its certificate/, false],
  [failed('UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'no issuer'), /no issuer \(UNABLE_TO_GET_ISSUER_CERT_LOCALLY\)/, false],
  [failed('ERR_TLS_CERT_ALTNAME_INVALID'), /for another host/, false],
  [failed('ERR_SSL_WRONG_VERSION_NUMBER'), /does not speak https/, false],
  [failed('EPROTO', 'wrong version'), /wrong version \(EPROTO\)/, false],
  [failed(undefined, 'bad port'), /^bad port$/, false],
  [new TypeError('Failed to fetch'), /Failed to fetch/, true],
  [new TypeError('Load failed'), /Load failed/, true],
  [new TypeError('NetworkError when attempting to fetch resource.'), /NetworkError/, true],
  [Object.assign(new Error('request failed'), { code: 'ECONNRESET' }), /\(ECONNRESET\)/, true],
  [
    new TypeError('fetch failed', {
      cause: new AggregateError([
        Object.assign(new Error('a'), { code: 'ECONNREFUSED' }),
        Object.assign(new Error('b'), { code: 'ECONNREFUSED' }),
      ]),
    }),
    /nothing listens there/,
    false,
  ],
])('%s is told by its cause', (error, why, passing) => {
  const trouble = networkTrouble(error);
  expect(trouble?.why).toMatch(why);
  expect(trouble?.passing).toBe(passing);
});

it('a bug is no trouble of the network', () => {
  expect(networkTrouble(new TypeError('x is not a function'))).toBeUndefined();
  expect(networkTrouble(new RangeError('deep'))).toBeUndefined();
  expect(networkTrouble(Object.assign(new Error('no file'), { code: 'ENOENT' }))).toBeUndefined();
});
