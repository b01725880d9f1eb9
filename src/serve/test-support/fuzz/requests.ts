/** Requests that nobody should send. */
import { techniques } from '../../../catalog.ts';
import { chance, oneOf } from '../faults/chance.ts';
import type { Draw, Grammar } from './grammar.ts';

export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

const ROUTES: readonly (readonly [path: string, schema: string])[] = [
  ['/v1/chat/completions', 'CreateChatCompletionRequest'],
  ['/v1/chat/completions', 'CreateChatCompletionRequest'],
  ['/v1/chat/completions', 'CreateChatCompletionRequest'],
  ['/v1/responses', 'CreateResponse'],
  ['/v1/completions', 'CreateCompletionRequest'],
  ['/v1/embeddings', 'CreateEmbeddingRequest'],
];

/** Request `number` of a seed: of the grammar, or such a one with its bytes changed. */
export function fuzzed(grammar: Grammar, seed: string | number, number: number): FuzzedRequest {
  const one = chance(`fuzz ${seed}`);
  let count = 0;
  const draw: Draw = () => one(number, count++);
  const [path, schema] = oneOf(ROUTES, draw());
  const made = grammar.value(schema, draw);
  const fields = typeof made === 'object' && made !== null && !Array.isArray(made) ? made : { value: made };
  const named = draw() < 0.95 ? { ...fields, model: modelOf(draw) } : fields;
  const plusx = draw() < 0.15 ? { plusx: plusxOf(draw) } : {};
  const text = Buffer.from(JSON.stringify({ ...named, ...plusx }));
  return {
    method: draw() < 0.97 ? 'POST' : oneOf(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'], draw()),
    path:
      draw() < 0.97
        ? path
        : oneOf(['/v1', '/v1/chat/completions/', '/v1/models/%', '/%2e%2e/etc', '/v1/models/two'], draw()),
    headers: headersOf(draw),
    body: draw() < 0.65 ? text : mutated(text, draw),
  };
}

const MODELS = ['two', 'm', 'two', 'm', 'm + reRead', 'two + selfConsistency(n=3)', 'm + selfConsistency(n=2)'];
const ARGUMENTS = [
  '',
  '()',
  '(n=2)',
  '(n=-1)',
  '(n=1e9)',
  '(n="x")',
  '(score=length)',
  '(judge=two)',
  '(',
  '(a=b',
  '(n=3, n=4)',
  '(__proto__=1)',
];

function modelOf(draw: Draw): unknown {
  if (draw() < 0.6) return oneOf(MODELS, draw());
  if (draw() < 0.7) {
    const term = (): string => `${oneOf(techniques, draw()).definition.name}${oneOf(ARGUMENTS, draw())}`;
    return `${oneOf(MODELS, draw())} + ${Array.from({ length: 1 + Math.floor(draw() * 3) }, term).join(' + ')}`;
  }
  return oneOf(
    [
      '',
      ' ',
      '+',
      'm +',
      '__proto__',
      'constructor',
      '/etc/passwd',
      'm\0',
      'm + m',
      'fusion(m, two)',
      'x'.repeat(5000),
      7,
      null,
      ['m'],
    ],
    draw(),
  );
}

const plusxOf = (draw: Draw): unknown =>
  oneOf(
    [
      { progress: true },
      { deadline_ms: -1 },
      { deadline_ms: 'soon' },
      { budget: { calls: 2 } },
      { budget: { calls: -5 } },
      { budget: { tokens: 2 ** 53 } },
      { budget: 7 },
      { unknown: 1 },
      [],
      null,
      'x',
    ],
    draw(),
  );

function headersOf(draw: Draw): { [name: string]: string } {
  const headers: { [name: string]: string } = { 'content-type': 'application/json' };
  if (draw() < 0.04) headers['content-type'] = oneOf(['text/plain', 'application/json; charset=utf-16', 'x'], draw());
  if (draw() < 0.04) headers['x-plusx-deadline-ms'] = oneOf(['-1', 'x', '', '1e99', '60000'], draw());
  if (draw() < 0.04)
    headers['authorization'] = oneOf(['Bearer', 'Bearer x', 'Basic eA==', `Bearer ${'x'.repeat(3000)}`], draw());
  if (draw() < 0.02) headers['origin'] = oneOf(['null', 'http://localhost:1', 'https://evil.example'], draw());
  return headers;
}

/** The same bytes, with some of them changed, left out, doubled, or put elsewhere. */
function mutated(bytes: Buffer, draw: Draw): Buffer {
  let made = Buffer.from(bytes);
  const times = 1 + Math.floor(draw() * 6);
  const place = (): number => Math.floor(draw() * (made.length + 1));
  for (let i = 0; i < times; i++) {
    const at = place();
    const kind = draw();
    if (kind < 0.35 && made.length > 0) made[Math.min(at, made.length - 1)] = Math.floor(draw() * 256);
    else if (kind < 0.5) made = Buffer.concat([made.subarray(0, at), made.subarray(at + Math.floor(draw() * 8))]);
    else if (kind < 0.65)
      made = Buffer.concat([made.subarray(0, at), made.subarray(Math.max(0, at - Math.floor(draw() * 30)))]);
    else if (kind < 0.8)
      made = Buffer.concat([made.subarray(0, at), Buffer.from(oneOf(PIECES, draw())), made.subarray(at)]);
    else if (kind < 0.9) made = made.subarray(0, at);
    else made = Buffer.concat([made.subarray(at), made.subarray(0, at)]);
  }
  return made;
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  'null',
  '1e999',
  '-',
  '\\ud800',
  '\u0000',
  '\ufeff',
  '{"model":"m"}',
  '"__proto__":{},',
  '[[[[[[',
];
