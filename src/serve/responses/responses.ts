/** `POST /v1/responses`. */
import { partsOf, streamOf, type Sample, type Sampled, type Usage } from '../../core/index.ts';
import { text, type Wire } from '../../models/openai/protocol/index.ts';
import { treeOf } from '../account.ts';
import { basesUnder } from '../bases.ts';
import { warned } from '../chat/reply.ts';
import { readChat, type Asked } from '../chat/request.ts';
import { EVENT_STREAM, eventStream } from '../events.ts';
import { answered, type Answer } from '../http/answer.ts';
import type { Exchange } from '../exchange.ts';
import { Refusal, refusalOf } from '../failure.ts';
import type { Generation } from '../generation.ts';
import { respondingBehind } from '../pass/pass.ts';
import { serversOf } from '../pass/standby.ts';
import { ofUser, withHeaders } from '../wishes.ts';
import { chatBodyOf } from './request.ts';
import { continued } from './kept.ts';
import { itemWriter, type ItemWriter } from './writer.ts';

interface Told {
  readonly exchange: Exchange;
  readonly asked: Asked;
  readonly generation: Generation;
  readonly writer: ItemWriter;
  /** The response that it goes on from. */
  readonly previous: string | undefined;
  /** Whether it can be asked for later. */
  readonly isKept: boolean;
}

export async function responses(exchange: Exchange): Promise<Answer> {
  const { body, composed, limits, kept } = exchange;
  const servers = serversOf(composed, respondingBehind);
  if (servers) return exchange.pass(servers, '/responses');
  const fields = await continued(body.fields, kept);
  // What is wrong with its own input is wrong where the client wrote it.
  if (fields['input'] !== body.fields['input']) readAsChat({ ...fields, input: body.fields['input'] }, exchange);
  const read = withHeaders(readAsChat(fields, exchange), exchange);
  const asked = { ...read, request: ofUser(read.request, exchange.endUser) };
  const { request, seed, own } = asked;
  const generation = await exchange.begin({ request, n: 1, seed, own: own.limits });
  const writer = itemWriter({ id: generation.id, logprobs: asked.logprobs, progress: own.progress });
  const previous = kept && text(body.fields['previous_response_id']);
  const told = {
    exchange,
    asked,
    generation,
    writer,
    previous,
    isKept: kept !== undefined && body.fields['store'] !== false,
  };
  const headers = { 'x-plusx-generation': generation.id };
  if (asked.stream) {
    const numbered = numbering();
    const stream = await eventStream(eventsOf(told, numbered), {
      keepAliveMs: limits.keepAliveMs,
      onLeave: exchange.leave,
      onEnd: exchange.end,
      failed: (error) => failureOf(error, told).map(numbered).join(''),
    });
    return answered(stream, { headers: { ...headers, ...EVENT_STREAM } });
  }
  const sampled = await composed.sample({ ...request, n: 1 }, generation.context);
  const [sample] = sampled.samples as [Sample];
  for (const part of partsOf(sample.content, sample.tokens)) writer.write(part);
  writer.end();
  const reply = await keep(responseOf(told, sampled), told);
  exchange.end();
  return answered(JSON.stringify(reply), { headers: { ...headers, 'content-type': 'application/json' } });
}

/** Reads the request as a chat's, and says what is wrong with it in the names of this endpoint. */
function readAsChat(fields: Wire, { composed, limits }: Exchange): Asked {
  try {
    return readChat(chatBodyOf(fields), basesUnder(composed), limits);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, type, code, message, param } = error;
    const [from, to] = NAMES.find(([name]) => param?.startsWith(name)) ?? ['', ''];
    const ours = (said: string): string => (from === '' ? said : said.replace(from, to));
    throw new Refusal(ours(message), { status, type, code, param: param && ours(param) });
  }
}

/** Fields of a chat by their names here. */
const NAMES: readonly (readonly [string, string])[] = [
  ['messages', 'input'],
  ['max_completion_tokens', 'max_output_tokens'],
  ['response_format.json_schema', 'text.format'],
  ['response_format', 'text.format'],
  ['reasoning_effort', 'reasoning.effort'],
];

