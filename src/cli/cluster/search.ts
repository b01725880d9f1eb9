/** A search whose items workers do: they make the compositions of its space themselves, and are told which of them are asked. */
import { createHash } from 'node:crypto';
import { decodeJson, encodeJson, NO_USAGE, textOf, type Journal, type Limits, type Model } from '../../core/index.ts';
import { parseSpace, type Chapter } from '../../compile/index.ts';
import { partsOfSearch, type SearchParts } from '../../compile/search/elsewhere.ts';
import type { Task } from '../../tasks/index.ts';
import { openSpace } from '../measure/space.ts';
import { compose, type Composed } from '../compose/compose.ts';
import { loadJudgedTask, type TaskOptions } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What makes the compositions of a search. */
export interface SearchSpec {
  /** The text by which models were opened, and the space that is searched: a diagnosis may have left choices out of it. */
  readonly opened: string;
  readonly space: string;
  readonly limit?: number | undefined;
  readonly perQuestion?: Limits | undefined;
  readonly arms?: number | undefined;
  readonly budget: Limits;
  /** The model that writes new wordings: in the words of the command line, and as the coordinator reads them. */
  readonly reflect?: { readonly model: string; readonly name: string } | undefined;
  /** The compositions, as the coordinator makes them. */
  readonly names: readonly string[];
}

export interface OpenedSearch {
  readonly task: Task;
  readonly base: Model;
  readonly reflect: Model | undefined;
  readonly partsOf: SearchParts['partsOf'];
}

/** The search as this machine has it. Throws where it is not that of the coordinator. */
export async function openSearch(
  { opened, space, limit, perQuestion, arms, budget, reflect: writer, names }: SearchSpec,
  { task: address, seed, ...given }: TaskOptions & { readonly task: string },
  terminal: Terminal,
): Promise<OpenedSearch> {
  const { task: whole, options } = await loadJudgedTask(address, given, terminal);
  const { scope, base } = await openSpace(opened, options, terminal, { fallback: whole.model });
  const task = partOf(whole, limit);
  const reflect = await openReflecting(writer?.model, options, terminal);
  if (reflect?.model.name !== writer?.name)
    throw new UsageError(
      `Here the model of --reflect is ${reflect?.model.name}, and the run is of ${writer?.name}. Use the same configuration and files.`,
    );
  const told = { model: base, budget, perQuestion, arms, seed, reflect: reflect?.model };
  const search = partsOfSearch(parseSpace(space, scope), task, told);
  const other = search.names.find((name, i) => name !== names[i]);
  if (other !== undefined || search.names.length !== names.length)
    throw new UsageError(
      `Here the space of ${address} has other compositions (${other ?? `${search.names.length} of them`}) than where the run was begun. Use the same version, configuration and files.`,
    );
  return { task, base, reflect: reflect?.model, partsOf: search.partsOf };
}

/** The model that writes new wordings, where one is named. */
export async function openReflecting(
  model: string | undefined,
  { price, prices, import: files }: TaskOptions,
  terminal: Terminal,
): Promise<Composed | undefined> {
  if (model === undefined) return undefined;
  return compose({ model, price, prices, import: files }, terminal, { mayFetch: false });
}

/** The first items of a task. */
export const partOf = (task: Task, limit: number | undefined): Task =>
  limit === undefined ? task : { ...task, items: task.items.slice(0, limit) };

/** Keeps what workers are told of a round in the journal that they share, and resolves to what it is called. */
export async function keepChapter(journal: Journal, chapter: Chapter): Promise<string> {
  const text = encodeJson(chapter);
  const name = createHash('sha256').update(text).digest('hex');
  await journal.put(keyOf(name), {
    candidate: { content: [{ type: 'text', text }], finish: { unified: 'stop', raw: undefined } },
    usage: NO_USAGE,
    beside: true,
  });
  return name;
}

export async function readChapter(journal: Journal, name: string): Promise<Chapter> {
  const entry = await journal.get(keyOf(name));
  if (!entry) throw new UsageError('The journal was cleared while a search went on. Run its command again.');
  return decodeJson(textOf(entry.candidate.content)) as Chapter;
}

const keyOf = (name: string): string => `what workers are told of a search\n${name}`;
