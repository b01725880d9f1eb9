/** What of the machine one key may use: its notes are its own. */
import type { Host, Memory } from '../../core/index.ts';

/** The host, with a memory in which every namespace lies below the key. Without keys it is the host as it is. */
export function ownHost(host: Host, key: string | undefined): Host {
  return key === undefined || !host.memory ? host : { ...host, memory: below(host.memory, `key ${key}/`) };
}

function below(memory: Memory, prefix: string): Memory {
  const { name } = memory;
  return {
    name,
    put: (namespace, notes, context) => memory.put(prefix + namespace, notes, context),
    search: (namespace, query, limit, context) => memory.search(prefix + namespace, query, limit, context),
    list: (namespace, ids) => memory.list(prefix + namespace, ids),
    namespaces: async () =>
      (await memory.namespaces()).flatMap((one) => (one.startsWith(prefix) ? [one.slice(prefix.length)] : [])),
    remove: (namespace, ids) => memory.remove(prefix + namespace, ids),
  };
}
