/** `plusx ask --file`: every question of a file, and a record of each answer. */
import { basename } from 'node:path';
import { evaluate, type ItemResult } from '../../evaluate/index.ts';
import { worstCaseOfEvaluation } from '../../evaluate/worst-case-of-runs.ts';
import { linesIn, questionsIn, readQuestions } from '../../tasks/json-lines.ts';
import type { Item, Metric } from '../../tasks/index.ts';
import { compose } from '../compose/compose.ts';
import { OF_GRADES, recordLines, recordsFile } from '../compose/records.ts';
import { askedFor } from '../compose/request.ts';
import { calledEach, mayBegin } from '../compose/spending.ts';
import { onItems, type TaskAndModel } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import { isInterrupted, openJournal, writeInterrupted, writeWarnings } from '../run.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';
import { accountLine, count, duration, plural } from '../terminal/text.ts';
import { readStandardInput, type AskOptions } from './ask.ts';

export async function askFile(
  question: string | undefined,
  { file = '-', ...given }: AskOptions,
  terminal: Terminal,
): Promise<number> {
  const { err } = terminal;
  const options = { ...given, file };
  if (question !== undefined)
    throw new UsageError(
      'A question and --file are given. Leave one of them out: --file asks all questions of a file.',
    );
  if (options.trace ?? options.show)
    throw new UsageError('--trace and --show are for one question. Ask it without --file.');
  if (options.workers)
    throw new UsageError('--workers of `plusx ask` is for one question. Many are done by `plusx eval FILE --workers`.');
  const items = await questionsOf(options);
  const name = options.file === '-' ? 'standard input' : basename(options.file);
  const asked = items.map((item) => ({ ...item, request: askedFor(item.request, options) }));
  const subject: TaskAndModel = {
    task: { name, items: asked, metric: UNGRADED },
    ...(await compose(options, terminal)),
  };
  const { task, model, free, prices } = subject;
  const { limit, seed = 0 } = options;
  const total = Math.min(limit ?? Infinity, items.length);
  const worst = worstCaseOfEvaluation(model, task, { limit });
  const of = calledEach(plural(total, 'question'), worst, total);
  if (!(await mayBegin({ formula: model.name, worst, of, free, prices }, options, terminal))) return EXIT.good;
  await using records = await recordsFile(options.records, OF_GRADES);
  const { journal, close } = await openJournal(options.store);
  const start = performance.now();
  const facts = { task: name, formula: model.name, metric: UNGRADED.name, seed };
  const lines = inOrder(asked, (result) =>
    records ? records.add(result, facts) : terminal.out.write(recordLines(result, facts, OF_GRADES)),
  );
  try {
    const result = await onItems(subject, options, terminal, (settings, bar) =>
      evaluate(model, task, {
        ...settings,
        journal,
        records: records !== undefined,
        onItem({ done, usage, item }) {
          lines.add(item);
          bar.update(done, usage);
        },
      }),
    );
    writeWarnings(result.warnings, options.quiet, terminal);
    if (!options.quiet) {
      if (result.exhausted)
        err.write(
          `${err.paint('yellow', 'cut short:')} the budget (${result.exhausted}) ran out after ${count(result.asked)} of ${plural(total, 'question')}.\n`,
        );
      if (result.failed > 0)
        err.write(`${err.paint('yellow', 'failed:')} ${plural(result.failed, 'question')}, each with its error.\n`);
      const took = `${accountLine(result.usage, result.spending)}, ${duration(performance.now() - start)}`;
      err.write(`${err.paint('dim', took)}\n`);
    }
    return result.failed > 0 ? EXIT.itemsFailed : EXIT.good;
  } catch (error) {
    if (!isInterrupted(terminal) || !lines.flush()) throw error;
    writeInterrupted(terminal);
    return EXIT.interrupted;
  } finally {
    await records?.written();
    await close();
  }
}

/** Nothing says what is right: the grade is left out of the records. */
const UNGRADED: Metric = { name: 'none', grade: () => 0 };

async function questionsOf({ file, inputField, idField }: AskOptions & { readonly file: string }): Promise<Item[]> {
  if (file !== '-') return readQuestions(file, { input: inputField, id: idField });
  const only = inputField === undefined ? idField && '--id-field' : '--input-field';
  if (only) throw new UsageError(`${only} names a column of a file. Standard input holds a question a line.`);
  return questionsIn(linesIn(await readStandardInput(), 'standard input'), 'standard input');
}

/** Hands on what is done in the order of the questions. An end that comes early hands on the rest, and says whether anything was done. */
function inOrder(items: readonly Item[], write: (result: ItemResult) => void) {
  const waiting = new Map<string, ItemResult>();
  let next = 0;
  return {
    add(result: ItemResult): void {
      waiting.set(result.id, result);
      for (let id = items[next]?.id; id !== undefined && waiting.has(id); id = items[next]?.id) {
        write(waiting.get(id) as ItemResult);
        waiting.delete(id);
        next++;
      }
    },
    flush(): boolean {
      for (const result of waiting.values()) write(result);
      return next + waiting.size > 0;
    },
  };
}
