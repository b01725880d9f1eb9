/** The official SDK of the Model Context Protocol, an optional peer that is loaded once a server is asked for. */
import type * as ServerModule from '@modelcontextprotocol/sdk/server/index.js';
import type * as StdioModule from '@modelcontextprotocol/sdk/server/stdio.js';
import type * as HttpModule from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type * as TypesModule from '@modelcontextprotocol/sdk/types.js';
import { McpMissing } from '../../models/index.ts';

export type Sdk = Awaited<ReturnType<typeof loaded>>;
export type McpServer = InstanceType<Sdk['Server']>;

let sdk: Promise<Sdk> | undefined;

/** Throws McpMissing where it is not installed. */
export const importSdk = (): Promise<Sdk> => (sdk ??= loaded());

async function loaded() {
  try {
    const [{ Server }, { StdioServerTransport }, { WebStandardStreamableHTTPServerTransport }, types] =
      await Promise.all([
        load<typeof ServerModule>('server/index'),
        load<typeof StdioModule>('server/stdio'),
        load<typeof HttpModule>('server/webStandardStreamableHttp'),
        load<typeof TypesModule>('types'),
      ]);
    const { CallToolRequestSchema, ListToolsRequestSchema } = types;
    return {
      Server,
      StdioServerTransport,
      HttpTransport: WebStandardStreamableHTTPServerTransport,
      CallToolRequestSchema,
      ListToolsRequestSchema,
    };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw new McpMissing();
    throw error;
  }
}

/** Loads a part of it by a name that bundlers do not follow: it may not be installed. */
async function load<Module>(part: string): Promise<Module> {
  const name = `@modelcontextprotocol/sdk/${part}.js`;
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module;
}
