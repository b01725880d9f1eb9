import { describe, expect, it } from 'vitest';
import { TOOL_FILE_CHARS, TOOL_RESULT_CHARS } from '../../core/bounds.ts';
import { toldAs, toldOf } from './told.ts';

const json = (value: unknown): unknown => ({ type: 'json', value });
const text = (value: string): unknown => ({ type: 'text', value });
const ring: { self?: unknown; n: number } = { n: 1 };
ring.self = [ring];
const shared = { a: 1 };
class Point {
  readonly x = 1;
  get y(): number {
    return 2;
  }
}
class Silent {
  readonly #hidden = 1;
  get hidden(): number {
    return this.#hidden;
  }
}

/** What a tool gives back, and what the model is told. */
const FORMS: readonly (readonly [name: string, output: unknown, told: unknown])[] = [
  ['a text', 'two', text('two')],
  ['an empty text', '', text('')],
  ['a number', 2.5, json(2.5)],
  ['a truth', false, json(false)],
  ['nothing', undefined, json(null)],
  ['null', null, json(null)],
  ['not a number', NaN, text('NaN')],
  ['infinity in a list', [-Infinity], json(['-Infinity'])],
  ['a small big integer', 10n, json(10)],
  ['a big integer', 2n ** 64n, text('18446744073709551616')],
  ['a big integer in an object', { id: 2n ** 64n }, json({ id: '18446744073709551616' })],
  ['a symbol', Symbol('x'), text('[Symbol(x)]')],
  ['a function', function add() {}, text('[a function add, which cannot be shown]')],
  ['a function in an object', { f: () => 1 }, json({ f: '[a function f, which cannot be shown]' })],
  ['a field of undefined, a hole in a list', { a: undefined, b: [undefined] }, json({ b: [null] })],
  ['a circle', ring, json({ n: 1, self: ['[what holds this]'] })],
  ['one thing twice', [shared, shared], json([{ a: 1 }, { a: 1 }])],
  ['a Map', new Map([['a', 1]]), json({ a: 1 })],
  ['a Map by number', new Map([[1, 'a']]), json([[1, 'a']])],
  ['a Set', new Set([1, 'a']), json([1, 'a'])],
  ['a Date', new Date(0), text('1970-01-01T00:00:00.000Z')],
  ['no Date', new Date(NaN), json(null)],
  ['a URL', new URL('http://a.b/c'), text('http://a.b/c')],
  ['a RegExp', /a+/g, text('/a+/g')],
  ['a boxed text', Object('x'), text('x')],
  ['an instance', new Point(), json({ x: 1 })],
  ['an instance that shows nothing', new Silent(), text('[a Silent, which cannot be shown]')],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), json({ a: 1 })],
  ['an empty object', {}, json({})],
  ['a key named __proto__', JSON.parse('{"__proto__": {"a": 1}}'), json(JSON.parse('{"__proto__": {"a": 1}}'))],
  ['bytes', new Uint8Array(3), text('[3 bytes, which cannot be shown]')],
  ['bytes of Node', { data: Buffer.from('abc') }, json({ data: '[3 bytes, which cannot be shown]' })],
  ['a buffer', new ArrayBuffer(2), text('[2 bytes, which cannot be shown]')],
  ['an error', new RangeError('too far'), { type: 'error-text', value: 'too far' }],
  ['an error in a list', [new RangeError('too far')], json(['RangeError: too far'])],
  ['a stream', new ReadableStream(), text('[a ReadableStream, which cannot be shown]')],
  ['a response', new Response('x'), text('[a Response, which cannot be shown]')],
  ['a promise in a field', { later: Promise.resolve(1) }, json({ later: '[a Promise, which cannot be shown]' })],
  ['a generator', (function* () {})(), expect.objectContaining({ type: 'text' })],
  ['half a sign of two', '\ud83d', text('\ud83d')],
];

