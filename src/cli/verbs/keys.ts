/** `plusx keys`: who may ask the server, for what, and how much. */
import type { Limits } from '../../core/index.ts';
import type { Permissions } from '../../serve/index.ts';
import type { Spending, Store, StoredKey } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { oneLine, padEnd, width } from '../terminal/text.ts';
import { openStoreAt } from '../store/open.ts';

/** Where keys and accounts are kept unless another file is named. */
export const SERVE_STORE = '.plusx/serve.db';

export interface KeysOptions {
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}

export interface AddKeyOptions extends KeysOptions {
  readonly models?: string | undefined;
  readonly techniques?: string | undefined;
  readonly day?: Limits | undefined;
  readonly month?: Limits | undefined;
  readonly request?: Limits | undefined;
  readonly perMinute?: number | undefined;
  readonly inFlight?: number | undefined;
  readonly metrics?: true | undefined;
}

export function addKey(name: string, options: AddKeyOptions, terminal: Terminal): Promise<number> {
  const may: Permissions = {
    // A key for the metrics asks no model, unless it is said which.
    models: options.models === undefined && options.metrics ? [] : names(options.models),
    techniques: names(options.techniques),
    day: spending('day', options.day),
    month: spending('month', options.month),
    request: spending('request', options.request),
    requestsPerMinute: options.perMinute,
    inFlight: options.inFlight,
    metrics: options.metrics,
  };
  return withStore(options, async (store) => {
    const { key, ...made } = await store.keys.add(name, may);
    if (options.json) writeJson(terminal, { ...made, key });
    else {
      terminal.out.write(`${key}\n`);
      terminal.err.write('This is the only time that it is shown. Send it as `Authorization: Bearer KEY`.\n');
    }
  });
}

export function listKeys(options: KeysOptions, terminal: Terminal): Promise<number> {
  return withStore(options, async (store) => {
    const keys = await store.keys.list();
    const at = Date.now();
    const all = await Promise.all(
      keys.map(async (one) => ({ ...one, spent: await store.accounts.standing(one.id, at) })),
    );
    if (options.json) return writeJson(terminal, all);
    if (all.length === 0) terminal.err.write('There are no keys. `plusx keys add NAME` makes one.\n');
    const longest = Math.max(0, ...all.map(({ name }) => width(oneLine(name))));
    for (const { id, name, revoked, created, spent } of all) {
      const state = revoked ? terminal.out.paint('red', 'revoked') : today(spent.day);
      terminal.out.write(`${id}  ${padEnd(oneLine(name), longest)}  ${created}  ${state}\n`);
    }
  });
}

export function revokeKey(id: string, options: KeysOptions, terminal: Terminal): Promise<number> {
  return withStore(options, async (store) => {
    const found: StoredKey | undefined = (await store.keys.list()).find((one) => one.id === id || one.name === id);
    if (!found) throw new UsageError(`There is no key ${JSON.stringify(id)}. \`plusx keys list\` shows them.`);
    await store.keys.revoke(found.id);
    if (options.json) writeJson(terminal, { ...found, revoked: true });
    else terminal.err.write(`${found.id} (${oneLine(found.name)}) lets nobody in any more.\n`);
  });
}

const today = ({ calls, tokens, usd }: Spending): string =>
  `today: ${Math.round(calls)} calls, ${Math.round(tokens)} tokens, $${Number(usd.toPrecision(6))}`;

async function withStore(
  { store: file = SERVE_STORE }: KeysOptions,
  work: (store: Store) => Promise<void>,
): Promise<number> {
  const store = await openStoreAt(file, { makesFolder: true });
  try {
    await work(store);
    return EXIT.good;
  } finally {
    await store.close();
  }
}

const names = (text: string | undefined): readonly string[] | undefined => text?.split(',').map((one) => one.trim());

function spending(option: string, limits: Limits | undefined): Partial<Spending> | undefined {
  if (limits?.ms !== undefined) throw new UsageError(`--${option} limits calls, tokens and usd, not ms.`);
  const given = Object.entries(limits ?? {}).filter(([, most]) => most !== undefined);
  return limits && Object.fromEntries(given);
}
