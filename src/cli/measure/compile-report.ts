/** What a terminal shows of a search: the plan before it, the report after it. */
import { FINALISTS, type Effect, type FrontRow, type Plan, type Report } from '../../compile/index.ts';
import type { Limits } from '../../core/index.ts';
import type { Output } from '../terminal/terminal.ts';
import { count, money, oneLine, percent, plural, table, wrap } from '../terminal/text.ts';

/** The space and its size, how the items are shared out, and what the budget affords. */
export function renderPlan(plan: Plan, out: Output, inBatches = false): string {
  const {
    space,
    size,
    arms,
    most,
    finalists,
    leftOut,
    items,
    first,
    perItem,
    unpooled,
    perTest,
    perQuestion,
    budget,
    worst,
    steps,
    parts = [],
    warnings,
  } = plan;
  const shared =
    perItem.calls !== undefined && unpooled.calls !== undefined && perItem.calls < unpooled.calls
      ? `, not ${count(unpooled.calls)}: what they draw alike is drawn once`
      : '';
  const rows: readonly (readonly [string, string])[] = [
    [
      'space',
      `${oneLine(space)}: ${plural(Number(size), 'composition')}${most < Number(size) || arms < most ? `, ${triedAtMost(plan)}` : ''}`,
    ],
    ...parts.map(({ part, isIn, why }) => [isIn ? 'in' : 'out', `${oneLine(part)}: ${oneLine(why)}`] as const),
    ...(leftOut.length > 0
      ? [
          [
            'left out',
            `${count(leftOut.length)}, such as ${oneLine(leftOut[0]?.formula ?? '')}: ${oneLine(leftOut[0]?.why ?? '')}`,
          ] as const,
        ]
      : []),
    [
      'items',
      `${items.train > 0 ? `${count(items.train)} train, ` : ''}${count(items.dev)} dev, at least ${count(items.test)} test`,
    ],
    [
      'race',
      `${plural(arms, 'composition')} on ${plural(first, 'item')}, ${arms < most ? 'then as many others as what is left carries, ' : ''}then fewer on more: ${amount(perItem.calls)} an item at first${shared}`,
    ],
    [
      'test',
      `${finalists < FINALISTS ? `${plural(finalists, 'finalist')}, more if calls are left,` : `${count(FINALISTS)} finalists`} and the base at their cost, once: ${amount(perTest.calls)} an item at most`,
    ],
    ...(inBatches ? [['batches', batchesIn(steps, parts.length > 0)] as const] : []),
    ...(Object.keys(perQuestion).length > 0 ? [['a question', limited(perQuestion, '<=')] as const] : []),
    ['budget', `${limited(budget, '=')}; at most ${amount(worst.calls)}${worst.usd ? `, ${money(worst.usd)}` : ''}`],
  ];
  return [
    out.paint(
      'bold',
      wrap(`compile ${oneLine(plan.model)} on ${oneLine(plan.task)}, metric ${plan.metric}`, out.columns - 1, '  '),
    ),
    ...lines(rows, out),
    ...warnings.map((text) => wrap(`  ${out.paint('yellow', 'note:')} ${oneLine(text)}`, out.columns - 1, '    ')),
  ].join('\n');
}

const triedAtMost = ({ arms, most }: Plan): string =>
  arms < most ? `${count(arms)} to ${count(most)} of them tried` : `${count(arms)} of them tried`;

/** Each step waits for a batch. */
function batchesIn({ train, wording, race, test }: Plan['steps'], isDiagnosed: boolean): string {
  const more = isDiagnosed ? ', besides those of the diagnosis' : '';
  if (race === undefined || test === undefined)
    return `one for each step of a composition, and nothing bounds the steps${more}`;
  const trained = train > 0 ? `${count(train)} for training, ` : '';
  const reworded = wording > 0 ? `${count(wording)} for new wordings, ` : '';
  return `at most ${count(train + wording + race + test)}, where nothing is asked again: ${trained}${reworded}${count(race)} for the race, ${count(test)} for the test${more}`;
}

