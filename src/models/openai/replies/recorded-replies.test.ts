/** Replies of real providers, whole and streamed, are read without loss. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textOf, type BackendStreamPart, type Candidate, type Reply } from '../../../core/index.ts';
import { replyOf, type ReplyOptions } from '../reply.ts';
import { chunksOf, streamParts } from '../stream.ts';

const FOLDER = join(import.meta.dirname, '../../../../../shared/data/wire/chat');
const isThere = existsSync(FOLDER);
if (!isThere) console.warn('recorded replies: skipped, there is no ../shared/data/wire/chat');
const files = isThere ? readdirSync(FOLDER) : [];

const OPTIONS: ReplyOptions = { shown: 'http://x', provider: 'p', sent: { model: 'm' }, price: undefined };

type Field = { readonly [name: string]: unknown } | null | undefined;
const field = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' ? (at as Field)?.[name] : undefined), value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const said = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The texts of a content, which is one, or a list of parts; of a type, where one is named. */
function textsIn(content: unknown, type: 'text' | 'thinking'): string {
  if (typeof content === 'string') return type === 'text' ? content : '';
  return list(content)
    .filter((part) => field(part, 'type') === type)
    .map((part) => (type === 'text' ? said(field(part, 'text')) : textsIn(field(part, 'thinking'), 'text')))
    .join('');
}

/** What the messages of a recording say, put together by what is known of these recordings and nothing else. */
function expected(messages: readonly unknown[]): { text: string; reasoning: string; calls: string[] } {
  const calls = new Map<unknown, string>();
  let last: unknown;
  for (const call of messages.flatMap((message) => list(field(message, 'tool_calls')))) {
    last = field(call, 'index') ?? field(call, 'id') ?? last;
    const name = said(field(call, 'function', 'name'));
    calls.set(last, (calls.get(last) ?? `${name} `) + said(field(call, 'function', 'arguments')));
  }
  const join = (read: (message: unknown) => string): string => messages.map(read).join('');
  return {
    text: join((message) => textsIn(field(message, 'content'), 'text')),
    reasoning: join(
      (message) =>
        said(field(message, 'reasoning_content') ?? field(message, 'reasoning')) +
        textsIn(field(message, 'content'), 'thinking'),
    ),
    calls: [...calls.values()],
  };
}

function read({ content }: Candidate): { text: string; reasoning: string; calls: string[] } {
  return {
    text: textOf(content),
    reasoning: content.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: content.flatMap((part) => (part.type === 'tool-call' ? [`${part.toolName} ${part.input}`] : [])),
  };
}

function sameUsage(usage: Reply['usage'], given: unknown): void {
  expect(usage.inputTokens).toBe(field(given, 'prompt_tokens'));
  expect(usage.outputTokens).toBeGreaterThanOrEqual(Number(field(given, 'completion_tokens')));
}

describe.skipIf(!isThere)('recorded', () => {
  it('are these many, so that none is lost', () => {
    expect(files.length).toBeGreaterThanOrEqual(30);
  });

  it.each(files.filter((name) => name.endsWith('.json') && !name.includes('error')))('whole: %s', (name) => {
    const body: unknown = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
    const { candidates, usage, warnings } = replyOf(body, OPTIONS);
    const choices = list(field(body, 'choices'));
    expect(candidates.map(read)).toEqual(choices.map((choice) => expected([field(choice, 'message')])));
    expect(candidates.map(({ finish }) => finish.raw)).toEqual(choices.map((choice) => field(choice, 'finish_reason')));
    expect(candidates.map(({ finish }) => finish.unified)).not.toContain('other');
    sameUsage(usage, field(body, 'usage'));
    expect(warnings).toEqual([]);
  });

  it.each(files.filter((name) => !name.endsWith('.json')))('streamed: %s', async (name) => {
    const events = readFileSync(join(FOLDER, name), 'utf8')
      .split('\n')
      .map((line) => line.replace(/^data: /, '').trim())
      .filter((line) => line !== '' && line !== '[DONE]');
    const chunks = events.map((event): unknown => JSON.parse(event));
    const parts: BackendStreamPart[] = [];
    const given = (async function* () {
      yield* events;
    })();
    for await (const part of streamParts(
      chunksOf(given, 'http://x', () => undefined),
      OPTIONS,
    ))
      parts.push(part);
    const reply = parts.at(-1);
    if (reply?.type !== 'reply') throw new Error('no reply');
    const deltas = chunks.map((chunk) => field(chunk, 'choices', 0, 'delta'));
    const wanted = expected(deltas);
    expect(read(reply.candidate)).toEqual(wanted);
    expect(heard(parts)).toEqual(wanted);
    const finish = chunks.map((chunk) => field(chunk, 'choices', 0, 'finish_reason')).filter(Boolean);
    expect(reply.candidate.finish.raw).toBe(finish.at(-1));
    expect(reply.candidate.finish.unified).not.toBe('other');
    const usages = chunks.map((chunk) => field(chunk, 'usage')).filter(Boolean);
    if (usages.length > 0) sameUsage(reply.usage, usages.at(-1));
    expect(reply.warnings).toEqual([]);
  });
});

/** What a listener hears, piece by piece. */
function heard(parts: readonly BackendStreamPart[]): { text: string; reasoning: string; calls: string[] } {
  const calls = new Map<string, string>();
  let [text, reasoning] = ['', ''];
  for (const part of parts) {
    if (part.type === 'text-delta') text += part.delta;
    if (part.type === 'reasoning-delta') reasoning += part.delta;
    if (part.type === 'tool-input-start') calls.set(part.id, `${part.toolName} `);
    if (part.type === 'tool-input-delta') calls.set(part.id, (calls.get(part.id) ?? '') + part.delta);
  }
  return { text, reasoning, calls: [...calls.values()] };
}
