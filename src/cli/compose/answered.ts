/** What was measured before: a run of the store, or a file that `eval` wrote. */
import { decodeJson, DataError } from '../../core/index.ts';
import { answeredIn, fromForeign, fromForeignLines, resultsOfRecords, type Answered } from '../../evaluate/index.ts';
import { readJsonLines, readText } from '../../models/pool/index.ts';
import type { Run, Store } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import { withStoreAt } from '../store/open.ts';

/** Where runs are kept unless another file is named. */
export const STORE = '.plusx/store.db';

/** What a file or a run of the store holds. */
export async function answeredBefore(run: string, file: string = STORE): Promise<Answered> {
  if (/\.csv$/i.test(run))
    throw new UsageError(`${run} is a table to be read by people. Take the lines of JSON: eval --records FILE.jsonl.`);
  if (/\.eval$/i.test(run))
    throw new UsageError(
      `${run} is a packed log of Inspect. Turn it into JSON: inspect log convert ${run} --to json --output-dir FOLDER.`,
    );
  if (/\.jsonl(\.gz)?$/i.test(run)) {
    const lines = (await readJsonLines(run, 'what eval --records writes.')).map(({ value }) => value);
    return fromForeignLines(lines, run) ?? resultsOfRecords(lines, run);
  }
  if (/\.json(\.gz)?$/i.test(run)) return documentIn(await readText(run), run);
  return withStore(file, async (store) => {
    const { task, formula, seed, settings } = await runIn(store, run);
    const { metric, curve, data } = (settings ?? {}) as { readonly [name: string]: unknown };
    // A curve and a search keep what they found, and no results of items.
    const isOfItems = curve === undefined && (metric !== undefined || data === undefined);
    const items = isOfItems ? await store.runs.items(run) : [];
    const of = { task, formula, seed, metric: typeof metric === 'string' ? metric : '' };
    return answeredIn(
      of,
      items.map(({ result }) => result),
      store.file,
    );
  });
}

/** Work with a store that is there. */
export async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const missing = (): Error =>
    new UsageError(`There is no store ${file}, and so no runs. Name it with --store; eval --run NAME makes one.`);
  return withStoreAt(file, missing, work);
}

/** A run by name. */
export async function runIn({ file, runs }: Store, name: string): Promise<Run> {
  const found = await runs.get(name);
  if (found) return found;
  const names = (await runs.list()).map((one) => one.name);
  throw new UsageError(
    `${file} has no run ${JSON.stringify(name)}. It has ${names.length > 0 ? names.join(', ') : 'none'}: eval --run NAME keeps one.`,
  );
}

function documentIn(text: string, file: string): Answered {
  let document: Partial<Answered>;
  try {
    document = decodeJson(text) as Partial<Answered>;
  } catch (error) {
    throw new DataError({ file, problem: `is not JSON (${error instanceof Error ? error.message : String(error)}).` });
  }
  const foreign = fromForeign(document, file);
  if (foreign) return foreign;
  if (document !== null && typeof document === 'object' && 'lm_eval_version' in document)
    throw new DataError({
      file,
      problem: 'holds sums of lm-eval alone. Take the file of samples beside it, which lm_eval --log_samples writes.',
    });
  const { task, metric, seed = 0 } = document ?? {};
  const { formula, results } = ofComparison(document) ?? document ?? {};
  if (typeof task !== 'string' || typeof formula !== 'string' || typeof metric !== 'string' || !Array.isArray(results))
    throw new DataError({ file, problem: 'is not what eval --out writes, nor a log of Inspect or promptfoo.' });
  return answeredIn({ task, formula, metric, seed }, results, file);
}

/** What `compare --out` writes: the results of each model, which then say whose they are. */
function ofComparison(document: unknown): Pick<Answered, 'formula' | 'results'> | undefined {
  const { models } = (document ?? {}) as { readonly models?: unknown };
  if (!Array.isArray(models)) return undefined;
  const all = models.map((model) => (model ?? {}) as Partial<Answered>);
  return {
    formula: all.map(({ formula = '' }) => formula).join(' | '),
    results: all.flatMap(({ formula = '', results = [] }) => results.map((result) => ({ ...result, formula }))),
  };
}
