/**
 * A GGUF file by its address, fetched once through node-llama-cpp's own downloader and kept with its checksum. Only who calls
 * this fetches: `gguf` itself opens files and nothing else.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { PlusxError } from '../../core/index.ts';
import { llamaLibrary, type LlamaLibrary } from './library.ts';

export interface FetchGgufOptions {
  /** Where files are kept, each in a folder of its own. Default `.cache/plusx/models` in the home folder. */
  readonly folder?: string | undefined;
  /** `false`: takes what was fetched before, and asks the network for nothing. Default `true`. */
  readonly download?: boolean | undefined;
  /** Is told how far a download is. */
  readonly onProgress?: ((bytes: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends a download that brings nothing for so long. Default 60 000 ms. */
  readonly patienceMs?: number | undefined;
  /** In place of the address of the hub, for `hf:`. */
  readonly hub?: string | undefined;
  /** The module node-llama-cpp, where it is not to be found by its name. */
  readonly library?: LlamaLibrary | undefined;
}

/** A file could not be fetched. */
export class CannotFetch extends PlusxError {
  constructor({ address, why }: { address: string; why: string }) {
    super(
      `${shown(address)} cannot be fetched: ${why.replaceAll(/\s+/g, ' ').slice(0, 300)}. Without a network, name a file of yours: gguf:FILE.`,
    );
  }
}

/** A file was not fetched yet, and this is not the place to do it. */
export class NotFetched extends PlusxError {
  override readonly kind = 'usage';
  constructor({ address }: { address: string }) {
    super(
      `${shown(address)} is not here, and a name within a formula fetches nothing. Fetch it once as the model itself: -m gguf:${shown(address)}.`,
    );
  }
}

/** What was fetched is not what was to be fetched. */
export class WrongFile extends PlusxError {
  constructor({ address, file, why }: { address: string; file: string; why: string }) {
    super(`${file}, fetched from ${shown(address)}, ${why}.`);
  }
}

/** Whether a text is the address of a file and no path: `hf:USER/REPO:QUANT`, or http. */
export const isAddress = (text: string): boolean => /^(hf:|https?:\/\/)/i.test(text);

/**
 * The path of the file at an address, which is `hf:USER/REPO:QUANT`, `hf:USER/REPO/FILE` or `https://...`, and may end in
 * `#sha256=` and 64 digits. What was fetched before is used again. A download that broke off is never taken for the file.
 */
export async function fetchGguf(address: string, options: FetchGgufOptions = {}): Promise<string> {
  const { source, sha256 } = parts(address);
  const { folder = join(homedir(), '.cache', 'plusx', 'models') } = options;
  const home = join(folder, createHash('sha256').update(source).digest('hex').slice(0, 16));
  const kept = await readNote(home);
  if (kept) return checked(kept, home, address, sha256);
  if (options.download === false) throw new NotFetched({ address });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(home, { recursive: true, mode: 0o700 });
  const names = await download(source, home, options);
  const files: KeptFile[] = [];
  for (const name of names) {
    const file = join(home, name);
    files.push({ name, bytes: (await stat(file)).size, sha256: await digest(file, options.signal) });
  }
  const [first] = files as [KeptFile, ...KeptFile[]];
  if (sha256 !== undefined && first.sha256 !== sha256) {
    for (const { name } of files) await rm(join(home, name), { force: true });
    throw new WrongFile({ address, file: first.name, why: differs(first.sha256, sha256, 'It was deleted') });
  }
  // The note makes it whole: it is written last, and at once.
  const note: Note = { address: shown(source), files };
  await writeFile(join(home, `${NOTE}.new`), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  await rename(join(home, `${NOTE}.new`), join(home, NOTE));
  return join(home, first.name);
}

interface KeptFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}
interface Note {
  readonly address: string;
  /** The first is the one to open. */
  readonly files: readonly KeptFile[];
}

/** What is kept beside the files of an address. */
const NOTE = 'fetched.json';
const PATIENCE = 60_000;

function parts(address: string): { readonly source: string; readonly sha256: string | undefined } {
  const [, source = '', sha256] = /^(.*?)(?:#sha256=([0-9a-f]{64}))?$/is.exec(address) ?? [];
  if (/#sha256=/i.test(source))
    throw new CannotFetch({
      address,
      why: 'a checksum is #sha256= and 64 hexadecimal digits at the end of the address',
    });
  if (/^http:/i.test(source) && !LOOPBACK.has(new URL(source).hostname))
    throw new CannotFetch({ address, why: 'http is taken from this machine alone; write https' });
  return { source, sha256: sha256?.toLowerCase() };
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

async function readNote(home: string): Promise<Note | undefined> {
  const text = await readFile(join(home, NOTE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Note);
}

/** The kept file, if it is still what it was. The checksum is not taken again: reading a large file takes long. */
async function checked({ files }: Note, home: string, address: string, sha256: string | undefined): Promise<string> {
  for (const { name, bytes } of files) {
    const file = join(home, name);
    const found = await stat(file).then(
      ({ size }) => size,
      () => undefined,
    );
    if (found !== bytes)
      throw new WrongFile({
        address,
        file,
        why: `has ${found ?? 'no'} bytes and had ${bytes}. Delete ${home}, and it is fetched again`,
      });
  }
  const [first] = files as [KeptFile, ...KeptFile[]];
  if (sha256 !== undefined && first.sha256 !== sha256)
    throw new WrongFile({
      address,
      file: first.name,
      why: differs(first.sha256, sha256, `Delete ${home} to fetch it again`),
    });
  return join(home, first.name);
}

const differs = (found: string, wanted: string, then: string): string =>
  `has the SHA-256 ${found}, and ${wanted} was asked for. ${then}`;

async function download(source: string, home: string, options: FetchGgufOptions): Promise<readonly string[]> {
  const { onProgress, signal, hub, patienceMs = PATIENCE } = options;
  const library = options.library ?? (await llamaLibrary());
  // The downloader tries for minutes where nobody answers, so somebody is looked for first.
  if (!source.startsWith('hf:')) await answers(source, patienceMs, signal);
  const stalled = new AbortController();
  let timer = setTimeout(() => {}, 0);
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(new Error(`nothing has come for ${patienceMs / 1000} s`)), patienceMs);
  };
  const ended = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
  const broken = new Promise<never>((_, reject) =>
    ended.addEventListener('abort', () => reject(ended.reason as Error), { once: true }),
  );
  broken.catch(() => {});
  try {
    wait();
    const downloader = await Promise.race([
      library.createModelDownloader({
        modelUri: source,
        dirPath: home,
        deleteTempFileOnCancel: false,
        ...(hub !== undefined && { endpoints: { huggingFace: hub } }),
        onProgress: ({ downloadedSize, totalSize }) => {
          wait();
          onProgress?.(downloadedSize, totalSize);
        },
      }),
      broken,
    ]);
    await Promise.race([downloader.download({ signal: ended }), broken]);
    const { filesInfo } = downloader;
    for (const { fileName, totalSize } of filesInfo) {
      const { size } = await stat(join(home, fileName));
      if (size !== totalSize) throw new Error(`${size} of ${totalSize} bytes came`);
    }
    const names = filesInfo.map(({ fileName }) => basename(fileName));
    return names.toSorted(
      (a, b) => Number(b === downloader.entrypointFilename) - Number(a === downloader.entrypointFilename),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw new CannotFetch({ address: source, why: reason(error) });
  } finally {
    clearTimeout(timer);
  }
}

async function answers(address: string, patienceMs: number, signal: AbortSignal | undefined): Promise<void> {
  const limit = AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal ? [signal] : [])]);
  let status: number;
  try {
    ({ status } = await fetch(address, { method: 'HEAD', redirect: 'manual', signal: limit }));
  } catch (error) {
    signal?.throwIfAborted();
    throw new CannotFetch({ address, why: reason(error) });
  }
  // Some servers know no HEAD, or forbid it.
  if (status === 404 || status === 410 || status === 401)
    throw new CannotFetch({ address, why: `the server says ${status}` });
}

async function digest(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file, { signal })) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** What went wrong, down to the cause that the system names. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message || String(error.cause)})` : '';
  return `${error.message}${cause}`;
}

/** An address without what may be a secret in it. */
function shown(address: string): string {
  return address.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/\?[^#]*/, '');
}
