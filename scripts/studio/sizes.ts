/** What a reader of the studio loads: the first page, what each further page adds to it, and what runs in the page itself. */
import { gzipSync } from 'node:zlib';
import type { Rolldown } from 'vite';

export interface PageSize {
  /** `first`: the frame with the playground. Other pages by their names, and `local` for `?local`. */
  readonly page: string;
  /** Bytes as sent, of files that the first page has not loaded. */
  readonly gzipped: number;
  readonly limit: number;
}

const FIRST_LIMIT = 150_000;
const FURTHER_LIMIT = 250_000;

type Part = Rolldown.RolldownOutput['output'][number];
type Chunk = Rolldown.OutputChunk;

export function pageSizes({ output }: Rolldown.RolldownOutput): readonly PageSize[] {
  const parts = new Map(output.map((part) => [part.fileName, part]));
  const chunks = output.filter((part) => part.type === 'chunk');
  const first = new Set(['index.html']);
  for (const one of chunks.filter((chunk) => chunk.isEntry || nameOf(chunk) === 'play')) load(one, parts, first);
  const further = chunks.flatMap((chunk): PageSize[] => {
    const page = nameOf(chunk);
    if (page === undefined || page === 'play') return [];
    const loaded = new Set(first);
    load(chunk, parts, loaded);
    return [
      {
        page,
        gzipped: sent(
          [...loaded].filter((file) => !first.has(file)),
          parts,
        ),
        limit: FURTHER_LIMIT,
      },
    ];
  });
  const sizes = [{ page: 'first', gzipped: sent([...first], parts), limit: FIRST_LIMIT }, ...further];
  const missing = ['runs', 'traces', 'memory', 'proof', 'local'].filter(
    (name) => !sizes.some(({ page }) => page === name),
  );
  if (missing.length > 0)
    throw new Error(`The size of ${missing.join(', ')} is not known: is it built as a part of its own?`);
  return sizes;
}

/** Throws where a page has become too large to be opened at once. */
export function checkSizes(sizes: readonly PageSize[]): void {
  const over = sizes.find(({ gzipped, limit }) => gzipped > limit);
  if (over)
    throw new Error(
      `The ${over.page} page of the studio is ${kB(over.gzipped)} gzipped, and at most ${kB(over.limit)} are allowed. Load what is large when it is needed.`,
    );
}

export const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

/** A page has a folder of its own; what runs without a server is loaded by `local/runner.ts`. */
function nameOf({ facadeModuleId }: Chunk): string | undefined {
  const path = facadeModuleId?.replaceAll('\\', '/') ?? '';
  if (path.endsWith('/local/runner.ts')) return 'local';
  return /\/pages\/([\w-]+)\/page\.tsx$/.exec(path)?.[1];
}

/** A chunk, what it imports, its styles, and the workers that it starts; not what it loads later. */
function load(chunk: Chunk, parts: ReadonlyMap<string, Part>, into: Set<string>): void {
  if (into.has(chunk.fileName)) return;
  into.add(chunk.fileName);
  const { importedCss = [], importedAssets = [] } = chunk.viteMetadata ?? {};
  for (const file of [...importedCss, ...importedAssets]) into.add(file);
  for (const name of chunk.imports) {
    const imported = parts.get(name);
    if (imported?.type === 'chunk') load(imported, parts, into);
  }
}

function sent(files: readonly string[], parts: ReadonlyMap<string, Part>): number {
  return files.reduce((sum, file) => {
    const part = parts.get(file);
    if (!part) throw new Error(`${file} was not built.`);
    return sum + gzipSync(part.type === 'chunk' ? part.code : part.source, { level: 9 }).length;
  }, 0);
}