const amount = (calls: number | undefined): string =>
  calls === undefined ? 'calls without a bound' : plural(calls, 'call');
const limited = (limits: Limits, sign: string): string =>
  Object.entries(limits)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}${sign}${value}`)
    .join(', ');

function lines(rows: readonly (readonly [string, string])[], out: Output): string[] {
  return rows.map(
    ([name, text]) => `  ${name.padEnd(11)} ${wrap(text, out.columns - 15).replaceAll('\n', `\n${' '.repeat(14)}`)}`,
  );
}

export function renderReport(report: Report, file: string | undefined, out: Output): string {
  const { tried, base, front, verdict, improved, effects, stages, selectionBias, picked, dropped } = report;
  const columns = [
    { title: '', align: 'left' as const },
    { title: 'test' },
    { title: '95% interval' },
    { title: 'calls' },
    ...(base.usd ? [{ title: 'cost' }] : []),
    { title: 'base at its cost' },
    { title: 'over the base' },
  ];
  const row = (of: FrontRow): string[] => [
    `${of.picked ? '* ' : '  '}${oneLine(of.plus || of.formula)}`,
    percent(of.accuracy),
    interval(of.ci95),
    count(of.calls),
    ...(base.usd ? [money(of.usd)] : []),
    of.formula === base.formula ? '' : percent(of.equalCost.accuracy),
    of.formula === base.formula ? '' : over(of.versusBase),
  ];
  const alone = [
    `  ${oneLine(base.formula)} alone`,
    percent(base.accuracy),
    interval(base.ci95),
    count(base.calls),
    ...(base.usd ? [money(base.usd)] : []),
    '',
    '',
  ];
  const rows = [...(front.some(({ formula }) => formula === base.formula) ? [] : [alone]), ...front.map(row)];
  const strong = effects.filter(({ ci95: [lo, hi] }) => lo > 0 || hi < 0);
  const worse = dropped.filter(({ why }) => why.startsWith('shown')).length;
  return [
    out.paint('bold', wrap(oneLine(verdict), out.columns - 1, '  ')),
    '',
    table(columns, rows, (line) => out.paint('dim', line)),
    '',
    ...lines(
      [
        ['picked', oneLine(picked)],
        [
          'race',
          `${count(tried.length)} compositions; ${count(worse)} shown to be worse, ${count(dropped.length - worse)} left behind by the budget`,
        ],
        ...strong.map((effect): [string, string] => ['mattered', effectIn(effect)]),
        ...(strong.length === 0 && effects.length > 0
          ? [['mattered', 'no choice that the first rounds could tell'] as const]
          : []),
        ['bias', `${points(selectionBias)}: how much better the pick looked on dev than it is on the test`],
        ...stages.map(({ name, items, arms, calls, tokens, usd }): [string, string] => [
          name,
          [
            `${plural(items, 'item')}, ${plural(arms, 'composition')}`,
            plural(calls, 'call'),
            ...(tokens === undefined ? [] : [plural(tokens, 'token')]),
            ...(usd ? [money(usd)] : []),
          ].join(', '),
        ]),
        ...(file === undefined
          ? improved
            ? [['keep it', 'the same command with --out x.plusx.json writes it, and pays for nothing again'] as const]
            : []
          : [['kept', `${file}: use it with -m ${file}`] as const]),
      ],
      out,
    ),
  ].join('\n');
}

const points = (value: number): string =>
  Number.isNaN(value) ? '–' : `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
const over = ({ difference, ci95: [lo, hi] }: FrontRow['versusBase']): string =>
  `${points(difference)} (${points(lo)} to ${points(hi)})`;
const interval = ([lo, hi]: readonly [number, number]): string => `${percent(lo)} – ${percent(hi)}`;
const effectIn = ({ choice, value, difference, ci95: [lo, hi] }: Effect): string =>
  `${oneLine(choice)} = ${oneLine(value)}: ${points(difference)} points (${points(lo)} to ${points(hi)})`;
