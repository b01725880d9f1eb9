/** What is reported of an evaluation, a comparison and curves. */
import type { Comparison } from '../compare/comparison.ts';
import { curveSvg, type CurveChartOptions } from '../curve/chart.ts';
import type { Curve } from '../curve/result.ts';
import type { Evaluation, TagResult } from '../eval.ts';
import type { ItemResult } from '../records.ts';
import { totalTokens } from '../../core/index.ts';
import { intervalsSvg } from './intervals-svg.ts';
import { figure, percent, signed, type Report, type Section, type Table } from './report.ts';

/** An evaluation: results by tag, and every item with what was asked, expected and answered. */
export function evaluationReport(result: Omit<Evaluation, 'run'> & { readonly run?: string | undefined }): Report {
  const { formula, task, metric, seed, accuracy, ci95, total, tags, results } = result;
  const [lo, hi] = ci95;
  // A budget that ended leaves items out as well as a failure does.
  const graded = results.filter(({ grade }) => grade !== undefined).length;
  const others = total - graded;
  const { samplesPerItem, tokensPerItem, usdPerItem } = result;
  return {
    title: `${formula} on ${task}`,
    summary: `${percent(accuracy)} (95%: ${percent(lo)} to ${percent(hi)}) over ${graded} items.`,
    facts: [
      ['metric', metric],
      ['items', `${graded} of ${total}${others > 0 ? `, ${others} without a grade` : ''}`],
      ['an answer', costOf({ samplesPerItem, tokensPerItem, usdPerItem })],
      ['seed', String(seed)],
    ],
    sections: [...(tags && tags.length > 0 ? byTag(tags) : []), itemsTable(results)],
  };
}

function byTag(tags: readonly TagResult[]): Section[] {
  const table: Table = {
    kind: 'table',
    title: 'By tag',
    columns: [
      { title: 'tag', isText: true },
      { title: 'items' },
      { title: 'accuracy' },
      { title: '95% from' },
      { title: 'to' },
    ],
    rows: tags.map(({ tag, items, accuracy, ci95: [lo, hi] }) => [
      tag,
      items,
      percent(accuracy),
      percent(lo),
      percent(hi),
    ]),
  };
  const rows = tags.map(({ tag, accuracy, ci95 }) => ({ label: tag, value: accuracy, ci95 }));
  return [{ kind: 'picture', title: 'Accuracy by tag', svg: intervalsSvg(rows, { title: 'Accuracy by tag' }) }, table];
}

function itemsTable(results: readonly ItemResult[]): Table {
  const text = (title: string) => ({ title, isText: true });
  return {
    kind: 'table',
    title: 'Items',
    columns: [
      text('id'),
      { title: 'grade' },
      text('question'),
      text('expected'),
      text('answer'),
      { title: 'samples' },
      { title: 'tokens' },
      text('error'),
    ],
    rows: results.map(({ id, grade, question, expected, answer, replies, samples, usage, error }) => [
      id,
      figure(grade),
      question,
      expected === undefined ? undefined : typeof expected === 'string' ? expected : JSON.stringify(expected),
      answer ?? replies[0]?.text,
      figure(samples),
      totalTokens(usage),
      error ?? '',
    ]),
  };
}

