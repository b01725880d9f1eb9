/** Tools of the MCP servers that `--mcp` names: a formula calls them `mcp`, as in `react(tools=mcp)`. */
import type { McpTools } from '../../tools/mcp/index.ts';
import { UsageError } from '../failure.ts';

/** Runs `work` with the tools open, under the names that a formula may use. The signal stops the servers from starting. */
export async function withTools<T>(
  servers: readonly string[] | undefined,
  signal: AbortSignal,
  work: (functions: { readonly [name: string]: unknown }) => Promise<T>,
): Promise<T> {
  if (!servers || servers.length === 0) return work({});
  const { mcpTools } = await import('../../tools/mcp/index.ts');
  const opened: McpTools[] = [];
  try {
    for (const server of servers) opened.push(await mcpTools({ ...serverOf(server), signal }));
    return await work({ mcp: { name: 'mcp', tools: joined(opened) } });
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
}

/** An address, or a program with its arguments: quotes keep what has blanks together, and no shell reads it. */
function serverOf(text: string) {
  if (/^https?:\/\//.test(text)) return { url: text };
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  const [command, ...args] = words;
  if (!command)
    throw new UsageError('--mcp is empty. Give the command that starts an MCP server, or its http address.');
  return { command, args };
}

function joined(boxes: readonly McpTools[]): McpTools['tools'] {
  const all = new Map<string, McpTools['tools'][string]>();
  for (const { name: server, tools } of boxes)
    for (const [name, tool] of Object.entries(tools)) {
      if (all.has(name))
        throw new UsageError(
          `Two MCP servers have a tool named ${name} (one of them is ${server}). Name one of them only.`,
        );
      all.set(name, tool);
    }
  return Object.fromEntries(all);
}
