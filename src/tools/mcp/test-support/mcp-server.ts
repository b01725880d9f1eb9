/** A small MCP server: over standard input and output when it is run, over HTTP where a test asks for it. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const NUMBERS = {
  type: 'object',
  properties: { a: { type: 'number' }, b: { type: 'number' } },
  required: ['a', 'b'],
} as const;
const NOTHING = { type: 'object', properties: {} } as const;
const text = (value: string) => ({ type: 'text' as const, text: value });

function abacus(): Server {
  const server = new Server({ name: 'small abacus', version: '1' }, { capabilities: { tools: {} } });
  // Two pages, so that a client that reads the first only misses something.
  server.setRequestHandler(ListToolsRequestSchema, async ({ params }) =>
    params?.cursor === 'more'
      ? { tools: ['fail', 'picture', 'forever', 'pid'].map((name) => ({ name, inputSchema: NOTHING })) }
      : {
          tools: [
            { name: 'add', description: 'adds two numbers', inputSchema: NUMBERS, annotations: { readOnlyHint: true } },
          ],
          nextCursor: 'more',
        },
  );
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) => {
    switch (name) {
      case 'add':
        return { content: [text(String(Number(given['a']) + Number(given['b'])))] };
      case 'picture':
        return { content: [text('a dot'), { type: 'image', data: 'AAAA', mimeType: 'image/png' }] };
      case 'pid':
        return { content: [], structuredContent: { pid: process.pid } };
      case 'forever':
        return new Promise<never>(() => {});
      default:
        return { content: [text('the beads are stuck')], isError: true };
    }
  });
  return server;
}

/** On loopback, without sessions: each request has a server of its own. Notes the headers it was sent. */
export async function serveHttp(seen: (string | undefined)[]): Promise<{ url: string; http: HttpServer }> {
  const http = createServer((request, response) => {
    seen.push(request.headers.authorization);
    void (async () => {
      const transport = new StreamableHTTPServerTransport({});
      const server = abacus();
      response.on('close', () => void server.close());
      await server.connect(transport);
      await transport.handleRequest(request, response);
    })();
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`, http };
}

if (process.argv[2] === '--stdio') await abacus().connect(new StdioServerTransport());
