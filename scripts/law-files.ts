/** Finds the law of each technique: `src/<room>/<technique>/<technique>.law.ts`. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bug, TechniqueLaw } from '../src/testing/laws/technique-law.ts';

const SOURCE = join(import.meta.dirname, '../src');

/** Paths within `src`. */
export function lawFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === `${basename(dirname(file))}.law.ts`)
    .toSorted();
}

export interface LawFile {
  readonly law: TechniqueLaw;
  readonly bugs: readonly Bug[];
}

/** What a law file holds. */
export async function lawsIn(file: string): Promise<LawFile> {
  return (await import(pathToFileURL(join(SOURCE, file)).href)) as LawFile;
}
