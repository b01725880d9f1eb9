import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_LENGTH, STREAM_BYTES } from '../../core/bounds.ts';
import { eventsOf, openEvents } from './events.ts';
import { final } from './failures.ts';

const call = { shown: 'http://x.test/v1', secrets: ['s3cret-value'] };
const incoming = (body: ReadableStream<Uint8Array> | string) => ({ response: new Response(body), alive() {} });

function cut(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
      controller.close();
    },
  });
}

/** The events of a body, and what ends them where that is an error. */
async function read(body: ReadableStream<Uint8Array> | string): Promise<string[]> {
  const events: string[] = [];
  try {
    for await (const event of eventsOf(call, incoming(body))) events.push(event);
  } catch (error) {
    const end = final(error) as Error;
    events.push(`${end.name}: ${end.message}`);
  }
  return events;
}

describe('the events of a stream', () => {
  const text =
    ': comment\r\n\r\ndata: {"ü":1}\r\n\r\nevent: x\ndata: {"two":\ndata: "lines"}\n\nid: 3\rdata:{"a":"😀"}\r\rdata:[DONE]\n\n';
  const events = ['{"ü":1}', '{"two":\n"lines"}', '{"a":"😀"}', '[DONE]'];
  it.each([1, 2, 3, 5, 7, 1000])('are the same however they are cut: %s bytes', async (size) => {
    expect(await read(cut(text, size))).toEqual(events);
  });

  it('are the same for any text and any cut', async () => {
    const line = fc.stringMatching(/^[ -~äß😀]{1,12}$/u);
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 5 }),
        ends,
        fc.integer({ min: 1, max: 9 }),
        async (lines, end, size) => {
          const bodies = lines.map((one) => JSON.stringify({ one }));
          const stream = bodies.map((body) => `: beat${end}${end}data: ${body}${end}${end}`).join('');
          expect(await read(cut(stream, size))).toEqual(bodies);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });

  const A = '{"a":1}';
  it.each([
    ['an empty data line', `data: \n\ndata: ${A}\n\ndata:\n\n`],
    ['data without a colon', `data\n\ndata: ${A}\n\n`],
    ['comments', `: keep-alive\n\n: OPENROUTER PROCESSING\n\ndata: ${A}\n\n:\n\n`],
    ['empty lines', `\n\n\r\n\ndata: ${A}\n\n\n\n\n`],
    ['a line of its own to set the wait', `retry: 3000\n\ndata: ${A}\n\n`],
    ['an id of its own', `id: 1\n\ndata: ${A}\n\n`],
    ['event: ping with an object', `event: ping\ndata: {"type":"ping"}\n\ndata: ${A}\n\n`],
    ['event: ping without data', `event: ping\n\ndata: ${A}\n\n`],
    ['event: keepalive', `event: keepalive\ndata: {}\n\ndata: ${A}\n\n`],
    ['event: heartbeat', `event: heartbeat\ndata: 12\n\ndata: ${A}\n\n`],
    ['data: ping', `data: ping\n\ndata: ${A}\n\ndata: [PING]\n\n`],
    ['data: signs only', `data: ...\n\ndata: ${A}\n\ndata: []\n\n`],
    ['data: null', `data: null\n\ndata: ${A}\n\n`],
    ['data: keep-alive', `data: keep-alive\n\ndata: ${A}\n\ndata: KEEPALIVE\n\n`],
    ['an empty object', `data: {}\n\ndata: ${A}\n\n`],
    ['no blank line at the end', `data: ${A}`],
    ['a mark at the start', `\uFEFFdata: ${A}\n\n`],
    ['unknown fields', `x-request-id: 3\n\ndata: ${A}\n\n`],
  ])('without signs of life: %s', async (_form, stream) => expect(await read(stream)).toEqual([A]));

  it('and words of any script are none', async () => {
    expect(await read('data: 服务器错误\n\ndata: ошибка\n\n')).toEqual(['服务器错误', 'ошибка']);
  });

  it.each(['data: [DONE]', 'data:[DONE]', 'data: [DONE] ', 'data: "[DONE]"', 'data: [done]'])(
    'the end is [DONE]: %s',
    async (line) => expect(await read(`data: ${A}\n\n${line}\n\n`)).toEqual([A, '[DONE]']),
  );

  const words = 'UpstreamError: http://x.test/v1 answered';
  it.each([
    [
      'event: error, flat',
      'event: error\ndata: {"message":"overloaded","type":"overloaded_error"}\n\n',
      `${words} 529: overloaded`,
    ],
    ['event: error, as text', 'event: error\ndata: out of memory\n\n', `${words} 500: out of memory`],
    ['event: error, wrapped', 'event: error\ndata: {"error":{"message":"busy","code":503}}\n\n', `${words} 503: busy`],
    ['event: error, no data', 'event: error\n\n', `${words} 500: (empty)`],
    ['event: stream_error', 'event: stream_error\ndata: {"message":"x"}\n\n', `${words} 500: x`],
    ['an error: line', 'error: {"code":500,"message":"went wrong"}\n\n', `${words} 500: went wrong`],
    ['an error: line of text', 'error: no memory\n\n', `${words} 500: no memory`],
    ['a secret in it', 'error: key s3cret-value is wrong\n\n', `${words} 500: key [key] is wrong`],
  ])('an error is told in the server’s words: %s', async (_form, stream, error) => {
    expect(await read(stream)).toEqual([error]);
    expect(await read(`data: ${A}\n\n${stream}`)).toEqual([A, error]);
  });

  it.each([
    '{"error":{"message":"busy","code":503}}',
    '{"object":"error","message":"busy","code":503}',
    '{"type":"error","error":{"message":"busy","code":"503"}}',
  ])('a first event that is an error fails the request: %s', async (event) => {
    for (const body of [`data: ${event}\n\n`, `: beat\n\ndata: ${event}\n\n`, event, `${event}\n`])
      expect(final(await openEvents(call, incoming(body)).catch((error: unknown) => error))).toMatchObject({
        message: 'http://x.test/v1 answered 503: busy',
      });
  });
});

