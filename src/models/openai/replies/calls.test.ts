import { describe, expect, it } from 'vitest';
import { callsOf } from './calls.ts';
import { saidIn } from './message.ts';

type Chunk = readonly object[];

/** What is heard of the calls in these chunks: those that began, with the text of their deltas, and the whole calls. */
function heard(chunks: readonly Chunk[]): { readonly began: readonly unknown[]; readonly calls: readonly unknown[] } {
  const calls = callsOf('http://x');
  const parts = [
    ...chunks.flatMap((chunk) => [...calls.take(saidIn({ tool_calls: chunk }, 'http://x').calls)]),
    ...calls.end(),
  ];
  const began = new Map<string, [string, string]>();
  for (const part of parts) {
    if (part.type === 'tool-input-start') began.set(part.id, [part.toolName, '']);
    if (part.type === 'tool-input-delta') {
      const [name, before] = began.get(part.id) ?? ['', ''];
      began.set(part.id, [name, before + part.delta]);
    }
  }
  const whole = parts.flatMap((part) => (part.type === 'tool-call' ? [[part.toolName, part.input]] : []));
  const ids = parts.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(calls.whole().map(({ name, input }) => [name, input])).toEqual(whole);
  // Who puts the pieces together has the same call in the end.
  expect([...began.values()]).toEqual(whole);
  return { began: [...began.values()], calls: whole };
}

const ROME = '{"c":"Rome"}';
const OSLO = '{"c":"Oslo"}';
const both = [
  ['w', ROME],
  ['w', OSLO],
];
const call = (more: object, args?: string, name?: string | null): object => ({
  ...more,
  type: 'function',
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});

