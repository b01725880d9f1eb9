/** Replies of OpenAI's Responses API, as they were recorded, through its package: whole and streamed, with the same account. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, stream, textOf, type Sampled } from '../../core/index.ts';
import { installedModel } from './index.ts';

const FOLDER = join(import.meta.dirname, '../../../../shared/data/wire/responses');
const isThere = existsSync(FOLDER);
if (!isThere) console.warn('recorded Responses replies: skipped, there is no ../shared/data/wire/responses');

interface Part {
  readonly type?: string;
  readonly text?: string;
}
interface Recorded {
  readonly output: readonly { readonly type: string; readonly content?: readonly Part[] }[];
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly input_tokens_details: { readonly cached_tokens: number };
    readonly output_tokens_details: { readonly reasoning_tokens: number };
  };
}

const whole = (name: string): Recorded => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Recorded;
const lines = (name: string): string[] =>
  readFileSync(join(FOLDER, `${name}.chunks.txt`), 'utf8')
    .trim()
    .split('\n');

interface Event {
  readonly type: string;
  readonly delta?: string;
  readonly response?: Recorded;
}

/** What a stream says, piece by piece, and the account that it ends with. Some recordings are shortened in the middle. */
function streamed(name: string): Told {
  const events = lines(name).map((line) => JSON.parse(line) as Event);
  const usage = events.findLast(({ type }) => type === 'response.completed')?.response?.usage;
  if (!usage) throw new Error(`${name} does not end`);
  const pieces = events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta = '' }) => delta);
  return { text: pieces.join(''), usage };
}

function said(name: string): Told {
  const { output, usage } = whole(name);
  const messages = output.filter(({ type }) => type === 'message');
  return { text: messages.flatMap(({ content = [] }) => content.map(({ text = '' }) => text)).join(''), usage };
}

interface Told {
  readonly text: string;
  readonly usage: Recorded['usage'];
}

const recordings = isThere
  ? readdirSync(FOLDER)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter((name) => 'usage' in whole(name))
  : [];

/** A model whose every answer is the recording. */
async function replaying(name: string) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const isStream = request.headers.accept?.includes('event-stream') || isStreamed;
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
      response.end(
        isStream
          ? lines(name)
              .map((line) => `data: ${line}\n\n`)
              .join('')
          : JSON.stringify(whole(name)),
      );
    });
  });
  let isStreamed = false;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const model = await installedModel('@ai-sdk/openai', 'gpt-x', {
    folder: import.meta.dirname,
    options: { apiKey: 'k', baseURL },
  });
  return {
    model,
    streams: () => (isStreamed = true),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same of what came out. */
function outOf({ samples: [sample], usage }: Sampled): object {
  const { calls, inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  return { text: textOf(sample?.content ?? ''), calls, inputTokens, outputTokens, cachedInputTokens, reasoningTokens };
}

function inWords({ text, usage }: Told): object {
  return {
    text,
    calls: 1,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cachedInputTokens: usage.input_tokens_details.cached_tokens,
    reasoningTokens: usage.output_tokens_details.reasoning_tokens,
  };
}

/** One has an output that this package does not know, one a stream that is no JSON. */
const wholes = recordings.filter((name) => name !== 'programmatic-tool-calling.1');
const streams = recordings.filter((name) => name !== 'parallel-tool-call-wrapper.1');

describe.skipIf(!isThere)('a recorded reply', () => {
  it('is one of several', () => {
    expect(recordings.length).toBeGreaterThan(5);
  });

  it.each(wholes)('%s, whole', async (name) => {
    await using at = await replaying(name);
    expect(outOf(await ask(at.model, 'q'))).toEqual(inWords(said(name)));
  });

  it.each(streams)('%s, streamed', async (name) => {
    await using at = await replaying(name);
    at.streams();
    let sampled: Sampled | undefined;
    for await (const part of stream(at.model, 'q')) if (part.type === 'finish') ({ sampled } = part);
    expect(outOf(sampled as Sampled)).toEqual(inWords(streamed(name)));
  });
});
