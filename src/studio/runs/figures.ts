/** Figures of runs from what is kept of their items. */
import { extractAnswer, totalTokens, user, addUsage, NO_USAGE, type Sample } from '../../core/index.ts';
import { describeModel } from '../../evaluate/compare/comparison.ts';
import { compareResults, resultsByFormula, type ItemResult, type Reply } from '../../evaluate/index.ts';
import type { Run, RunItem } from '../../store/index.ts';
import { keptCurves } from '../../evaluate/curve/kept.ts';
import type { Flip, ListedItem, Measured, Pair, RunKind, ShownCurve, ShownItem, ShownReply } from './protocol.ts';

const SHORT = 300;
const LONG = 20_000;
const MOST_CANDIDATES = 64;
const MOST_FLIPS = 500;

/** Results of a run, with the formula of each. */
export interface RunResults {
  readonly run: Run;
  readonly results: readonly (ItemResult & { readonly formula?: unknown })[];
}

export function kindOf({ settings }: Pick<Run, 'settings'>): RunKind {
  const given = (settings ?? {}) as { readonly [name: string]: unknown };
  if (given['compare'] !== undefined) return 'compare';
  if (given['curve'] !== undefined) return 'curve';
  return given['metric'] === undefined && given['data'] !== undefined ? 'compile' : 'eval';
}

/** What of the kept items are results: a search keeps its events beside them. */
export function resultsIn(items: readonly RunItem[]): RunResults['results'] {
  return items.flatMap(({ result }) => {
    const { id, replies, usage } = (result ?? {}) as Partial<ItemResult>;
    return typeof id === 'string' && Array.isArray(replies) && usage ? [result as ItemResult] : [];
  });
}

/** The curves of a run, without their warnings. */
export const curvesIn = (items: readonly RunItem[]): readonly ShownCurve[] =>
  keptCurves(items).map((curve) => {
    const { warnings: _, ...shown } = curve;
    return shown;
  });

export function measuredIn({ run, results }: RunResults): readonly Measured[] {
  return resultsByFormula(results, run.formula).map(({ formula, results: own }) => {
    const of = describeModel(formula, own, 1);
    return {
      run: run.name,
      formula,
      items: own.length,
      failed: of.failed,
      accuracy: finite(of.accuracy),
      ci95: of.ci95,
      samples: finite(of.samplesPerItem),
      tokens: finite(of.tokensPerItem),
      usd: finite(of.usdPerItem),
      ms: finite(of.msPerItem),
      tags: 'tags' in of ? ((of.tags ?? []) as Measured['tags']) : [],
    };
  });
}

export function spentIn(results: RunResults['results']) {
  const usage = results.reduce((sum, result) => addUsage(sum, result.usage), NO_USAGE);
  return { calls: usage.calls, tokens: totalTokens(usage), usd: usage.usd };
}

/** Each formula of each run beside the first of them all, on the items that both have. */
export function pairsIn(all: readonly RunResults[]): readonly Pair[] {
  const measured = all.flatMap(({ run, results }) => {
    const own = resultsByFormula(results, run.formula);
    return own.map((one) => ({ ...one, run: own.length > 1 ? `${run.name}: ${one.formula}` : run.name }));
  });
  const [first] = measured;
  const { pairs } = compareResults(measured);
  return pairs.map(({ a, b, items, difference, ci95, p, better, gained, lost }, i) => {
    const [mine, others] = [byId(first?.results), byId(measured[i + 1]?.results)];
    const flip =
      (how: Flip['how']) =>
      (id: string): Flip => ({
        id,
        how,
        question: cut(mine.get(id)?.question ?? '', SHORT),
        expected: expectedOf(mine.get(id)),
        a: saidIn(mine.get(id)),
        b: saidIn(others.get(id)),
      });
    const flips = [...gained.map(flip('gained')), ...lost.map(flip('lost'))].slice(0, MOST_FLIPS);
    return { a, b, items, difference, ci95, p, better, flips };
  });
}

const byId = (results: readonly ItemResult[] = []): ReadonlyMap<string, ItemResult> =>
  new Map(results.map((result) => [result.id, result]));

export function listedItem(result: RunResults['results'][number], formula: string): ListedItem {
  const { id, grade, question, error } = result;
  return {
    id,
    formula: typeof result.formula === 'string' ? result.formula : formula,
    grade,
    question: cut(question, SHORT),
    answer: saidIn(result),
    expected: expectedOf(result),
    error: error === undefined ? undefined : cut(error, SHORT),
  };
}

export function shownItem(result: RunResults['results'][number], formula: string): ShownItem {
  const { question, replies, tags = [], error } = result;
  return {
    ...listedItem(result, formula),
    question: cut(question, LONG),
    error: error === undefined ? undefined : cut(error, LONG),
    tags,
    replies: replies.map((reply) => shownReply(reply, question)),
  };
}

function shownReply(
  { text, answer, grade, samples, usage, ms, facts = {}, candidates = [] }: Reply,
  question: string,
): ShownReply {
  const request = { prompt: [user(question)] };
  const shown = candidates.slice(0, MOST_CANDIDATES);
  return {
    text: cut(text, LONG),
    answer: answer === null ? null : cut(answer, SHORT),
    grade,
    samples,
    tokens: totalTokens(usage),
    usd: usage.usd,
    ms,
    facts: Object.entries(facts).map(([name, value]) => [name, cut(JSON.stringify(value) ?? '', SHORT)] as const),
    candidates: shown.map((one) => ({
      at: one.at,
      text: cut(one.text, LONG),
      answer: extractAnswer(asSample(one.text), request),
    })),
    more: candidates.length - shown.length,
  };
}

const asSample = (text: string): Sample => ({
  content: [{ type: 'text', text: cut(text, LONG) }],
  finish: { unified: 'stop', raw: undefined },
  weight: 1,
  semantics: { kind: 'heuristic', target: 'P', why: 'read from a record' },
});

function saidIn(result: ItemResult | undefined): string | null {
  const said = result?.answer ?? result?.replies[0]?.text;
  return said === undefined || said === null ? null : cut(said, SHORT);
}

function expectedOf(result: ItemResult | undefined): string | undefined {
  const { expected } = result ?? {};
  if (expected === undefined) return undefined;
  return cut(typeof expected === 'string' ? expected : JSON.stringify(expected), SHORT);
}

const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value : undefined;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);
