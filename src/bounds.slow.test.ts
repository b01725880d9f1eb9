/**
 * Whatever comes from a model, a server, a file or a person: four times of it cost about four times as much processor time. Each row is one
 * kind of data with the door through which it comes in. Replies and documents have tables of forms of their own beside their
 * readers; here is one of each.
 */
import { gzipSync } from 'node:zlib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { techniques } from './catalog.ts';
import { harmless, width, wrap } from './cli/terminal/text.ts';
import { cleanText } from './core/calls/secrets.ts';
import { ask, classesOf, decodeJson, encodeJson, parse, plus, stream, type Model } from './core/index.ts';
import { readAnswer } from './core/reading/answer.ts';
import { answerOf } from './core/reading/equality.ts';
import { startOf } from './decode/constrained/grammar.ts';
import { parseSchema } from './decode/constrained/json-schema.ts';
import { parsePattern } from './decode/constrained/regex.ts';
import { openaiCompatible } from './models/openai/index.ts';
import { enumerable, enumerableTokens } from './models/written/index.ts';
import { deepConf, selfConsistency } from './search/index.ts';
import { runningVote } from './search/shared/votes/running-vote.ts';
import { settled } from './search/shared/votes/stop-rules.ts';
import { htmlSections } from './store/documents/html.ts';
import { markdownSections } from './store/documents/markdown.ts';
import { openMemory } from './store/index.ts';
import { readRows } from './tasks/rows.ts';
import { toldAs } from './tools/shared/told.ts';

const folder = mkdtempSync(join(tmpdir(), 'plusx-bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = enumerable({ answers: { '*': { '4': 2, '5': 1 } } });
const even = enumerable({ answers: { '*': { '4': 1, '5': 1 } } });
const tokens = enumerableTokens({ tokens: ['4', '5'], maxTokens: 1, next: () => [1, 1, 0] });
const scope = { techniques, model: (name: string): Model | undefined => (name === 'm' ? model : undefined) };
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
/** A server that sends exactly this, in pieces of 16 kB. */
const server = (body: string, type: string): Model => {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  const sent = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(at, (at += 16_384)));
      },
    });
  return openaiCompatible({
    model: 'm',
    baseURL: 'http://127.0.0.1:9/v1',
    fetch: async () => ((at = 0), new Response(sent(), { headers: { 'content-type': type } })),
  });
};
const event = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const END = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
const reply = (content: string): string =>
  JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }] });
async function read(from: Model): Promise<void> {
  for await (const _ of stream(from, 'q'));
}

