/** `plusx memory`: what is remembered, written, looked up and deleted by hand, and documents put where `rag` finds them. */
import type { Found, Note } from '../../core/index.ts';
import { namespaceOf } from '../../remember/index.ts';
import { noteId } from '../../remember/shared/notes.ts';
import type { Store, StoredMemory } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { harmless, oneLine, plural, wrap } from '../terminal/text.ts';
import { isAddress, openStoreAt } from '../store/open.ts';

export interface MemoryVerbOptions {
  readonly memory?: string | undefined;
  readonly namespace?: string | undefined;
  readonly user?: string | undefined;
  readonly json?: true | undefined;
}
export interface AddOptions extends MemoryVerbOptions {
  readonly feedback?: string | undefined;
  readonly answer?: string | undefined;
}
export interface SearchOptions extends MemoryVerbOptions {
  readonly limit?: number | undefined;
}
export interface RemoveOptions extends MemoryVerbOptions {
  readonly all?: true | undefined;
  readonly recorded?: true | undefined;
}
export interface IndexOptions extends MemoryVerbOptions {
  readonly size?: number | undefined;
}

export const MEMORY = '.plusx/memory.db';

/** Opens the memory for one verb, with what else its file holds. */
async function withMemory(
  { memory: file = MEMORY }: MemoryVerbOptions,
  work: (memory: StoredMemory, store: Store) => Promise<void>,
): Promise<number> {
  const store = await openStoreAt(file, { makesFolder: file === MEMORY });
  try {
    await work(store.memory, store);
  } finally {
    await store.close();
  }
  return EXIT.good;
}

export async function addNote(text: string, options: AddOptions, terminal: Terminal): Promise<number> {
  const { feedback, answer, json } = options;
  if (text.trim() === '') throw new UsageError('The note is empty. Write it in quotes after `plusx memory add`.');
  const namespace = namespaceOf(options);
  const data = { ...(feedback !== undefined && { feedback }), ...(answer !== undefined && { answer }) };
  const id = noteId(text, ...Object.values(data));
  return withMemory(options, async (memory) => {
    await memory.put(namespace, [{ id, text, ...(Object.keys(data).length > 0 && { data }) }]);
    if (json) writeJson(terminal, { namespace, id });
    else terminal.out.write(`${id}\n`);
  });
}

export async function listNotes(options: MemoryVerbOptions, terminal: Terminal): Promise<number> {
  const namespace = namespaceOf(options);
  return withMemory(options, async (memory) => {
    const notes = await memory.list(namespace);
    if (options.json) writeJson(terminal, { namespace, notes, namespaces: await memory.namespaces() });
    else writeNotes(notes, namespace, terminal);
  });
}

export async function searchNotes(query: string, options: SearchOptions, terminal: Terminal): Promise<number> {
  const namespace = namespaceOf(options);
  return withMemory(options, async (memory) => {
    const notes = await memory.search(namespace, query, options.limit ?? 5);
    if (options.json) writeJson(terminal, { namespace, query, notes });
    else writeNotes(notes, namespace, terminal);
  });
}

export async function removeNotes(ids: readonly string[], options: RemoveOptions, terminal: Terminal): Promise<number> {
  const { all, recorded, user, namespace, json } = options;
  if (ids.length > 0 ? all === true : all === undefined && recorded === undefined)
    throw new UsageError('Name the notes to remove by id (`plusx memory list` shows them), or say --all.');
  const named = namespaceOf(options);
  /** With --all: every namespace of the user, or the one named, and what techniques keep beside it. */
  const isMeant = (name: string): boolean => {
    const at = name.lastIndexOf('@');
    const [space] = name.slice(at + 1).split('#');
    const ofUser = user === undefined ? at === -1 : at !== -1 && name.slice(0, at) === user;
    return ofUser && (namespace === undefined ? user !== undefined || space === 'default' : space === namespace);
  };
  return withMemory(options, async (memory, store) => {
    const known = new Set((await memory.list(named, ids)).map(({ id }) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw new UsageError(
        `There is no note ${unknown.join(', ')} in ${named}, so nothing was removed. \`plusx memory list\` shows the ids.`,
      );
    const places = all ? (await memory.namespaces()).filter(isMeant) : ids.length > 0 ? [named] : [];
    let removed = 0;
    for (const place of places) removed += await memory.remove(place, all ? undefined : ids);
    if (recorded) await store.clear();
    if (json) return writeJson(terminal, { namespaces: places, removed, ...(recorded && { recorded: 'removed' }) });
    const lines = [
      ...(ids.length > 0 || all ? [removalOf(removed, store.file)] : []),
      ...(recorded
        ? [`The recorded calls, runs and traces were removed from ${store.file}.`]
        : await whatQuotes(store, removed)),
    ];
    terminal.out.write(`${lines.join('\n')}\n`);
  });
}

const removalOf = (removed: number, file: string): string =>
  removed === 0
    ? 'There was no note to remove.'
    : `${plural(removed, 'note')} removed. Nothing of ${removed === 1 ? 'it' : 'them'} is left among the notes of ${file}${isAddress(file) ? ' or in their index; logs and backups of the server are its own.' : ', in their index or in the log.'}`;

/** A file that is a store as well may have recorded calls whose replies quote a note. */
async function whatQuotes({ file, journal, runs, traces }: Store, removed: number): Promise<string[]> {
  if (removed === 0) return [];
  const counts = [
    plural(await journal.count(), 'recorded call'),
    plural((await runs.list()).length, 'run'),
    plural((await traces.list()).length, 'trace'),
  ].filter((count) => !count.startsWith('0 '));
  if (counts.length === 0) return [];
  return [
    `The file also has ${counts.join(', ')}, which may quote what was removed. \`plusx memory remove --recorded --memory ${file}\` deletes them.`,
  ];
}

/** After a change of how texts are indexed. */
export async function reindexNotes(options: MemoryVerbOptions, terminal: Terminal): Promise<number> {
  return withMemory(options, async (memory) => {
    const reindexed = await memory.reindex();
    if (options.json) writeJson(terminal, { reindexed });
    else terminal.out.write(`${plural(reindexed, 'note')} indexed anew.\n`);
  });
}

export async function indexFiles(files: readonly string[], options: IndexOptions, terminal: Terminal): Promise<number> {
  const { indexDocuments } = await import('../../store/index.ts');
  const namespace = namespaceOf(options);
  return withMemory(options, async (memory) => {
    const pieces = await indexDocuments(memory, namespace, files, { size: options.size });
    if (options.json) writeJson(terminal, { namespace, files, pieces });
    else terminal.out.write(`${plural(files.length, 'file')} in ${plural(pieces, 'piece')} in ${namespace}.\n`);
  });
}

function writeNotes(notes: ReadonlyArray<Note | Found>, namespace: string, { out, err }: Terminal): void {
  if (notes.length === 0) err.write(`Nothing in ${oneLine(namespace)}.\n`);
  for (const { id, text, data } of notes) {
    const facts = Object.entries(data ?? {}).map(
      ([name, value]) => `${name}: ${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
    const lines = [...text.split('\n'), ...facts].map((line) => wrap(harmless(line), out.columns - 3));
    out.write(`${out.paint('cyan', oneLine(id))}\n  ${lines.join('\n').replaceAll('\n', '\n  ')}\n`);
  }
}
