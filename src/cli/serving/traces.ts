/** `plusx traces`: how the answers of a server came about. */
import type { Store } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import { saidIn } from '../terminal/said.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';
import { traceTree } from '../terminal/tree.ts';
import { SERVE_STORE } from '../verbs/keys.ts';
import { withStoreAt } from '../store/open.ts';

export interface TracesOptions {
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}

export interface ListTracesOptions extends TracesOptions {
  readonly limit?: number | undefined;
}

export interface ShowTraceOptions extends TracesOptions {
  readonly show?: 'prompts' | undefined;
}

export function listTraces({ limit = 20, json, ...options }: ListTracesOptions, terminal: Terminal): Promise<number> {
  const { out } = terminal;
  return withServeStore(options.store, async (store, file) => {
    const found = await store.traces.list({ most: limit });
    if (json) return writeJson(terminal, found);
    if (found.length === 0) out.write(`${file} has no traces. plusx serve --store FILE keeps them.\n`);
    const names = await namesOfKeys(store);
    for (const { id, owner, created } of found)
      out.write(`${id}  ${created}  ${owner === undefined ? '' : oneLine(names.get(owner) ?? owner)}`.trimEnd() + '\n');
  });
}

export function showTrace(
  named: string,
  { json, show, ...options }: ShowTraceOptions,
  terminal: Terminal,
): Promise<number> {
  const { out } = terminal;
  const id = generationIn(named);
  return withServeStore(options.store, async (store, file) => {
    const [trace, of] = await Promise.all([store.traces.get(id), store.traces.of(id)]);
    if (!trace || !of)
      throw new UsageError(`${file} has no trace ${JSON.stringify(id)}. plusx traces list shows those that there are.`);
    if (json) return writeJson(terminal, { ...of, trace: trace.root });
    const { root } = trace;
    const names = await namesOfKeys(store);
    const whose = of.owner === undefined ? [] : [oneLine(names.get(of.owner) ?? of.owner)];
    const formula = root.facts?.['formula'];
    const head = [id, of.created, ...whose, ...(typeof formula === 'string' ? [oneLine(formula)] : [])].join('  ');
    out.write(`${out.paint('bold', head)}\n${traceTree(root, out)}\n`);
    if (show) out.write(`\n${saidIn(root, out)}\n`);
  });
}

/** The generation that an id of a reply names: `chatcmpl-ID`, `resp_ID`, or the id itself. */
export const generationIn = (id: string): string => id.replace(/^(?:chatcmpl-|resp_)/, '');

async function namesOfKeys({ keys }: Store): Promise<ReadonlyMap<string, string>> {
  return new Map((await keys.list()).map(({ id, name }) => [id, name]));
}

/** Work with the store of a server. */
export async function withServeStore(
  file: string = SERVE_STORE,
  work: (store: Store, file: string) => Promise<void>,
): Promise<number> {
  const missing = (): Error => new UsageError(`There is no store ${file}. Name the one of plusx serve with --store.`);
  await withStoreAt(file, missing, (store) => work(store, store.file));
  return EXIT.good;
}