/** What is made of n, which is then measured. */
type Made = () => unknown;
const KINDS: readonly (readonly [kind: string, n: number, make: (n: number) => Made])[] = [
  [
    'an integer of a schema, by its digits',
    8,
    (n) => {
      const [minimum, maximum] = [-Number('1'.repeat(Math.min(15, n))), Number('9'.repeat(Math.min(15, n)))];
      return () => startOf(parseSchema({ type: 'integer', minimum, maximum }));
    },
  ],
  ['a text of a schema, by its length', 20_000, (n) => () => startOf(parseSchema({ type: 'string', maxLength: n }))],
  [
    'properties of a schema',
    4_000,
    (n) => {
      const properties = Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, { type: 'integer' }]));
      return () => startOf(parseSchema({ type: 'object', properties, required: Object.keys(properties) }));
    },
  ],
  ['a regular expression', 20_000, (n) => () => startOf(parsePattern('(?:a|b)?'.repeat(n)))],
  ['a formula', 1500, (n) => () => parse(`m${' + reRead'.repeat(n)}`, scope)],
  ['one line of a stream', 4e6, (n) => () => read(server(event('x'.repeat(n)) + END, 'text/event-stream'))],
  ['many lines of a stream', 20_000, (n) => () => read(server(event('x ').repeat(n) + END, 'text/event-stream'))],
  ['the body of a reply', 8e6, (n) => () => ask(server(reply('x'.repeat(n)), 'application/json'), 'q')],
  [
    'the page of an error',
    8e6,
    (n) => () => ask(server(`<html>${'<b>x'.repeat(n / 4)}`, 'text/html'), 'q').catch(() => {}),
  ],
  ['the answer in a reply', 1e6, (n) => () => readAnswer(`Answer: ${'3, '.repeat(n / 3)}`)],
  [
    'the mathematics in a reply',
    200_000,
    (n) => () => readAnswer(`\\boxed{${'\\frac{1}{2}+'.repeat(n / 12)}1}`, 'math'),
  ],
  ['a page of HTML', 1e6, (n) => () => htmlSections('<div>'.repeat(n / 5))],
  ['a page of Markdown', 1e6, (n) => () => markdownSections('> a\n'.repeat(n / 4), 'a.md')],
  [
    'a table of questions',
    1e6,
    (n) => {
      const table = file(`${n}.csv`, `input,expected\n${'"a ""b""",4\n'.repeat(n / 12)}`);
      return () => readRows(table, 'rows');
    },
  ],
  [
    'a packed file of questions',
    4e6,
    (n) => {
      const packed = file(`${n}.jsonl.gz`, gzipSync('{"input":"a","expected":"4"}\n'.repeat(n / 29)));
      return () => readRows(packed, 'rows');
    },
  ],
  ['the result of a tool', 200_000, (n) => () => toldAs(Array.from({ length: n }, (_, i) => ({ i, text: 'x' })))],
  ['an entry of the journal', 4e6, (n) => () => decodeJson(encodeJson({ text: 'x"'.repeat(n / 2) }))],
  [
    'a note',
    500_000,
    (n) => async () => {
      const memory = openMemory({ file: ':memory:' });
      await memory.put('n', [{ id: '1', text: 'word other '.repeat(n / 11) }]);
      await memory.close();
    },
  ],
  [
    'tool calls of a stream',
    6_000,
    (n) => {
      const call = (i: number): object => ({ index: i, id: `c${i}`, function: { name: 'f', arguments: '{}' } });
      const events = Array.from({ length: n }, (_, i) => ({
        choices: [{ index: 0, delta: { tool_calls: [call(i)] } }],
      }));
      const body = events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('') + END;
      return () => read(server(body, 'text/event-stream'));
    },
  ],
  [
    'answers that all differ',
    50_000,
    (n) => () => classesOf(Array.from({ length: n }, (_, i) => answerOf(`a${i}`, 'text'))),
  ],
  ['progress of a technique', 8_000, (n) => () => read(plus(model, selfConsistency({ n })))],
  [
    'a word for a terminal',
    500_000,
    (n) => () => [width('a'.repeat(n)), wrap('a'.repeat(n), 80), harmless('\u001B[31m'.repeat(n / 5))],
  ],
  ...[
    'sk-a',
    'api_key=',
    'Bearer ',
    'Token a',
    'eyJ-',
    'eyJaaaaaaaa.',
    'a-',
    'a://',
    'password: ',
    '-----BEGIN PRIVATE KEY-----',
  ].map(
    (mark) =>
      [
        `what looks like a key: ${mark}`,
        300_000,
        (n: number) => () => cleanText(mark.repeat(n / mark.length), []),
      ] as const,
  ),
  ['draws of a vote', 4_000, (n) => () => ask(plus(model, selfConsistency({ n })), 'q')],
  // Two answers that are as frequent as each other: no rule stops.
  ...(
    [
      ['adaptive', (n) => plus(even, selfConsistency({ n, stop: 'adaptive', threshold: 1 }))],
      ['window', (n) => plus(even, selfConsistency({ n, stop: 'window', window: 50 }))],
      ['by confidence', (n) => plus(tokens, deepConf({ n, warmup: 2, consensus: 1, window: 1, alternatives: 0 }))],
    ] as const satisfies readonly (readonly [string, (n: number) => Model])[]
  ).map(
    ([stop, vote]) =>
      [`draws of a vote that may stop early: ${stop}`, 4_000, (n: number) => () => ask(vote(n), 'q')] as const,
  ),
  ...(
    [
      ['all differ', (i) => `a${i}`],
      ['take turns in their unit', (i) => (i % 3 === 0 ? '5' : i % 3 === 1 ? '5 km' : '5 m')],
    ] as const satisfies readonly (readonly [string, (i: number) => string])[]
  ).map(
    ([what, said]) =>
      [
        `votes counted one by one that ${what}`,
        20_000,
        (n: number) => {
          const answers = Array.from({ length: n }, (_, i) => answerOf(said(i)));
          return () => {
            const vote = runningVote();
            for (const answer of answers) {
              vote.add(answer);
              settled(1).stops(vote);
            }
          };
        },
      ] as const,
  ),
];

async function secondsOf(work: Made): Promise<number> {
  const start = process.cpuUsage();
  let times = 0;
  for (;;) {
    await work();
    times++;
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    // What is over in a moment is done again and again: one time would be noise.
    if (seconds > 0.1 || times === 100) return seconds / times;
  }
}

it.each(KINDS)('%s', { timeout: 120_000 }, async (kind, n, make) => {
  const [short, long] = [make(n / 2), make(2 * n)];
  await secondsOf(short); // the first time is also that of the compiler
  const ratios: number[] = [];
  // What grows with the square is sixteen times as dear, each time.
  for (let tries = 0; tries < 5; tries++) {
    const [once, fourTimes] = [await secondsOf(short), await secondsOf(long)];
    ratios.push(fourTimes / once);
    if (tries === 0)
      console.log(
        `${kind}: ${(1e3 * once).toFixed(1)} ms, ${(1e3 * fourTimes).toFixed(1)} ms, ${ratios[0]?.toFixed(1)}`,
      );
    if ((ratios.at(-1) ?? 0) < 8) break;
  }
  expect(Math.min(...ratios)).toBeLessThan(8);
});
