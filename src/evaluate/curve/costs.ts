/**
 * What an answer made of k draws costs, from draws that were made together. A call for several candidates has a part that does
 * not grow with them: the prompt, which most servers bill once a call, and some once a candidate.
 */
import { addUsage, NO_USAGE, totalTokens, type Price, type Usage } from '../../core/index.ts';
import { CANDIDATES_A_CALL } from '../../core/bounds.ts';

export interface Cost {
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
}

export interface DrawCosts {
  /** Of a call, however many candidates it gives. */
  readonly fixed: Cost;
  /** Of each candidate. */
  readonly each: Cost;
}

/** How a server bills the prompt of a call for several candidates. */
export type PromptBilling = 'once' | 'each';

/** Of draws that were made together, what each of them took where that is known, and what all did. */
export interface Draws {
  readonly samples: readonly { readonly usage?: Usage | undefined }[];
  readonly usage: Usage;
}

/** What the same request says, asked for one candidate and for several: nothing where they were not asked for together. */
export function promptBilling(alone: Draws, together: Draws): PromptBilling | undefined {
  const { usage, count } = sharedIn(together);
  const one = alone.usage.inputTokens;
  if (count === 0 || one === undefined || usage.inputTokens === undefined) return undefined;
  if (usage.inputTokens === one * count) return 'each';
  return usage.inputTokens === one * callsFor(count) ? 'once' : undefined;
}

/** The costs of draws of one request. Unknown where calls shared a prompt and nothing says how it was billed. */
export function costsOf(
  drawn: readonly Draws[],
  billing: PromptBilling | undefined,
  price: Price | undefined,
): DrawCosts {
  const all = drawn.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  const count = drawn.reduce((sum, { samples }) => sum + samples.length, 0);
  const shared = drawn.map(sharedIn).filter((one) => one.count > 0);
  if (shared.length === 0 || billing === 'each') return { fixed: NOTHING, each: partOf(costOfAll(all), count) };
  if (billing === undefined) return { fixed: UNKNOWN, each: UNKNOWN };
  const calls = shared.reduce((sum, one) => sum + callsFor(one.count), 0);
  const usage = shared.reduce((sum, one) => addUsage(sum, one.usage), NO_USAGE);
  const written = partOf({ tokens: all.outputTokens, usd: dollars(all.outputTokens, price) }, count);
  const prompt = less(usage.usd, dollars(usage.outputTokens, price));
  return {
    fixed: partOf({ tokens: usage.inputTokens, usd: prompt !== undefined && prompt < 0 ? undefined : prompt }, calls),
    each: written,
  };
}

/** The cost of an answer from k draws, asked for together where the server takes them so. */
export function costAt({ fixed, each }: DrawCosts, k: number): Cost {
  const at = (once: number | undefined, one: number | undefined): number | undefined =>
    once === undefined || one === undefined ? undefined : once * callsFor(k) + one * k;
  return { tokens: at(fixed.tokens, each.tokens), usd: at(fixed.usd, each.usd) };
}

/** The same, with work of its own for each draw, such as a judge's. `usage` is that of all. */
export function withWork({ fixed, each }: DrawCosts, usage: Usage, count: number): DrawCosts {
  const work = partOf(costOfAll(usage), count);
  const sum = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? undefined : a + b;
  return { fixed, each: { tokens: sum(each.tokens, work.tokens), usd: sum(each.usd, work.usd) } };
}

/** What one usage has beyond another that is part of it. */
export function beyond(whole: Usage, part: Usage): Usage {
  return {
    ...NO_USAGE,
    inputTokens: less(whole.inputTokens, part.inputTokens),
    outputTokens: less(whole.outputTokens, part.outputTokens),
    usd: less(whole.usd, part.usd),
  };
}

const NOTHING: Cost = { tokens: 0, usd: 0 };
const UNKNOWN: Cost = { tokens: undefined, usd: undefined };

const callsFor = (candidates: number): number => Math.ceil(candidates / CANDIDATES_A_CALL);
const costOfAll = (usage: Usage): Cost => ({ tokens: totalTokens(usage), usd: usage.usd });

/** The candidates that came together: they have no account of their own. */
function sharedIn({ samples, usage }: Draws): { readonly usage: Usage; readonly count: number } {
  const alone = samples.flatMap((sample) => sample.usage ?? []);
  const count = samples.length - alone.length;
  // One that came alone from a call for several is like any other.
  return count < 2 ? { usage: NO_USAGE, count: 0 } : { usage: beyond(usage, alone.reduce(addUsage, NO_USAGE)), count };
}

const dollars = (outputTokens: number | undefined, price: Price | undefined): number | undefined =>
  outputTokens === undefined || price === undefined || price.long ? undefined : outputTokens * price.output;

const less = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

function partOf({ tokens, usd }: Cost, parts: number): Cost {
  return {
    tokens: tokens === undefined ? undefined : tokens / parts,
    usd: usd === undefined ? undefined : usd / parts,
  };
}
