/** Loopback servers that speak the wire of vendors as their own packages expect it: one text, with a cache that is counted. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface VendorServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: VendorBody }[];
}

export type VendorBody = { readonly [field: string]: unknown };
type Reply = (request: {
  readonly path: string;
  readonly body: VendorBody;
  readonly call: number;
}) => object | Promise<object>;

/** A server whose every answer is what `reply` makes of the request; an answer with `error` in it has status 400. */
export async function vendorServer(reply: Reply): Promise<VendorServer> {
  const requests: VendorServer['requests'] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as VendorBody;
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers, body });
    const said = await reply({ path, body, call: requests.length - 1 });
    const isStream = body['stream'] === true && isMessage(said);
    const type = isStream ? 'text/event-stream' : 'application/json';
    response.writeHead('error' in said && said.error ? 400 : 200, { 'content-type': type });
    response.end(isStream ? eventsOf(said) : JSON.stringify(said));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface AnthropicMessage {
  readonly type: 'message';
  readonly content: readonly [{ readonly text: string }];
  readonly stop_reason: string;
  readonly usage: { readonly output_tokens: number };
}

const isMessage = (reply: object): reply is AnthropicMessage => 'type' in reply && reply.type === 'message';

/** The events in which Anthropic's Messages API streams a message. */
function eventsOf(message: AnthropicMessage): string {
  const [{ text }] = message.content;
  const { stop_reason, usage } = message;
  const events = [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** Anthropic's Messages API. What a cache holds stands beside `input_tokens`. */
export function anthropicReply(text: string, { plain = 10, read = 0, written = 0 } = {}): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: plain,
      output_tokens: 5,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
    },
  };
}

/** Google's generateContent. What a cache holds is part of `promptTokenCount`. */
export function googleReply(text: string, { read = 0 } = {}): object {
  return {
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: {
      promptTokenCount: 10 + read,
      candidatesTokenCount: 5,
      totalTokenCount: 15 + read,
      cachedContentTokenCount: read,
    },
    modelVersion: 'gemini-test',
    responseId: 'r1',
  };
}

/** OpenAI's Responses API. */
export function responsesReply(text: string, { read = 0 } = {}): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_764_182_460,
    status: 'completed',
    error: null,
    incomplete_details: null,
    model: 'gpt-test',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
      },
    ],
    usage: {
      input_tokens: 10 + read,
      input_tokens_details: { cached_tokens: read },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15 + read,
    },
  };
}

/** OpenAI's chat. */
export function chatReply(text: string): object {
  return {
    id: 'chat_1',
    object: 'chat.completion',
    created: 1_764_182_460,
    model: 'chat-test',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
}