/** A comparison: the models, their differences, and the items that flip. */
export function comparisonReport({
  task,
  metric,
  models,
  pairs,
  ...rest
}: Pick<Comparison, 'task' | 'metric' | 'models' | 'pairs'> & Partial<Comparison>): Report {
  const nameOf = ({ run, formula }: Comparison['models'][number]): string => run ?? formula;
  const winners = pairs.flatMap(({ a, b, better }) =>
    better ? [`${better === 'b' ? b : a} is better than ${better === 'b' ? a : b}`] : [],
  );
  const { asked, total, seed, until } = rest;
  return {
    title: `${models.map(nameOf).join(' | ')} on ${task}`,
    summary: winners.length > 0 ? `${winners.join('; ')}.` : 'No difference is certain.',
    facts: [
      ['metric', metric],
      ...(asked === undefined ? [] : [['items', `${asked} of ${total ?? asked}`] as const]),
      ...(seed === undefined ? [] : [['seed', String(seed)] as const]),
      ...(until === 'decided'
        ? [['stopped', 'as soon as it was decided, by a test that may be looked at any time'] as const]
        : []),
    ],
    sections: [
      {
        kind: 'table',
        title: 'Models',
        columns: [
          { title: 'model', isText: true },
          ...['accuracy', '95% from', 'to', 'samples', 'tokens', 'US dollars', 'failed'].map((title) => ({ title })),
        ],
        rows: models.map((model) => [
          `${model.run === undefined ? '' : `${model.run}: `}${model.formula}`,
          ...[model.accuracy, ...model.ci95].map((one) => percent(one)),
          figure(model.samplesPerItem),
          figure(model.tokensPerItem),
          figure(model.usdPerItem),
          model.failed,
        ]),
      },
      {
        kind: 'picture',
        title: 'Accuracy',
        svg: intervalsSvg(
          models.map((model) => ({ label: nameOf(model), value: model.accuracy, ci95: model.ci95 })),
          { title: 'Accuracy with 95% intervals' },
        ),
      },
      {
        kind: 'table',
        title: 'Differences',
        columns: [
          { title: 'model', isText: true },
          { title: 'beside', isText: true },
          ...['difference', '95% from', 'to', 'p', 'p over all'].map((title) => ({ title })),
          { title: 'better on', isText: true },
          { title: 'worse on', isText: true },
        ],
        rows: pairs.map(({ a, b, difference, ci95: [lo, hi], p, adjusted, gained, lost }) => [
          b,
          a,
          ...[difference, lo, hi].map((one) => signed(one)),
          figure(p, 2),
          figure(adjusted, 2),
          gained.join(', '),
          lost.join(', '),
        ]),
      },
      {
        kind: 'picture',
        title: 'Differences',
        svg: intervalsSvg(
          pairs.map(({ b, difference, ci95 }) => ({ label: b, value: difference, ci95 })),
          { title: `Difference from ${pairs[0]?.a ?? ''}`, isDifference: true },
        ),
      },
    ],
  };
}

/** Curves: the picture, and every point. */
export function curvesReport(curves: readonly Curve[], options: CurveChartOptions = {}): Report {
  const ahead = curves.flatMap(({ forecast }) => forecast ?? []);
  const [first] = curves;
  const best = curves
    .flatMap(({ formula, curve, over }) => curve.map((point) => ({ formula, over, ...point })))
    .toSorted((one, other) => other.accuracy - one.accuracy)[0];
  return {
    title: options.title ?? `${curves.map(({ formula }) => formula).join(' | ')} on ${first?.task ?? ''}`,
    summary: best
      ? `The highest point is ${percent(best.accuracy)}, of ${best.formula} at ${best.over}=${best.n}.`
      : 'There are no points.',
    facts: [
      ['metric', first?.metric ?? ''],
      ['items', `${first?.items ?? 0} of ${first?.total ?? 0}`],
      ...ahead.map(
        ({ n, accuracy, band: [lo, hi], from }) =>
          [
            'forecast',
            `${n} samples would give ${percent(accuracy)} (95%: ${percent(lo)} to ${percent(hi)}), from pools of ${from}`,
          ] as const,
      ),
    ],
    sections: [
      { kind: 'picture', title: 'Curves', svg: curveSvg(curves, options) },
      {
        kind: 'table',
        title: 'Points',
        columns: [
          { title: 'formula', isText: true },
          ...[
            'option',
            'value',
            'accuracy',
            '95% from',
            'to',
            'pass',
            'samples',
            'tokens',
            'US dollars',
            'seconds',
          ].map((title) => ({ title })),
        ],
        rows: curves.flatMap(({ formula, over, curve }) =>
          curve.map(({ n, accuracy, ci95, pass, samplesPerItem, tokensPerItem, usdPerItem, secondsPerItem }) => [
            formula,
            over,
            n,
            ...[accuracy, ...ci95].map((one) => percent(one)),
            pass === undefined ? undefined : percent(pass),
            figure(samplesPerItem),
            figure(tokensPerItem),
            figure(usdPerItem),
            figure(secondsPerItem),
          ]),
        ),
      },
    ],
  };
}

function costOf({
  samplesPerItem,
  tokensPerItem,
  usdPerItem,
}: Pick<Evaluation, 'samplesPerItem' | 'tokensPerItem' | 'usdPerItem'>): string {
  return [
    `${figure(samplesPerItem)} samples`,
    ...(tokensPerItem === undefined ? [] : [`${Math.round(tokensPerItem)} tokens`]),
    ...(usdPerItem ? [`$${figure(usdPerItem)}`] : []),
  ].join(', ');
}
