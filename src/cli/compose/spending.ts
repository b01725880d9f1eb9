/**
 * What a verb may spend, said before its first call: the worst case, the question whether to go on where that is much, and
 * `--dry-run`, which says it and spends nothing.
 */
import type { Priced } from '../../config/prices.ts';
import type { Limits } from '../../core/index.ts';
import type { Unbounded, WorstCase } from '../../evaluate/worst-case.ts';
import { Declined, UsageError } from '../failure.ts';
import { writeJson, type Terminal } from '../terminal/terminal.ts';
import { count, money, oneLine, plural, wrap } from '../terminal/text.ts';
import { limits } from './options.ts';

/** What a verb is told about spending. */
export interface SpendingOptions {
  readonly budget?: Limits | undefined;
  /** Say it, and spend nothing. */
  readonly dryRun?: true | undefined;
  /** Never ask. */
  readonly yes?: true | undefined;
  /** Ask where the worst case is above one of these. */
  readonly askAbove?: Limits | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

export interface Spending {
  readonly formula: string;
  readonly worst: WorstCase;
  /** What the calls come from: `100 items, 5 calls each`. */
  readonly of?: string | undefined;
  /** Whether no call is billed, whatever its price. */
  readonly free: boolean;
  /** Items, each of which takes its part of the worst case. */
  readonly items?: number | undefined;
  /** The listed prices that it is counted at. */
  readonly prices?: readonly Priced[] | undefined;
  /** How workers do it, where they do. */
  readonly byWorkers?: string | undefined;
}

/** Above this a terminal asks. Where the dollars are bounded, they decide; where they are not, the calls do. */
export const ASK_ABOVE = { calls: 300, usd: 1 } as const;

/**
 * States what may be spent, and asks where it is much and a person is there. Returns whether the verb goes on: a dry run ends
 * here. Throws Declined where the person does not want it.
 */
export async function mayBegin(spending: Spending, options: SpendingOptions, terminal: Terminal): Promise<boolean> {
  const { out, err, respond } = terminal;
  const most = withinBudget(spending, options.budget);
  const small = options.quiet ? undefined : tooSmall(spending, options.budget);
  if (small !== undefined) err.write(`${err.paint('yellow', 'warning:')} ${small}\n`);
  if (options.dryRun) {
    if (options.json) writeJson(terminal, documentOf(spending, most, options));
    else out.write(`${wrap(`${statement(spending, most, options)} Nothing was asked.`, out.columns - 1)}\n`);
    return false;
  }
  // A budget in dollars refuses a model without a price, and its error says what to do.
  const isRefused = options.budget?.usd !== undefined && spending.worst.because.some(({ what }) => what === 'usd');
  if (isRefused) return true;
  const asks = respond && !options.yes && isMuch(spending, most, aboveWhat(options, terminal));
  if (!spending.free && (asks || !options.quiet))
    err.write(`${err.paint('dim', wrap(statement(spending, most, options), err.columns - 1))}\n`);
  if (asks && !/^\s*y(es)?\s*$/i.test(await respond('Go on? y or n (--yes does not ask, --dry-run only says it)')))
    throw new Declined();
  return true;
}

/** A budget that may not do for one item, and what would. */
function tooSmall({ worst, items = 0 }: Spending, { calls: limit }: Limits = {}): string | undefined {
  const each = items > 0 && worst.calls !== undefined ? Math.ceil(worst.calls / items) : undefined;
  if (limit === undefined || each === undefined || limit >= each) return undefined;
  return `--budget calls=${limit} may not do for one item, which takes up to ${plural(each, 'call')}: all ${plural(items, 'item')} take up to ${count(worst.calls ?? 0)}. Raise it.`;
}

/** The worst case where a budget holds as well. */
function withinBudget({ worst, free }: Spending, budget: Limits = {}): WorstCase {
  const least = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined ? b : b === undefined ? a : Math.min(a, b);
  return {
    ...worst,
    calls: least(worst.calls, budget.calls),
    usd: least(free ? 0 : worst.usd, budget.usd),
  };
}

function isMuch({ free }: Spending, { calls, usd }: WorstCase, above: Limits): boolean {
  if (free || usd === 0) return false;
  if (usd !== undefined) return usd > (above.usd ?? ASK_ABOVE.usd);
  return calls === undefined || calls > (above.calls ?? ASK_ABOVE.calls);
}

/** From the flag, from PLUSX_ASK_ABOVE, or as it is documented. */
function aboveWhat({ askAbove }: SpendingOptions, { env }: Terminal): Limits {
  const text = env['PLUSX_ASK_ABOVE'];
  if (askAbove || !text) return askAbove ?? ASK_ABOVE;
  try {
    return limits(text);
  } catch (error) {
    throw new UsageError(`PLUSX_ASK_ABOVE: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `At most 500 calls (100 items, 5 calls each), 25,600 output tokens. Dollars unknown (--price or --prices states them).` */
function statement(
  { worst, of, free, prices = [], byWorkers }: Spending,
  most: WorstCase,
  { budget = {} }: SpendingOptions,
): string {
  const { calls, inputTokens, outputTokens, usd } = most;
  const whole = inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  const amounts = [
    ...(calls === undefined || (free && calls === 0) ? [] : [plural(calls, 'call')]),
    ...(free || outputTokens === undefined
      ? []
      : [whole === undefined ? plural(outputTokens, 'output token') : plural(whole, 'token')]),
    ...(free || usd === undefined ? [] : [money(usd)]),
  ];
  const source = of === undefined ? '' : ` (${oneLine(of)})`;
  const limited = Object.entries(budget).map(([name, value]) => `${name}=${value}`);
  return [
    ...(free ? [`Free of charge${source}.`] : []),
    ...(amounts.length > 0 ? [`At most ${amounts.join(', ')}${free ? '' : source}.`] : []),
    ...worst.because.filter(({ what }) => what === 'calls').map(({ why }) => `No bound of calls: ${oneLine(why)}.`),
    ...(free ? [] : unbounded(worst)),
    ...(limited.length > 0 ? [`The budget ends it at ${limited.join(', ')}.`] : []),
    ...(free ? [] : listed(prices)),
    ...(byWorkers === undefined ? [] : [byWorkers]),
  ].join(' ');
}

/** Why there are no figures for tokens or dollars, and how to get them. */
function unbounded({ because, outputTokens, inputTokens, usd }: WorstCase): string[] {
  const why = (wanted: Unbounded['what']): string | undefined => because.find(({ what }) => what === wanted)?.why;
  const [output, input, price] = [why('output'), why('input'), why('usd')];
  const tokens =
    outputTokens === undefined && output
      ? 'no bound of tokens (--max-tokens sets one for the output)'
      : inputTokens === undefined && input
        ? `no bound of input tokens: ${oneLine(input)}`
        : undefined;
  const dollars = usd === undefined && price ? 'dollars unknown (--price or --prices states them)' : undefined;
  const said = [tokens, dollars].filter((one) => one !== undefined).join('; ');
  return said === '' ? [] : [`${said.charAt(0).toUpperCase()}${said.slice(1)}.`];
}

/** `Prices of 2026-11-28 (prices.json).`: what they were then may be another price today. */
function listed(prices: readonly Priced[]): string[] {
  const sources = new Set(prices.map(({ date, source }) => `${date} (${oneLine(source)})`));
  return sources.size === 0 ? [] : [`Prices of ${[...sources].join(', ')}.`];
}

function documentOf(
  { formula, worst, of, free, prices = [], byWorkers }: Spending,
  most: WorstCase,
  { budget }: SpendingOptions,
): unknown {
  return {
    formula,
    of,
    free,
    calls: most.calls,
    inputTokens: worst.inputTokens,
    outputTokens: worst.outputTokens,
    usd: most.usd,
    unbounded: worst.because,
    prices: prices.map(({ date, source }) => ({ date, source })),
    budget,
    byWorkers,
  };
}

/** `100 items, 5 calls each`. */
export function calledEach(things: string, worst: WorstCase, among: number): string | undefined {
  if (worst.calls === undefined) return things;
  const each = worst.calls / Math.max(1, among);
  return `${things}, ${count(each)} ${each === 1 ? 'call' : 'calls'} each`;
}
