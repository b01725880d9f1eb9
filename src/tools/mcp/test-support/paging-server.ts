/** An MCP server that lists its tools in the way that its first argument names. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { setTimeout as after } from 'node:timers/promises';

const page = (names: readonly string[], nextCursor?: string) => ({
  tools: names.map((name) => ({ name, inputSchema: { type: 'object' as const } })),
  ...(nextCursor !== undefined && { nextCursor }),
});
const SLOW_MS = 400;
let pages = 0;

const LISTS: { readonly [how: string]: (cursor: string | undefined) => object | Promise<object> } = {
  'one page': () => page(['a']),
  'two pages': (cursor) => (cursor === undefined ? page(['a'], '2') : page(['b'])),
  'an empty cursor once': (cursor) => (cursor === undefined ? page(['a'], '') : page(['b'])),
  'an empty cursor for ever': () => page(['a'], ''),
  'the same cursor for ever': () => page(['a'], '2'),
  'two cursors in turn': (cursor) => (cursor === '2' ? page(['b'], '1') : page(['a'], '2')),
  'a tool twice': () => page(['a', 'a']),
  'a new cursor for ever': () => page(['a'], String(++pages)),
  'a flood of tools': () =>
    page(
      Array.from({ length: 400 }, (_, i) => `${pages}-${i}`),
      String(++pages),
    ),
  'a page that never comes': () => new Promise<object>(() => {}),
  'pages that come slowly for ever': () => after(SLOW_MS).then(() => page(['a'], String(++pages))),
};

const server = new Server({ name: 'pages', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, async ({ params }) =>
  (LISTS[process.argv[2] ?? ''] as (cursor: string | undefined) => ReturnType<typeof page>)(params?.cursor),
);
await server.connect(new StdioServerTransport());
