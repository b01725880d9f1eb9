/** `plusx store`: what a store holds, moved, cleared of what is old, and of what one end user left. */
import { access } from 'node:fs/promises';
import type { Removed } from '../../store/index.ts';
import { STORE } from '../compose/answered.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { count, plural, table } from '../terminal/text.ts';
import { isAddress, shownStore } from '../open-store.ts';

export interface StoreOptions {
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}
export interface GcOptions extends StoreOptions {
  /** Ages in days. */
  readonly journal?: number | undefined;
  readonly traces?: number | undefined;
  readonly runs?: number | undefined;
}
export interface EraseOptions extends StoreOptions {
  readonly user?: string | undefined;
  readonly key?: string | undefined;
  readonly journal?: true | undefined;
}

export async function copyBetween(from: string, to: string, { json }: { readonly json?: true }, terminal: Terminal) {
  await there(from);
  const { copyStore } = await import('../../store/index.ts');
  const { err, out } = terminal;
  const copied = await copyStore(from, to, {
    onProgress: (name, rows) => {
      if (err.isTerminal) err.write(`\r\u001B[2K${err.paint('dim', `${name}: ${count(rows)}`)}`);
    },
  });
  if (err.isTerminal) err.write('\r\u001B[2K');
  if (json) writeJson(terminal, copied);
  else out.write(`${listed(copied)}\nAll of ${shownStore(from)} is in ${shownStore(to)}.\n`);
  return EXIT.good;
}

export async function diskUsage({ store = STORE, json }: StoreOptions, terminal: Terminal): Promise<number> {
  await there(store);
  const { usageOf } = await import('../../store/index.ts');
  const usage = await usageOf(store);
  if (json) writeJson(terminal, usage);
  else {
    const rows = Object.entries(usage).map(([name, { rows: many, bytes }]) => [name, count(many), megabytes(bytes)]);
    const all = Object.values(usage).reduce((sum, { bytes }) => sum + bytes, 0);
    const columns = ['table', 'rows', 'on disk'].map((title, i) => ({
      title,
      align: i > 0 ? ('right' as const) : ('left' as const),
    }));
    terminal.out.write(
      `${table(columns, [...rows, ['together', '', megabytes(all)]], (head) => terminal.out.paint('dim', head))}\n`,
    );
  }
  return EXIT.good;
}

export async function collect({ store = STORE, json, ...ages }: GcOptions, terminal: Terminal): Promise<number> {
  const given = Object.entries(ages).filter(([, days]) => days !== undefined);
  if (given.length === 0)
    throw new UsageError('Say what is old: --journal, --traces and --runs each take an age, as in --traces 30d.');
  await there(store);
  const before = (days: number | undefined): string | undefined =>
    days === undefined ? undefined : new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');
  const { removeOld } = await import('../../store/index.ts');
  const removed = await removeOld(store, {
    journal: before(ages.journal),
    traces: before(ages.traces),
    runs: before(ages.runs),
  });
  return said(removed, json, terminal);
}

export async function eraseOf(
  { store = STORE, json, user, key, journal }: EraseOptions,
  terminal: Terminal,
): Promise<number> {
  if (user === undefined && key === undefined)
    throw new UsageError('Say whose: --user NAME of an end user, or --key ID of a key of the server.');
  await there(store);
  const { erase } = await import('../../store/index.ts');
  const removed = await erase(store, { user, key, journal });
  const status = said(removed, json, terminal);
  if (!json && !journal)
    terminal.err.write(
      'Replies in the journal are kept by what was asked and not by whom: --journal deletes them all.\n',
    );
  return status;
}

const DAY_MS = 86_400_000;

/** A store is looked at where there is one, and not made. */
async function there(name: string): Promise<void> {
  if (isAddress(name)) return;
  await access(name).catch(() => {
    throw new UsageError(`There is no store ${name}. Name it with --store.`);
  });
}

function said(removed: Removed, json: true | undefined, terminal: Terminal): number {
  if (json) writeJson(terminal, removed);
  else terminal.out.write(`${listed(removed) || 'There was nothing to remove.'}\n`);
  return EXIT.good;
}

const listed = (rows: Removed): string =>
  Object.entries(rows)
    .filter(([, many]) => many > 0)
    .map(([name, many]) => `${name}: ${plural(many, 'row')}`)
    .join('\n');

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 0)} MB`;
