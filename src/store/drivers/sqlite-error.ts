/** Says in one line what went wrong in SQLite and what to do about it. */
import { StoreError } from '../../core/index.ts';

const BUSY = 5;
const LOCKED = 6;

/** The primary SQLite result code of an error, if it has one. */
function codeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

/** Whether another connection holds the database, and waiting may help. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === BUSY || code === LOCKED;
}

const KEPT = 'Everything stored before is kept';
const CAUSES: { readonly [code: number]: readonly [problem: string, hint: string] } = {
  8: ['it cannot be written to', 'Check the permissions of the file and its folder, or name another file'],
  10: ['reading or writing the disk failed', `${KEPT}. Check the disk and its free space`],
  11: ['the file is damaged', 'Restore it from a copy, or move it away and start a new one'],
  13: ['the disk (or the size allowed) is full', `${KEPT}. Free some space and run again`],
  14: ['it cannot be opened', 'Check that the folder exists and may be written to'],
  18: ['the entry is too large for the database', 'Store large files elsewhere and keep their address'],
  26: ['this is no database', 'Name another file, or move this one away'],
};

export function toStoreError(file: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const why = error instanceof Error ? error.message : String(error);
  const [problem, hint] = (code === undefined ? undefined : CAUSES[code]) ?? [
    'the database refused',
    'Check the file, or name another one',
  ];
  return new StoreError({ file, problem: `${problem} (${why.replaceAll(/\s+/g, ' ')})`, hint });
}

export function lockedTooLong(file: string, ms: number): StoreError {
  return new StoreError({
    file,
    problem: `another process kept it locked for ${ms / 1000} s`,
    hint: `${KEPT}. End the process that holds it, or raise \`busyMs\``,
  });
}

export function closedStore(file: string): StoreError {
  return new StoreError({ file, problem: 'it is closed', hint: 'Use it before `close()`, or open it again' });
}
