/** `plusx memory`: what is remembered, written, looked up and deleted by hand, and documents put where `rag` finds them. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Found, Note } from '../../core/index.ts';
import { namespaceOf } from '../../remember/index.ts';
import { noteId } from '../../remember/shared/notes.ts';
import type { OpenMemory } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { harmless, oneLine, plural, wrap } from '../terminal/text.ts';

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
}
export interface IndexOptions extends MemoryVerbOptions {
  readonly size?: number | undefined;
}

const FILE = '.plusx/memory.db';

/** Opens the memory for one verb. */
async function withMemory(
  { memory: file = FILE }: MemoryVerbOptions,
  work: (memory: OpenMemory) => Promise<void>,
): Promise<number> {
  const { openMemory } = await import('../../store/index.ts');
  if (file === FILE) await mkdir(dirname(file), { recursive: true });
  const memory = openMemory({ file });
  try {
    await work(memory);
  } finally {
    await memory.close();
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
  const { all, user, namespace, json } = options;
  if (ids.length > 0 === (all === true))
    throw new UsageError('Name the notes to remove by id (`plusx memory list` shows them), or say --all.');
  const named = namespaceOf(options);
  /** With --all: every namespace of the user, or the one named, and what techniques keep beside it. */
  const isMeant = (name: string): boolean => {
    const at = name.lastIndexOf('@');
    const [space] = name.slice(at + 1).split('#');
    const ofUser = user === undefined ? at === -1 : at !== -1 && name.slice(0, at) === user;
    return ofUser && (namespace === undefined ? user !== undefined || space === 'default' : space === namespace);
  };
  return withMemory(options, async (memory) => {
    const places = all ? (await memory.namespaces()).filter(isMeant) : [named];
    let removed = 0;
    for (const place of places) removed += await memory.remove(place, all ? undefined : ids);
    if (json) writeJson(terminal, { namespaces: places, removed });
    else terminal.out.write(`${plural(removed, 'note')} removed, and nothing of it is left in the file.\n`);
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
