/** Both majors of the AI SDK under one type, with a mock model of each major's own specification. */
import { APICallError, type LanguageModelV3, type LanguageModelV3GenerateResult } from '@ai-sdk/provider';
import * as ai6 from 'ai6';
import { MockLanguageModelV3 } from 'ai6/test';
import * as ai7 from 'ai7';
import { MockLanguageModelV4 } from 'ai7/test';
import { textOf, type Sample } from '../../../core/index.ts';

// The tests look at warnings themselves.
globalThis.AI_SDK_LOG_WARNINGS = false;

type MockOptions = NonNullable<ConstructorParameters<typeof MockLanguageModelV3>[0]>;

/** The tests use what the two majors have in common. */
export const majors = [
  { major: 6, version: 'v3', ai: ai6, mock: (given: MockOptions) => new MockLanguageModelV3(given) },
  {
    major: 7,
    version: 'v4',
    ai: ai7 as unknown as typeof ai6,
    mock: (given: MockOptions) => new MockLanguageModelV4(given as never) as unknown as MockLanguageModelV3,
  },
] as const;

type Result = LanguageModelV3GenerateResult;
type Options = Parameters<LanguageModelV3['doGenerate']>[0];
export type Answerer = (options: Options, call: number) => Partial<Result> | Promise<Partial<Result>>;

export const usage = (input: number | undefined, output: number | undefined): Result['usage'] => ({
  inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: undefined },
  outputTokens: { total: output, text: output, reasoning: 0 },
});

/** Settings of a mock that answers, in one piece and streamed, with what `answer` gives; defaults fill the rest. */
export function answering(answer: Answerer): MockOptions {
  let calls = 0;
  const next = async (options: Options): Promise<Result> => ({
    content: [],
    finishReason: { unified: 'stop', raw: 'end' },
    usage: usage(10, 5),
    warnings: [],
    ...(await answer(options, calls++)),
  });
  return {
    doGenerate: next,
    async doStream(options) {
      const { content, warnings, finishReason, usage, response, providerMetadata } = await next(options);
      return {
        stream: new ReadableStream({
          start(controller) {
            controller.enqueue({ type: 'stream-start', warnings });
            if (response) controller.enqueue({ type: 'response-metadata', ...response });
            content.forEach((part, i) => {
              if (part.type !== 'text' && part.type !== 'reasoning') return controller.enqueue(part);
              const { type, text, ...facts } = part;
              controller.enqueue({ type: `${type}-start`, id: `${i}` });
              for (const delta of [text.slice(0, 2), text.slice(2)])
                controller.enqueue({ type: `${type}-delta`, id: `${i}`, delta });
              controller.enqueue({ type: `${type}-end`, id: `${i}`, ...facts });
            });
            controller.enqueue({
              type: 'finish',
              usage,
              finishReason,
              ...(providerMetadata && { providerMetadata }),
            });
            controller.close();
          },
        }),
      };
    },
  };
}

/** A mock's answer of one text. */
export const says = (text: string): Partial<Result> => ({ content: [{ type: 'text', text }] });

/** All parts of a stream. */
export async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** A score: the longer the better. */
export const longest = ({ content }: Sample): number => textOf(content).length;

export type Facts = { [fact: string]: unknown };
/** What plusx says of a result. */
export const factsOf = ({ providerMetadata }: { readonly providerMetadata?: unknown }): Facts =>
  (providerMetadata as { plusx: Facts }).plusx;

/** A failure as a provider reports it. */
export const failing = (statusCode: number | undefined, headers: Record<string, string> = {}, isRetryable = true) =>
  new APICallError({
    message: `status ${statusCode}`,
    url: 'https://api.example.com/v1',
    requestBodyValues: {},
    ...(statusCode !== undefined && { statusCode }),
    responseHeaders: headers,
    responseBody: 'no luck',
    isRetryable,
  });