describe('what is no stream of events', () => {
  const [a, b] = ['{"a":1}', '{"b":[2]}'];
  it.each([
    ['one JSON document', a, [a]],
    ['over several lines', '{\n  "a": [\n1]\n}\n', ['{\n  "a": [\n1]\n}']],
    ['JSON lines', `${a}\n${b}\n`, [a, b]],
    ['JSON lines with signs of life', `\n${a}\n\n\n${b}`, [a, b]],
    ['JSON lines and a mark for the end', `${a}\n[DONE]\n`, [a, '[DONE]']],
    ['JSON lines, fields after all', `${a}\ndata: ${b}\n\ndata: [DONE]\n`, [a, b, '[DONE]']],
    ['a list', `[${a},\n${b}]`, [a, b]],
    ['a list in one line', `[${a},${b}]`, [a, b]],
  ])('is read all the same: %s', async (_form, body, events) => {
    for (const size of [1, 3, 1000]) expect(await read(cut(body, size))).toEqual(events);
  });

  const why = 'MalformedReply: http://x.test/v1 sent a malformed reply:';
  it.each([
    [
      'a page',
      '<!doctype html>\n<html><head><title>Sign in</title></head></html>',
      `${why} an HTML page, not a stream: Sign in. Check that \`baseURL\` ends where the API begins, often in /v1`,
    ],
    ['text', 'no healthy upstream', `${why} not a stream of events: no healthy upstream`],
  ])('or is told: %s', async (_form, body, error) => expect(await read(body)).toEqual([error]));

  it('nothing is no event', async () => expect(await read('')).toEqual([]));
});

describe('is bounded', () => {
  const endless = (piece: string): { body: ReadableStream<Uint8Array>; sent: () => number } => {
    const bytes = new TextEncoder().encode(piece);
    let sent = 0;
    return {
      sent: () => sent,
      body: new ReadableStream({
        pull(controller) {
          sent += bytes.length;
          controller.enqueue(bytes);
        },
      }),
    };
  };

  it('a line that never ends', async () => {
    const { body, sent } = endless('x'.repeat(2 ** 20));
    const told = await read(body);
    expect(told).toEqual([expect.stringMatching(/^MalformedReply: .*too long to be read: xxx/)]);
    expect(sent()).toBeLessThan(EVENT_LENGTH + 2 ** 22);
  });

  it('an event of lines that never ends', async () => {
    const { body, sent } = endless(`data: ${'x'.repeat(2 ** 20)}\n`);
    expect(await read(body)).toEqual([expect.stringMatching(/^MalformedReply: .*too long/)]);
    expect(sent()).toBeLessThan(EVENT_LENGTH + 2 ** 22);
  });

  it('a stream that never says a thing', async () => {
    const { body, sent } = endless(`: ${'beat '.repeat(2 ** 17)}\n`);
    expect(await read(body)).toEqual([expect.stringMatching(/^MalformedReply: .*too long/)]);
    expect(sent()).toBeLessThan(STREAM_BYTES + 2 ** 22);
  });

  it.each([
    ['an event', (deep: string) => `data: ${deep}\n\n`],
    ['a document', (deep: string) => deep],
    ['a line', (deep: string) => `{}\n${deep}\n`],
  ])('%s too deep to go down into', async (_form, body) => {
    const deep = `{"choices":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(await read(body(deep))).toEqual([expect.stringMatching(/^MalformedReply: .*too deep inside one another/)]);
  });

  it.each(['[', '.', ' ', '"', 'ping '])('%j without an end takes no time', async (sign) => {
    const line = `${sign.repeat(2 ** 20)}x`;
    expect((await read(`data: {"a":1}\n\ndata: ${line}\n\n`)).length).toBe(2);
    expect((await read(`${line}\n`)).length).toBe(1);
  });

  it('and each sign of a long line is looked at once', async () => {
    const cpu = async (chars: number): Promise<number> => {
      const body = cut(`data: {"a":"${'x'.repeat(chars)}"}\n\n`, 16_384);
      const start = process.cpuUsage();
      expect((await read(body))[0]?.length).toBe(chars + 8);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    await cpu(2 ** 20);
    const least = async (chars: number): Promise<number> =>
      Math.min(await cpu(chars), await cpu(chars), await cpu(chars));
    // Eight times the length: 8 in one pass, 64 where the line is scanned again with every piece.
    expect((await least(32 * 2 ** 20)) / (await least(4 * 2 ** 20))).toBeLessThan(24);
  });
});
