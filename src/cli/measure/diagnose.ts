/** `plusx diagnose`: what can help a model on a task, and what cannot, each with the figure behind it. */
import {
  diagnose,
  diagnosisReport,
  planDiagnosis,
  type Can,
  type Diagnosis,
  type Finding,
} from '../../diagnose/index.ts';
import { tellOddities } from './oddities.ts';
import { reportFile } from '../compose/report.ts';
import { calledEach, mayBegin, type Spending } from '../compose/spending.ts';
import { loadTaskAndModel, onItems, type TaskAndModel, type TaskOptions } from '../compose/task.ts';
import { openJournal, writeWarnings } from '../run.ts';
import { EXIT, writeJson, type Output, type Terminal } from '../terminal/terminal.ts';
import { count, money, oneLine, percent, plural, table, usageLine, wrap } from '../terminal/text.ts';

export interface DiagnoseVerbOptions extends TaskOptions {
  readonly report?: string | undefined;
}

export async function diagnoseTask(address: string, options: DiagnoseVerbOptions, terminal: Terminal): Promise<number> {
  const subject = await loadTaskAndModel(address, options, terminal);
  const { task, model } = subject;
  const { budget, limit } = options;
  await using report = await reportFile(options.report);
  const { journal, close } = await openJournal(options.store);
  try {
    const found = await onItems(subject, options, terminal, async (settings, bar) => {
      const plan = await planDiagnosis(model, task, { budget, limit, host: settings.host });
      tellOddities(task, options, terminal);
      if (!(await mayBegin(spendingOf(subject, plan), options, terminal))) return undefined;
      return diagnose(model, task, {
        ...settings,
        journal,
        onItem: ({ done, total, usage }) => bar.update(done, usage, total),
      });
    });
    if (!found) return EXIT.good;
    if (options.json) writeJson(terminal, found);
    else terminal.out.write(`${render(found, terminal.out)}\n`);
    await report?.write(diagnosisReport(found), found);
    writeWarnings(found.warnings, options.quiet, terminal);
    return found.failed > 0 ? EXIT.itemsFailed : EXIT.good;
  } finally {
    await close();
  }
}

function spendingOf(
  { model, free, prices }: TaskAndModel,
  { items, calls }: { readonly items: number; readonly calls: number },
): Spending {
  const tokens = { inputTokens: undefined, outputTokens: undefined, usd: free ? 0 : undefined };
  const because = free
    ? []
    : [{ what: 'input', why: 'critique and rewordings put more than the question into their prompts' } as const];
  const worst = { calls, ...tokens, because };
  return { formula: model.name, worst, of: calledEach(plural(items, 'item'), worst, items), free, prices };
}

const TOPICS: { readonly [about in Finding['about']]: string } = {
  format: 'format',
  votes: 'votes',
  verifier: 'a verifier',
  stopping: 'stop rule',
  greedy: 'greedy',
  rewording: 'rewording',
  critique: 'critique',
  page: 'pages',
  tool: 'a tool',
};

const COLOURS: { readonly [can in Can]: 'green' | 'yellow' | 'red' | 'dim' } = {
  helps: 'green',
  may: 'yellow',
  no: 'dim',
  hurts: 'red',
  untried: 'dim',
};

function render(found: Diagnosis, out: Output): string {
  const { formula, task, metric, items, total, accuracy, ci95, findings, formulas, verdict, spending, failed } = found;
  return [
    out.paint('bold', wrap(oneLine(formula), out.columns - 1, '  ')),
    out.paint(
      'dim',
      wrap(
        `on ${oneLine(task)}, ${count(items)} of ${plural(total, 'item')}, metric ${oneLine(metric)}`,
        out.columns - 1,
        '  ',
      ),
    ),
    '',
    `  one answer  ${out.paint('bold', percent(accuracy))}  (95%: ${percent(ci95[0])} to ${percent(ci95[1])})`,
    '',
    ...findings.flatMap((one) => findingLines(one, out)),
    '',
    ...wrap(verdict, out.columns - 3)
      .split('\n')
      .map((line) => `  ${out.paint('bold', line)}`),
    ...(formulas.length > 0 ? ['', ...formulaLines(found, out)] : []),
    '',
    `  ${out.paint('dim', `${usageLine(spending)}${failed > 0 ? `, ${plural(failed, 'item')} failed` : ''}`)}`,
  ].join('\n');
}

function findingLines({ about, can, gain, formula, says }: Finding, out: Output): string[] {
  const [lo, hi] = gain?.ci95 ?? [0, 0];
  const change = gain ? `${signed(gain.difference)} (${signed(lo)} to ${signed(hi)}): ` : '';
  const named =
    about === 'rewording' && formula !== undefined ? `${/ \+ (\w+)[^+]*$/.exec(formula)?.[1] ?? formula}: ` : '';
  const text = wrap(`${named}${change}${oneLine(says)}`, out.columns - 24).split('\n');
  const start = `  ${TOPICS[about].padEnd(11)} ${out.paint(COLOURS[can], can.padEnd(8))} `;
  return text.map((line, i) => (i === 0 ? `${start}${line}` : `${' '.repeat(23)}${line}`));
}

const signed = (fraction: number): string => `${fraction > 0 ? '+' : ''}${percent(fraction, 0)}`;

/** In the order in which they are worth a try. */
function formulaLines({ formulas, accuracy }: Diagnosis, out: Output): string[] {
  const withTokens = formulas.some(({ tokensPerItem }) => tokensPerItem !== undefined);
  const withMoney = formulas.some(({ usdPerItem }) => (usdPerItem ?? 0) > 0);
  const columns = [
    { title: '' },
    { title: 'expected' },
    { title: 'calls' },
    ...(withTokens ? [{ title: 'tokens' }] : []),
    ...(withMoney ? [{ title: 'cost' }] : []),
    { title: 'formula', align: 'left' as const },
  ];
  const rows = formulas.map((one, i) => [
    String(i + 1),
    `${one.isCeiling ? 'at most ' : ''}${percent(one.accuracy, 0)}`,
    count(Number(one.callsPerItem.toFixed(1))),
    ...(withTokens ? [count(one.tokensPerItem, 0)] : []),
    ...(withMoney ? [money(one.usdPerItem)] : []),
    oneLine(one.formula),
  ]);
  const [head = '', ...lines] = table(columns, rows, (line) => line).split('\n');
  const at = head.indexOf('formula');
  return [
    out.paint('dim', `  ${head}`),
    ...lines.map((line) => {
      const formula = wrap(line.slice(at), out.columns - at - 4).replaceAll('\n', `\n${' '.repeat(at + 4)}`);
      return `  ${line.slice(0, at)}${formula}`;
    }),
    out.paint('dim', `  beside ${percent(accuracy, 0)} of one plain answer`),
  ];
}
