/** `plusx mcp`: the models that the configuration names, as tools of the Model Context Protocol. */
import { handler, keysIn, mcpReady, overStdio, ownHost } from '../../serve/index.ts';
import { openHost } from '../compose/host.ts';
import { UsageError } from '../failure.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';
import { modelsOf } from '../serving/models.ts';
import { openServeStore, serveModels, type ServeVerbOptions } from './serve.ts';

export interface McpVerbOptions extends Omit<ServeVerbOptions, 'mcp'> {
  /** Listens for requests, instead of reading its standard input. */
  readonly http?: true | undefined;
}

/** Where a program that starts us over its pipes puts the key on whose account it asks. */
const KEY = 'PLUSX_MCP_KEY';

export async function offerTools(options: McpVerbOptions, terminal: Terminal): Promise<number> {
  const { env, signal, loaded } = terminal;
  if (Object.keys(loaded?.config.models ?? {}).length === 0)
    throw new UsageError(
      'The configuration names no models to offer. Write them in plusx.config.json: {"models": {"careful": "plusx:tiny + selfConsistency(n=5)"}}.',
    );
  await mcpReady();
  if (options.http) return serveModels({ ...options, mcp: true }, terminal);
  const store = await openServeStore(options.store);
  const { host, close: closeHost } = await openHost({ memory: options.memory });
  try {
    const hasKeys = store !== undefined && (await store.keys.list()).length > 0;
    if (hasKeys && !env[KEY])
      throw new UsageError(`This server has keys. Put one into the variable ${KEY}, or name another --store.`);
    const { named, ...models } = await modelsOf(terminal);
    const handle = handler({
      ...models,
      hostFor: ({ key }) => ownHost(host, key),
      store,
      ...(hasKeys && { keys: await keysIn(store) }),
    });
    await overStdio({
      handle,
      models: named,
      key: hasKeys ? env[KEY] : undefined,
      signal,
      input: process.stdin,
      output: process.stdout,
    });
    return EXIT.good;
  } finally {
    await closeHost();
    await store?.close();
  }
}
