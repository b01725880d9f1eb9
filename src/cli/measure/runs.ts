/** `plusx runs`: what is kept of runs under a name. */
import {
  compareResults,
  resultsByFormula,
  summaryOf,
  toForeign,
  type Answered,
  type ForeignFormat,
  type ItemResult,
} from '../../evaluate/index.ts';
import type { Run, Store } from '../../store/index.ts';
import { answeredBefore, runIn, STORE, withStore } from '../compose/answered.ts';
import { recordsFile, recordLines } from '../compose/records.ts';
import { UsageError } from '../failure.ts';
import { shownStore } from '../store/open.ts';
import { outputFile } from '../terminal/files.ts';
import { EXIT, writeJson, type Output, type Terminal } from '../terminal/terminal.ts';
import { clip, count, oneLine, percent, plural, table, wrap } from '../terminal/text.ts';
import { keptCurves } from '../../evaluate/curve/kept.ts';
import { compareRuns, letter, measuredIn } from './compare.ts';
import { knows, render as renderCurve } from './curve.ts';
import { tagLines } from './eval.ts';

export interface RunsOptions {
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}

export interface ExportOptions extends RunsOptions {
  readonly records?: string | undefined;
  /** The form of another program, and the file that it goes to. */
  readonly format?: ForeignFormat | undefined;
  readonly out?: string | undefined;
}

/** Failed items, or items that flip, that are shown. */
const SHOWN = 20;

export async function listRuns({ store: file = STORE, json }: RunsOptions, terminal: Terminal): Promise<number> {
  const { out } = terminal;
  const runs = await withStore(file, async (store) => {
    const all = [];
    for (const run of await store.runs.list()) all.push({ ...run, ...(await countsOf(store, run)) });
    return all;
  });
  if (json) writeJson(terminal, runs);
  else if (runs.length === 0) out.write(`${shownStore(file)} has no runs. eval --run NAME keeps one.\n`);
  else {
    const columns = ['run', 'status', 'items', 'begun', 'task', 'formula'].map((title) => ({
      title,
      align: title === 'items' ? ('right' as const) : ('left' as const),
    }));
    const rows = runs.map(({ name, status, items, failed, created, task, formula }) => [
      clip(oneLine(name), 24),
      status,
      `${count(items)}${failed > 0 ? ` (${count(failed)} failed)` : ''}`,
      created.slice(0, 16),
      clip(oneLine(task), 24),
      oneLine(formula),
    ]);
    const lines = table(columns, rows, (head) => out.paint('dim', head)).split('\n');
    out.write(`${lines.map((line) => clip(line, out.columns - 1)).join('\n')}\n`);
  }
  return EXIT.good;
}

async function countsOf({ runs }: Store, { name }: Run): Promise<{ readonly items: number; readonly failed: number }> {
  const items = await runs.items(name);
  return { items: items.length, failed: items.filter(({ status }) => status === 'failed').length };
}

export async function showRun(
  name: string,
  { store: file = STORE, json }: RunsOptions,
  terminal: Terminal,
): Promise<number> {
  const { out } = terminal;
  const { run, curves } = await withStore(file, async (store) => ({
    run: await runIn(store, name),
    curves: keptCurves(await store.runs.items(name)),
  }));
  const { metric, results } = await answeredBefore(name, file);
  const formulas = resultsByFormula(results, run.formula).map((one) => ({
    formula: one.formula,
    ...summaryOf(one.results),
  }));
  if (json) {
    const { status, task, seed, settings, created } = run;
    const found = { run: name, status, task, seed, settings, created, metric, formulas };
    writeJson(terminal, curves.length > 0 ? { ...found, curves } : found);
    return EXIT.good;
  }
  const lines = [
    `${out.paint('bold', oneLine(name))}  ${run.status}, begun ${run.created}`,
    out.paint(
      'dim',
      wrap(`on ${oneLine(run.task)}, metric ${oneLine(metric) || 'unknown'}, seed ${run.seed}`, out.columns - 1, '  '),
    ),
    ...curves.flatMap((curve) => ['', renderCurve(curve, knows(curve), out)]),
    ...(formulas.length === 0 && curves.length === 0
      ? ['', '  No results of items are kept: its calls are in the store, and the same command goes on with them.']
      : []),
    ...formulas.flatMap(({ formula, items, failed, accuracy, ci95: [lo, hi], tags }) => [
      '',
      `  ${wrap(oneLine(formula), out.columns - 3).replaceAll('\n', '\n    ')}`,
      `  ${out.paint('bold', percent(accuracy))}  (95%: ${percent(lo)} to ${percent(hi)}), ${plural(items, 'item')}${failed > 0 ? `, ${count(failed)} failed` : ''}`,
      ...tagLines(tags, out),
    ]),
    ...failures(results, out.columns),
  ];
  out.write(`${lines.join('\n')}\n`);
  return EXIT.good;
}