describe('calls of a stream are told apart', () => {
  it.each<[string, readonly Chunk[]]>([
    [
      'by index and id',
      [
        [call({ index: 0, id: 'a' }, '', 'w')],
        [call({ index: 0 }, ROME)],
        [call({ index: 1, id: 'b' }, '', 'w')],
        [call({ index: 1 }, OSLO)],
      ],
    ],
    [
      'interleaved',
      [
        [call({ index: 0, id: 'a' }, '{"c":', 'w'), call({ index: 1, id: 'b' }, '{"c":', 'w')],
        [call({ index: 0 }, '"Rome"}'), call({ index: 1 }, '"Oslo"}')],
      ],
    ],
    ['numbered 0 both', [[call({ index: 0, id: 'a' }, ROME, 'w')], [call({ index: 0, id: 'b' }, OSLO, 'w')]]],
    [
      'numbered 0 both, in pieces',
      [
        [call({ index: 0, id: 'a' }, '{"c":', 'w')],
        [call({ index: 0 }, '"Rome"}', '')],
        [call({ index: 0, id: 'b' }, '{"c":', 'w')],
        [call({ index: 0 }, '"Oslo"}', null)],
      ],
    ],
    [
      'numbered 0 both, in one chunk',
      [[call({ index: 0, id: 'a' }, ROME, 'w'), call({ index: 0, id: 'b' }, OSLO, 'w')]],
    ],
    ['numbered 0 both, without ids', [[call({ index: 0 }, ROME, 'w')], [call({ index: 0 }, OSLO, 'w')]]],
    ['not numbered, with ids', [[call({ id: 'a' }, ROME, 'w')], [call({ id: 'b' }, OSLO, 'w')]]],
    ['not numbered, without ids', [[call({}, ROME, 'w')], [call({}, OSLO, 'w')]]],
    ['not numbered, without ids, in one chunk', [[call({}, ROME, 'w'), call({}, OSLO, 'w')]]],
    [
      'not numbered, in pieces with the id again',
      [
        [call({ id: 'a' }, '{"c":', 'w')],
        [call({ id: 'a' }, '"Rome"}')],
        [call({ id: 'b' }, '{"c":', 'w')],
        [call({ id: 'b' }, '"Oslo"}')],
      ],
    ],
    [
      'not numbered, in pieces with the id and the name again',
      [[call({ id: 'a' }, '{"c":', 'w')], [call({ id: 'a' }, '"Rome"}', 'w')], [call({ id: 'b' }, OSLO, 'w')]],
    ],
    [
      'not numbered, going on without an id',
      [
        [call({ id: 'a' }, '{"c":', 'w')],
        [call({ id: null }, '"Rome"}', null)],
        [call({ id: 'b' }, '{"c":', 'w')],
        [call({ id: '' }, '"Oslo"}', '')],
      ],
    ],
    [
      'with a new id for each piece',
      [
        [call({ index: 0, id: 'a1' }, '{"c":', 'w')],
        [call({ index: 0, id: 'a2' }, '"Rome"}')],
        [call({ index: 1, id: 'b1' }, '{"c":', 'w')],
        [call({ index: 1, id: 'b2' }, '"Oslo"}')],
      ],
    ],
    [
      'with the id late',
      [
        [call({ index: 0 }, '', 'w')],
        [call({ index: 0, id: 'a' }, ROME)],
        [call({ index: 1 }, '', 'w')],
        [call({ index: 1, id: 'b' }, OSLO)],
      ],
    ],
    [
      'with the name late',
      [
        [call({ index: 0, id: 'a' }, '')],
        [call({ index: 0 }, ROME, 'w')],
        [call({ index: 1, id: 'b' }, '{"c":')],
        [call({ index: 1 }, '"Oslo"}', 'w')],
      ],
    ],
    [
      'with the name in each piece',
      [
        [call({ index: 0, id: 'a' }, '{"c":', 'w')],
        [call({ index: 0 }, '"Rome"}', 'w')],
        [call({ index: 1, id: 'b' }, '{"c":', 'w')],
        [call({ index: 1 }, '"Oslo"}', 'w')],
      ],
    ],
    ['numbered from 1', [[call({ index: 1, id: 'a' }, ROME, 'w')], [call({ index: 2, id: 'b' }, OSLO, 'w')]]],
    ['numbered with a gap', [[call({ index: 0, id: 'a' }, ROME, 'w')], [call({ index: 1000000, id: 'b' }, OSLO, 'w')]]],
    ['both of one id', [[call({ index: 0, id: 'a' }, ROME, 'w')], [call({ index: 1, id: 'a' }, OSLO, 'w')]]],
    [
      'said whole once more',
      [
        [call({ index: 0, id: 'a' }, ROME, 'w')],
        [call({ index: 0, id: 'a' }, ROME, 'w')],
        [call({ index: 1, id: 'b' }, OSLO, 'w')],
      ],
    ],
    [
      'with an empty call between',
      [[call({ index: 0, id: 'a' }, ROME, 'w')], [{}], [call({ index: 1, id: 'b' }, OSLO, 'w')]],
    ],
    [
      'with an empty call before',
      [[{}], [call({ index: 0, id: 'a' }, ROME, 'w')], [call({ index: 1, id: 'b' }, OSLO, 'w')]],
    ],
  ])('%s', (_, chunks) => {
    expect(heard(chunks)).toEqual({ began: both, calls: both });
  });

  it('of different names', () => {
    expect(heard([[call({}, '', 'f')], [call({}, '', 'g')]]).calls).toEqual([
      ['f', '{}'],
      ['g', '{}'],
    ]);
  });

  it('without input, however little the server sends of it', () => {
    for (const pieces of [[''], ['', ''], [' '], ['{}'], ['{}', ''], ['', '{}'], ['{', '}']])
      expect(
        heard(pieces.map((piece, i) => [call({ index: 0, id: 'a' }, piece, i === 0 ? 'w' : undefined)])).calls,
      ).toEqual([['w', expect.stringMatching(/^\{\}$/)]]);
  });

  it('and none has an id that stands in the conversation already', () => {
    const calls = callsOf('http://x', ['call-0', 'a', 'a-2']);
    const [first, second] = [call({}, ROME, 'w'), call({ id: 'a' }, OSLO, 'w')];
    const parts = [...calls.take(saidIn({ tool_calls: [first, second] }, 'http://x').calls), ...calls.end()];
    expect(parts.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []))).toEqual(['call-0-2', 'a-3']);
  });

  it('without the empty object that some servers send first', () => {
    expect(
      heard([[call({ index: 0, id: 'a' }, '{}', 'w')], [call({ index: 0 }, '{"c":')], [call({ index: 0 }, '"Rome"}')]])
        .calls,
    ).toEqual([['w', ROME]]);
  });

  it('and broken arguments stay as they were written', () => {
    expect(heard([[call({ index: 0, id: 'a' }, '{"c": Rome', 'w')]]).calls).toEqual([['w', '{"c": Rome']]);
  });

  it('but one without a name is an error', () => {
    expect(() => heard([[call({ index: 0, id: 'a' }, ROME)]])).toThrow('a tool call without a name');
  });
});
