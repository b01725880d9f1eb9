/** A file that lines are added to, many at one time: a write for each costs more than to make the line. */
import { mkdirSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface LogFile {
  write(line: string): void;
  /** Opens it anew by its name, once what was written before is in the old one. Where that cannot be, the old one stays. */
  reopen(): Promise<void>;
  /** Writes what is left, as far as the disk takes it. */
  close(): Promise<void>;
}

/** Letters, and milliseconds, after which lines are written. */
const MOST_GATHERED = 64 * 1024;
const GATHERING_MS = 500;
/** Letters that wait for a disk which takes none: beyond them lines are lost, and not the server. */
const MOST_WAITING = 8 * 1024 * 1024;

/** A file of its owner. Rejects where it cannot be written. */
export async function openLogFile(name: string): Promise<LogFile> {
  mkdirSync(dirname(name), { recursive: true });
  const opened = (): Promise<FileHandle> => open(name, 'a', 0o600);
  let file = await opened();
  let lines: string[] = [];
  let letters = 0;
  /** What the disk has not taken yet of the lines before. */
  let rest = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    do {
      rest = Buffer.concat([rest, Buffer.from(lines.join(''))]);
      lines = [];
      letters = 0;
      while (rest.length > 0) rest = rest.subarray((await file.write(rest)).bytesWritten);
    } while (letters >= MOST_GATHERED);
  };
  /** Never rejects: a disk that is full may have room later, and requests go on. */
  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= drain()
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
        if (rest.length > 0 || letters > 0) later();
      });
    return writing;
  };
  const later = (): void => {
    timer ??= setTimeout(() => void write(), GATHERING_MS).unref();
  };
  /** All that came before this is written, or cannot be. */
  const written = async (): Promise<void> => {
    await writing;
    await write();
    clearTimeout(timer);
    timer = undefined;
  };

  return {
    write(line) {
      if (rest.length + letters >= MOST_WAITING) return;
      lines.push(line);
      letters += line.length;
      // A disk that took none a moment ago is not asked again for every line.
      if (letters >= MOST_GATHERED && rest.length === 0) void write();
      else later();
    },
    async reopen() {
      await written();
      const old = file;
      file = await opened().catch(() => old);
      if (file !== old) await old.close();
    },
    async close() {
      await written();
      await file.close();
    },
  };
}