function failures(results: readonly ItemResult[], columns: number): string[] {
  const failed = results.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return [];
  const shown = failed
    .slice(0, SHOWN)
    .map(({ id, error }) => clip(`  failed: ${oneLine(id)}: ${oneLine(String(error))}`, columns - 1));
  return ['', ...shown, ...(failed.length > SHOWN ? [`  and ${count(failed.length - SHOWN)} more`] : [])];
}

/** The comparison, and what both said to each item that flips. */
export async function diffRuns(
  names: readonly [string, string],
  options: RunsOptions,
  terminal: Terminal,
): Promise<number> {
  const code = await compareRuns(names, options, terminal);
  if (options.json) return code;
  const { out } = terminal;
  const [first, ...others] = await measuredIn(names, options.store);
  if (!first) return code;
  for (const [i, other] of others.entries()) {
    const lines = flipsOf(first, other, letter(i + 1), out);
    if (lines.length > 0) out.write(`\n${lines.join('\n')}\n`);
  }
  return code;
}

/** The items that one is right on and the other is not, with what both said. */
function flipsOf(one: Answered, other: Answered, name: string, out: Output): string[] {
  const { pairs } = compareResults([one, other]);
  const flips = pairs.flatMap(({ gained, lost }) => [
    ...gained.map((id) => [id, 'better'] as const),
    ...lost.map((id) => [id, 'worse'] as const),
  ]);
  if (flips.length === 0) return [];
  const [left, right] = [one, other].map(({ results }) => new Map(results.map((result) => [result.id, result])));
  const said = (result: ItemResult | undefined, columns: number): string =>
    clip(oneLine(result?.answer ?? result?.replies[0]?.text ?? ''), columns);
  const room = Math.max(8, Math.floor((out.columns - 40) / 3));
  const rows = flips
    .slice(0, SHOWN)
    .map(([id, how]) => [
      clip(oneLine(id), 14),
      how,
      clip(oneLine(JSON.stringify(left?.get(id)?.expected ?? null)), room),
      said(left?.get(id), room),
      said(right?.get(id), room),
    ]);
  const titles = ['item', `${name} is`, 'expected', 'A said', `${name} said`];
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  const lines = table(columns, rows, (head) => out.paint('dim', head))
    .split('\n')
    .map((line) => `  ${line}`);
  return [...lines, ...(flips.length > SHOWN ? [`  and ${count(flips.length - SHOWN)} more`] : [])];
}

export async function exportRun(
  name: string,
  { store: file = STORE, records: path, format, out: target }: ExportOptions,
  terminal: Terminal,
): Promise<number> {
  const answered = await answeredBefore(name, file);
  if (format !== undefined) {
    const formulas = resultsByFormula(answered.results, answered.formula);
    if (formulas.length > 1)
      throw new UsageError(
        `${name} holds ${formulas.length} formulas, and a file of ${format} holds one: export its lines with --records.`,
      );
    await using foreign = await outputFile(target);
    const text = toForeign(format, answered.results, answered, new Date());
    if (foreign) await foreign.write(text);
    else terminal.out.write(text);
    return EXIT.good;
  }
  if (target !== undefined) throw new UsageError('--out goes with --format. Lines of plusx go to --records FILE.');
  await using records = await recordsFile(path);
  for (const { formula, results } of resultsByFormula(answered.results, answered.formula))
    for (const result of results) {
      const facts = { ...answered, formula };
      if (records) records.add(result, facts);
      else terminal.out.write(recordLines(result, facts));
    }
  await records?.written();
  return EXIT.good;
}

export async function deleteRuns(
  names: readonly string[],
  { store: file = STORE, json }: RunsOptions,
  terminal: Terminal,
): Promise<number> {
  await withStore(file, async (store) => {
    for (const name of names) await runIn(store, name); // all of them are there, or none is deleted
    for (const name of names) await store.runs.delete(name);
  });
  if (json) writeJson(terminal, { deleted: names });
  else terminal.out.write(`Deleted ${names.map(oneLine).join(', ')}.\n`);
  return EXIT.good;
}
