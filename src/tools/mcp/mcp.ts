/**
 * The tools of an MCP server, for `react({ tools })`. The protocol is spoken by its official SDK, an optional peer that
 * is imported when a server is asked for.
 */
import type * as ClientModule from '@modelcontextprotocol/sdk/client/index.js';
import type * as StdioModule from '@modelcontextprotocol/sdk/client/stdio.js';
import type * as HttpModule from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { MCP_PAGES, MCP_TOOLS } from '../../core/bounds.ts';
import { InvalidOption, MalformedReply, PlusxError } from '../../core/index.ts';
import { parseToWrite } from '../shared/whole-numbers.ts';
import { endpoint, redact, secretsOf, shownAddress } from '../../core/calls/secrets.ts';

export type McpServer = {
  /** What stands for the tools in a formula. Default: the server's own name. */
  readonly name?: string | undefined;
  /** Only these tools. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** How long a call may take in milliseconds; so long may the server take to start and to list all its tools. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Stops the start and the listing. A call is stopped by the signal of its run. */
  readonly signal?: AbortSignal | undefined;
} & (
  | {
      /** A program that speaks MCP over its standard input and output. It sees the variables named here and a few harmless ones. */
      readonly command: string;
      readonly args?: readonly string[] | undefined;
      readonly env?: { readonly [name: string]: string } | undefined;
      readonly cwd?: string | undefined;
    }
  | {
      /** The address of a server that speaks streamable HTTP. */
      readonly url: string | URL;
      readonly headers?: { readonly [name: string]: string } | undefined;
    }
);

/** A tool as `react` takes it. */
export interface McpTool {
  readonly description?: string | undefined;
  readonly inputSchema: { readonly [key: string]: unknown };
  readonly execute: (
    input: unknown,
    run: { readonly abortSignal: AbortSignal; readonly inputText?: string | undefined },
  ) => Promise<unknown>;
  readonly toModelOutput: (of: { readonly output: unknown }) => unknown;
  /** Whether the server says that it only reads (`readOnlyHint`). */
  readonly readOnly: boolean;
}

export interface McpTools {
  readonly name: string;
  readonly tools: { readonly [name: string]: McpTool };
  /** Ends the session, and the server where it was started here. */
  close(): Promise<void>;
}

const PEER = '@modelcontextprotocol/sdk';
const TIMEOUT_MS = 60_000;

/** The SDK of the Model Context Protocol is not installed. */
export class McpMissing extends PlusxError {
  override readonly kind = 'usage';
  constructor() {
    super(`MCP servers need ${PEER}, which is not installed. Run \`npm install ${PEER}\`.`);
  }
}

/** An MCP server could not be started or reached, or does not speak the protocol. */
export class McpUnreachable extends PlusxError {
  readonly server: string;
  constructor({ server, why }: { readonly server: string; readonly why: string }) {
    super(
      `The MCP server ${server} cannot be used: ${why.replaceAll(/\s+/g, ' ')}. Check that it starts and speaks MCP.`,
    );
    this.server = server;
  }
}

/**
 * Connects to an MCP server and lists its tools. Close it when done: a server started here lives until then. Errors:
 * McpMissing without the SDK, McpUnreachable, InvalidOption for a tool in `only` that the server does not have.
 */
export async function mcpTools(server: McpServer): Promise<McpTools> {
  const { shown, secrets } = shownOf(server);
  const { Client, stdio, http } = await importSdk();
  const client = new Client({ name: 'plusx', version: '1' });
  const timeout = server.timeoutMs ?? TIMEOUT_MS;
  const transport =
    'url' in server
      ? new http(...overHttp(server))
      : new stdio({
          command: server.command,
          args: [...(server.args ?? [])],
          ...(server.env && { env: { ...server.env } }),
          ...(server.cwd !== undefined && { cwd: server.cwd }),
          stderr: 'ignore',
        });
  const deadline = AbortSignal.timeout(timeout);
  const signal = server.signal ? AbortSignal.any([server.signal, deadline]) : deadline;
  let listed: Listed[];
  try {
    server.signal?.throwIfAborted();
    await client.connect(transport, { timeout, signal });
    listed = await listAll(client, { timeout, signal });
  } catch (error) {
    await client.close().catch(() => {});
    server.signal?.throwIfAborted();
    if (deadline.aborted)
      throw new McpUnreachable({ server: shown, why: `it did not list its tools within ${timeout} ms` });
    const why = error instanceof Error ? error.message : String(error);
    throw new McpUnreachable({ server: shown, why: redact(why, secrets) });
  }
  const missing = server.only?.find((name) => !listed.some((tool) => tool.name === name));
  if (missing !== undefined) {
    await client.close();
    const rule = `names "${missing}", which the server does not have`;
    throw new InvalidOption({
      where: 'mcpTools',
      option: 'only',
      rule,
      hint: `It has: ${listed.map(({ name }) => name).join(', ')}`,
    });
  }
  const chosen = listed.filter(({ name }) => server.only?.includes(name) ?? true);
  return {
    name: server.name ?? identifier(client.getServerVersion()?.name ?? 'mcp'),
    tools: Object.fromEntries(chosen.map((tool) => [tool.name, toolOf(client, tool, shown, timeout)])),
    async close() {
      if ('terminateSession' in transport) await transport.terminateSession().catch(() => {}); // it may keep none
      await client.close();
    },
  };
}