describe('the result of a tool', () => {
  it.each(FORMS)('%s', (_name, output, told) => {
    expect(toldOf(output)).toEqual(told);
    expect(JSON.parse(JSON.stringify(toldOf(output)))).toEqual(toldOf(output)); // a journal can keep it
  });

  it('that is too long is cut, and the model is told so', () => {
    const long = 'x'.repeat(TOOL_RESULT_CHARS);
    expect(toldOf(long)).toEqual(text(long));
    for (const output of [
      `${long}y`,
      [long, 'y'],
      { a: long },
      new Map([['a', long]]),
      Array(TOOL_RESULT_CHARS).fill(1),
    ]) {
      const { value } = toldOf(output) as { readonly value: string };
      expect(value).toContain(`[The result is cut: these are the first ${TOOL_RESULT_CHARS}`);
      expect(value.length).toBeLessThan(TOOL_RESULT_CHARS + 200);
    }
    const split = toldOf(`${'x'.repeat(TOOL_RESULT_CHARS - 1)}\u{1F600}`) as { readonly value: string };
    expect(split.value.isWellFormed()).toBe(true);
  });

  it('that is small and unfolds without end is cut as well', () => {
    let doubled: unknown = ['x'];
    for (let i = 0; i < 50; i++) doubled = [doubled, doubled];
    expect(toldOf(doubled)).toMatchObject({ type: 'text', value: expect.stringContaining('[The result is cut') });
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(JSON.stringify(toldOf(deep))).toContain('deeper than 64 levels');
    const forever = {
      *[Symbol.iterator]() {
        for (;;) yield 1;
      },
    };
    expect(toldOf(Object.assign(new Set(), forever))).toMatchObject({ type: 'text' });
  });
});

/** What `toModelOutput` gives back, and what the model is told. */
const SAID: readonly (readonly [name: string, said: unknown, told: unknown])[] = [
  ['a text', { type: 'text', value: 'x' }, text('x')],
  ['a text that is none', { type: 'text', value: 5 }, text('5')],
  ['an error', { type: 'error-text', value: 'x' }, { type: 'error-text', value: 'x' }],
  ['data', { type: 'json', value: { n: 1n } }, json({ n: 1 })],
  ['an error as data', { type: 'error-json', value: [NaN] }, { type: 'error-json', value: ['NaN'] }],
  ['a refusal', { type: 'execution-denied', reason: 'no' }, { type: 'execution-denied', reason: 'no' }],
  ['a refusal without a word', { type: 'execution-denied' }, { type: 'execution-denied' }],
  ['no such form', { type: 'picture', url: 'x' }, json({ type: 'picture', url: 'x' })],
  ['a bare text', 'x', text('x')],
  [
    'bytes of a file',
    { type: 'content', value: [{ type: 'file', mediaType: 'a/b', data: { type: 'data', data: Buffer.from('abc') } }] },
    { type: 'content', value: [{ type: 'file', mediaType: 'a/b', data: { type: 'data', data: 'YWJj' } }] },
  ],
  ['content that is no list', { type: 'content', value: 'x' }, text('x')],
  [
    'what a provider is told beside it',
    { type: 'text', value: 'x', providerOptions: { p: { a: 1 } } },
    { type: 'text', value: 'x', providerOptions: { p: { a: 1 } } },
  ],
];

describe('the result of a tool in its own words', () => {
  it.each(SAID)('%s', (_name, said, told) => {
    expect(toldAs(said)).toEqual(told);
  });

  it('has a bound for its texts together, and one for each file', () => {
    const half = { type: 'text', text: 'x'.repeat(TOOL_RESULT_CHARS - 10) };
    const { value } = toldAs({ type: 'content', value: [half, half] }) as unknown as {
      value: { text: string }[];
    };
    expect(value[0]).toEqual(half);
    expect(value[1]?.text).toBe(`${'x'.repeat(10)}\n[The result is cut here.]`);
    const file = { type: 'file', mediaType: 'a/b', data: { type: 'data', data: 'A'.repeat(TOOL_FILE_CHARS + 1) } };
    expect(toldAs({ type: 'content', value: [file] })).toMatchObject({
      value: [{ type: 'text', text: expect.stringContaining('A file is left out') }],
    });
  });
});
