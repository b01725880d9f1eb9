/** What was measured before: a run of the store, or a file that `eval` wrote. */
import { access } from 'node:fs/promises';
import { decodeJson, DataError } from '../../core/index.ts';
import { answeredIn, resultsOfRecords, type Answered } from '../../evaluate/index.ts';
import { readJsonLines, readText } from '../../models/pool/index.ts';
import { UsageError } from '../failure.ts';

/** Where runs are kept unless another file is named. */
export const STORE = '.plusx/store.db';

/** What a file or a run of the store holds. */
export async function answeredBefore(run: string, file: string = STORE): Promise<Answered> {
  if (/\.csv$/i.test(run))
    throw new UsageError(`${run} is a table to be read by people. Take the lines of JSON: eval --records FILE.jsonl.`);
  if (/\.jsonl(\.gz)?$/i.test(run)) {
    const lines = await readJsonLines(run, 'what eval --records writes.');
    return resultsOfRecords(
      lines.map(({ value }) => value),
      run,
    );
  }
  if (/\.json(\.gz)?$/i.test(run)) return documentIn(await readText(run), run);
  await access(file).catch(() => {
    throw new UsageError(
      `There is no store ${file}, and so no run ${JSON.stringify(run)}. Name it with --store, or name a file.`,
    );
  });
  const { openStore } = await import('../../store/index.ts');
  const store = openStore({ file });
  try {
    const found = await store.runs.get(run);
    if (!found) {
      const names = (await store.runs.list()).map(({ name }) => name);
      throw new UsageError(
        `${file} has no run ${JSON.stringify(run)}. It has ${names.length > 0 ? names.join(', ') : 'none'}: eval --run NAME keeps one.`,
      );
    }
    const { task, formula, seed, settings } = found;
    const { metric } = (settings ?? {}) as { readonly metric?: unknown };
    const items = await store.runs.items(run);
    const of = { task, formula, seed, metric: typeof metric === 'string' ? metric : '' };
    return answeredIn(
      of,
      items.map(({ result }) => result),
      file,
    );
  } finally {
    await store.close();
  }
}

function documentIn(text: string, file: string): Answered {
  let document: Partial<Answered>;
  try {
    document = decodeJson(text) as Partial<Answered>;
  } catch (error) {
    throw new DataError({ file, problem: `is not JSON (${error instanceof Error ? error.message : String(error)}).` });
  }
  const { task, formula, metric, seed = 0, results } = document ?? {};
  if (typeof task !== 'string' || typeof formula !== 'string' || typeof metric !== 'string' || !Array.isArray(results))
    throw new DataError({ file, problem: 'is not what eval --out writes.' });
  return answeredIn({ task, formula, metric, seed }, results, file);
}
