/** A disk that can be filled: a small file system in memory, which only root can make. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, chmodSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Writes until there is no room left. */
  fill(): void;
  /** Makes room again. */
  clear(): void;
}

/** Why none can be made here; undefined where one can. */
export const noSmallDisk: string | undefined = findObstacle();

export function smallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'plusx-disk-'));
  if (!mount(path, megabytes)) throw new Error(`no file system could be mounted at ${path}`);
  chmodSync(path, 0o755);
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      for (let size = 1 << 20; size >= 1; size >>= 1) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(size));
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
        }
      }
    },
    clear: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      unmount(path);
    },
  };
}

function mount(path: string, megabytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'plusx-test', path]).status === 0;
}

function unmount(path: string): void {
  spawnSync('umount', [path]);
  rmdirSync(path);
}

function findObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'skipped: only root on Linux can make a small disk';
  const path = mkdtempSync(join(tmpdir(), 'plusx-disk-'));
  const isMade = mount(path, 1);
  if (isMade) unmount(path);
  else rmdirSync(path);
  return isMade ? undefined : 'skipped: no file system may be mounted here';
}