/** What a server is called where people read it: arguments, queries, headers and variables may be keys. */
function shownOf(server: McpServer): { readonly shown: string; readonly secrets: readonly string[] } {
  if (!('url' in server))
    return { shown: server.command, secrets: [...(server.args ?? []), ...Object.values(server.env ?? {})] };
  const url = String(server.url);
  if (!/^https?:/i.test(url) || !URL.canParse(url))
    throw new InvalidOption({
      where: 'mcpTools',
      option: 'url',
      rule: 'must be an http(s) address such as http://127.0.0.1:8000/mcp',
      value: shownAddress(url),
    });
  const { shown, secrets } = endpoint(url);
  return { shown, secrets: [...secrets, ...secretsOf(server.headers ?? {})] };
}

/** The address of a server and how it is asked: credentials in an address are a header, which is the only way fetch sends them. */
function overHttp({ url, headers }: Extract<McpServer, { url: unknown }>): [URL, { requestInit: RequestInit }] {
  const address = new URL(url);
  const { authorization } = endpoint(address.href);
  address.username = address.password = '';
  return [address, { requestInit: { headers: { ...(authorization !== undefined && { authorization }), ...headers } } }];
}

type Sdk = Awaited<ReturnType<typeof importSdk>>;
type Client = InstanceType<Sdk['Client']>;
type Listed = Awaited<ReturnType<Client['listTools']>>['tools'][number];

async function importSdk() {
  try {
    const [{ Client }, { StdioClientTransport: stdio }, { StreamableHTTPClientTransport: http }] = await Promise.all([
      load<typeof ClientModule>('index'),
      load<typeof StdioModule>('stdio'),
      load<typeof HttpModule>('streamableHttp'),
    ]);
    return { Client, stdio, http };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw new McpMissing();
    throw error;
  }
}

/** Loads a part of the SDK by a name that bundlers do not follow: it may not be installed. */
async function load<Module>(part: string): Promise<Module> {
  const name = `@modelcontextprotocol/sdk/client/${part}.js`;
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module;
}

/**
 * A list may come in pages, and how many is the server's to say. A cursor that came before would be answered with the
 * page that came before: there the list ends. Of two tools with one name the first is taken.
 */
async function listAll(
  client: Client,
  options: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<Listed[]> {
  const all = new Map<string, Listed>();
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    if (seen.size === MCP_PAGES) throw new Error(`its list of tools does not end within ${MCP_PAGES} pages`);
    if (cursor !== undefined) seen.add(cursor);
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, options);
    for (const tool of page.tools) if (!all.has(tool.name)) all.set(tool.name, tool);
    if (all.size > MCP_TOOLS) throw new Error(`it lists more than ${MCP_TOOLS} tools`);
    cursor = page.nextCursor;
  } while (cursor !== undefined && !seen.has(cursor));
  return [...all.values()];
}

function toolOf(
  client: Client,
  { name, description, inputSchema, annotations }: Listed,
  server: string,
  timeout: number,
): McpTool {
  return {
    description,
    inputSchema: { ...inputSchema },
    readOnly: annotations?.readOnlyHint === true,
    async execute(input, { abortSignal, inputText }) {
      const whole = inputText ? parseToWrite(inputText) : input; // the server is sent every number as the model wrote it
      const given = { name, arguments: (whole ?? {}) as { [key: string]: unknown } };
      const result = await client.callTool(given, undefined, { signal: abortSignal, timeout });
      if (result.isError) throw new Error(textsOf(result as Result) || `${name} failed and does not say why`);
      return result;
    },
    toModelOutput({ output }) {
      const result = output as Result;
      const texts = textsOf(result);
      const { content = [] } = result;
      if (content.every(({ type }) => type === 'text'))
        return texts === '' && result.structuredContent !== undefined
          ? { type: 'json', value: result.structuredContent }
          : { type: 'text', value: texts };
      // Images, sounds and resources keep their form: whether a model takes them is between it and its back end.
      return { type: 'content', value: content.map((part) => toPart(part, server)) };
    },
  };
}

interface Result {
  readonly content?: readonly Part[];
  readonly structuredContent?: unknown;
}
interface Part {
  readonly type: string;
  readonly text?: unknown;
  readonly data?: unknown;
  readonly mimeType?: unknown;
}

function textsOf({ content = [] }: Result): string {
  return content.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : [])).join('\n');
}

function toPart(part: Part, server: string): object {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if ((part.type === 'image' || part.type === 'audio') && typeof part.data === 'string')
    return { type: 'file', mediaType: String(part.mimeType), data: { type: 'data', data: part.data } };
  if (part.type === 'resource' || part.type === 'resource_link') return { type: 'text', text: JSON.stringify(part) };
  throw new MalformedReply({ url: server, why: 'content of an unknown type', body: part.type });
}

/** A name that a formula can hold. */
function identifier(name: string): string {
  return name.replaceAll(/\W+/g, '_').replace(/^(?=\d)/, '_') || 'mcp';
}
