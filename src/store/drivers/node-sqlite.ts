/** Loads `node:sqlite` when a store is first opened, without the one warning that says it is young. */
import type * as Sqlite from 'node:sqlite';
import { StoreError } from '../../core/index.ts';

export function loadSqlite(file: string): typeof Sqlite {
  const emit = process.emitWarning;
  // Nothing else runs in between: loading a built-in module is synchronous.
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).startsWith('SQLite')) return;
    Reflect.apply(emit, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite') ?? missing(file);
  } finally {
    process.emitWarning = emit;
  }
}

function missing(file: string): never {
  throw new StoreError({
    file,
    problem: `Node ${process.versions.node} has no SQLite`,
    hint: 'Use Node 22.18 or later',
  });
}
