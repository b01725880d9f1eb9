/** Tasks that the configuration names: a file, and how it is read and graded. */
import type { LoadedConfig } from '../../config/load.ts';
import type { Task } from '../../tasks/index.ts';

interface NamedTask {
  readonly address: string;
  /** What the configuration says of it, by the names of options. */
  readonly options: { readonly [option: string]: string | undefined };
  /** The task itself, where the configuration made it. */
  readonly task?: Task | undefined;
}

/** What a name of the configuration stands for; any other address stands for itself. */
export function namedTask(address: string, loaded: LoadedConfig | undefined): NamedTask {
  const { tasks = {} } = loaded?.config ?? {};
  const found = Object.hasOwn(tasks, address) ? tasks[address] : undefined;
  if (found === undefined) return { address, options: {} };
  if (typeof found === 'string') return { address: found, options: {} };
  if (!('file' in found)) return { address, options: {}, task: found };
  const { file, mapping = {}, metric, judge, group, tags } = found;
  const { input: inputField, expected: expectedField, id: idField } = mapping;
  return { address: file, options: { metric, judge, group, tags, inputField, expectedField, idField } };
}
