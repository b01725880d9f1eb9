/**
 * Models as tools of the Model Context Protocol. A call of a tool is a chat request to the same server that everybody else asks, so
 * that keys, budgets, limits, traces and accounts are those of every request.
 */
import { object, objects, text, whole, type Wire } from '../../models/openai/protocol/index.ts';
import type { OfferedModel } from '../config.ts';
import { importSdk, type McpServer } from './sdk.ts';

export interface Offer {
  /** Those that this caller may use. */
  readonly models: readonly OfferedModel[];
  /** The server itself. */
  readonly handle: (request: Request) => Promise<Response>;
  /** Where the caller found the server. */
  readonly origin: string;
  /** Headers that say who the caller is. */
  readonly headers: { readonly [name: string]: string };
}

const INPUT = {
  type: 'object' as const,
  properties: {
    question: { type: 'string', description: 'What is asked, with all that is needed to answer it.' },
    system: { type: 'string', description: 'Instructions that hold for the answer.' },
    max_tokens: { type: 'integer', minimum: 1, description: 'The most tokens that each call of the model may write.' },
  },
  required: ['question'],
  additionalProperties: false,
};

/** A server of the protocol that offers models to one caller. */
export async function toolServer(offer: Offer): Promise<McpServer> {
  const { Server, CallToolRequestSchema, ListToolsRequestSchema } = await importSdk();
  const server = new Server({ name: 'plusx', version: '1' }, { capabilities: { tools: {} } });
  const tools = toolNames(offer.models);
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...tools].map(([name, model]) => ({
      name,
      description: `Asks the language model ${model.name}${model.about ? ` (${model.about})` : ''} a question, and gives its answer.`,
      inputSchema: INPUT,
      annotations: { readOnlyHint: true, openWorldHint: false },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const model = tools.get(params.name);
    if (model === undefined)
      return failed(`There is no tool "${params.name}". There are: ${[...tools.keys()].join(', ')}.`);
    const asked = requestOf(model.name, params.arguments ?? {});
    if (typeof asked === 'string') return failed(asked);
    const token = params._meta?.progressToken;
    let told = 0;
    const tell = async (message: string): Promise<void> => {
      if (token === undefined) return;
      const progress = { progressToken: token, progress: ++told, message };
      await sendNotification({ method: 'notifications/progress', params: progress });
    };
    return answerTo(offer, asked, { signal, tell, wantsProgress: token !== undefined });
  });
  return server;
}

/** Names that every client takes, each for one model. */
function toolNames(models: readonly OfferedModel[]): ReadonlyMap<string, OfferedModel> {
  const names = new Map<string, OfferedModel>();
  for (const model of models) {
    const plain = model.name.replaceAll(/[^\w-]+/g, '_').slice(0, 60) || 'model';
    let name = plain;
    for (let count = 2; names.has(name); count++) name = `${plain}_${count}`;
    names.set(name, model);
  }
  return names;
}

/** The chat request of a call; what is wrong with it, in words, where something is. */
function requestOf(model: string, given: Wire): Wire | string {
  const other = Object.keys(given).find((name) => !Object.hasOwn(INPUT.properties, name));
  if (other !== undefined) return `\`${other}\` is not known. There are: ${Object.keys(INPUT.properties).join(', ')}.`;
  const question = text(given['question']);
  if (!question) return '`question` must be a text. Say what is asked.';
  const { system, max_tokens: most } = given;
  if (system !== undefined && typeof system !== 'string') return '`system` must be a text.';
  if (most !== undefined && !((whole(most) ?? 0) >= 1)) return '`max_tokens` must be an integer of at least 1.';
  return {
    model,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      { role: 'user', content: question },
    ],
    ...(most !== undefined && { max_completion_tokens: most }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

interface Result {
  readonly [field: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly isError?: boolean;
}

const failed = (message: string): Result => ({ content: [{ type: 'text', text: message }], isError: true });

interface Watched {
  readonly signal: AbortSignal;
  /** Told what is going on. */
  readonly tell: (message: string) => Promise<void>;
  readonly wantsProgress: boolean;
}

async function answerTo(
  { handle, origin, headers }: Offer,
  asked: Wire,
  { signal, tell, wantsProgress }: Watched,
): Promise<Result> {
  const response = await handle(
    new Request(new URL('/v1/chat/completions', origin), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', ...(wantsProgress && { 'x-plusx-progress': 'true' }) },
      body: JSON.stringify(asked),
      signal,
    }),
  );
  if (!response.ok || !response.body) return failed(messageIn(await response.json()) ?? 'The server failed.');
  let said = '';
  let usage: unknown;
  for await (const chunk of chunksOf(response.body)) {
    const message = messageIn(chunk);
    if (message !== undefined) return failed(message);
    const delta = object(objects(chunk['choices'])?.[0]?.['delta']);
    said += text(delta?.['content']) ?? text(delta?.['refusal']) ?? '';
    const doing = text(delta?.['reasoning_content'])?.trim();
    if (doing) await tell(doing);
    usage = chunk['usage'] ?? usage;
  }
  return { content: [{ type: 'text', text: said }], ...(object(usage) && { _meta: { 'plusx/usage': usage } }) };
}

const messageIn = (body: unknown): string | undefined => text(object(object(body)?.['error'])?.['message']);

/** The events of a stream of this server: each is one line of data. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Wire> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    rest += decoder.decode(piece, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const chunk = /^data: (\{.*)$/m.exec(event)?.[1];
      if (chunk !== undefined) yield JSON.parse(chunk) as Wire;
    }
  }
}