/** Events as they are written: named, and numbered from 0. */
function numbering(): (event: Wire) => string {
  let count = 0;
  return (event) =>
    `event: ${String(event['type'])}\ndata: ${JSON.stringify({ ...event, sequence_number: count++ })}\n\n`;
}

async function* eventsOf(told: Told, numbered: (event: Wire) => string): AsyncGenerator<string> {
  const { exchange, asked, generation, writer } = told;
  const begin = (): string[] =>
    ['response.created', 'response.in_progress'].map((type) =>
      numbered({ type, response: frame(told, 'in_progress') }),
    );
  let hasBegun = asked.own.progress;
  if (hasBegun) yield* begin();
  let sampled: Sampled | undefined;
  for await (const part of streamOf(exchange.composed, { ...asked.request, n: 1 }, generation.context)) {
    const events = part.type === 'finish' ? writer.end() : writer.write(part);
    if (part.type === 'finish') ({ sampled } = part);
    // What fails before its first word fails with a status of its own.
    if (!hasBegun && (events.length > 0 || sampled)) {
      hasBegun = true;
      yield* begin();
    }
    yield* events.map(numbered);
  }
  const response = await keep(responseOf(told, sampled as Sampled), told);
  yield numbered({ type: `response.${String(response['status'])}`, response });
}

/** How a stream ends that fails: an event for programs that watch events, and the response as it is now. */
function failureOf(error: unknown, told: Told): readonly Wire[] {
  const { message, code, type, param, status } = refusalOf(error);
  const failed = {
    code: status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_prompt' : 'server_error',
    message,
  };
  return [
    { type: 'error', code, message, param, error: { type, code, message, param } },
    { type: 'response.failed', response: { ...frame(told, 'failed'), error: failed, output: told.writer.output } },
  ];
}

/** What a response says of itself whatever its answer. */
function frame(
  {
    exchange: {
      model,
      body: { fields },
    },
    generation,
    asked,
    previous,
    isKept,
  }: Told,
  status: string,
): Wire {
  const given = (name: string, otherwise: unknown): unknown => fields[name] ?? otherwise;
  return {
    id: `resp_${generation.id}`,
    object: 'response',
    created_at: generation.created,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: given('instructions', null),
    max_output_tokens: asked.request.maxOutputTokens ?? null,
    model,
    output: [],
    parallel_tool_calls: given('parallel_tool_calls', true),
    previous_response_id: previous ?? null,
    reasoning: { effort: asked.request.reasoning ?? null, summary: null },
    store: isKept,
    temperature: given('temperature', 1),
    text: { ...(given('text', {}) as Wire), format: (given('text', {}) as Wire)['format'] ?? { type: 'text' } },
    tool_choice: given('tool_choice', 'auto'),
    tools: given('tools', []),
    top_p: given('top_p', 1),
    truncation: 'disabled',
    usage: null,
    metadata: given('metadata', {}),
  };
}

/** Keeps a response before the client hears of it, and says so in it. The answer does not fail for want of a place to keep it. */
async function keep(response: Wire, { exchange, generation, previous, isKept }: Told): Promise<Wire> {
  if (!isKept) return response;
  const { input } = exchange.body.fields;
  try {
    await exchange.kept?.put(generation.id, { previous, input, response });
    return response;
  } catch {
    return { ...response, store: false };
  }
}

function responseOf(told: Told, sampled: Sampled): Wire {
  const { exchange, generation, writer } = told;
  const { finish } = (sampled.samples as [Sample])[0];
  const why = REASONS[finish.unified];
  const usage = responseUsage(generation.context.ledger.usage, generation);
  return {
    ...frame(told, why === undefined ? 'completed' : 'incomplete'),
    ...(why === undefined ? { completed_at: Math.floor(Date.now() / 1000) } : { incomplete_details: { reason: why } }),
    output: writer.output,
    usage: usage ?? null,
    plusx: generation.facts(exchange.composed, warned(sampled, told.asked, exchange.composed), usage !== undefined),
  };
}

const REASONS: { readonly [finish: string]: string } = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
};

function responseUsage(usage: Usage, generation: Generation): Wire | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteInputTokens, reasoningTokens, usd } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens ?? 0, cache_write_tokens: cacheWriteInputTokens ?? 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
    ...(usd !== undefined && { cost: usd }),
    plusx: treeOf(usage, generation.span()),
  };
}
