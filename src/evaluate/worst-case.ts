/**
 * What one inference may take at most, said before the first call is made: from what techniques state of their calls, and what
 * back ends know of the tokens and the price of one. Where nothing bounds it there is no number, and a reason instead.
 */
import {
  compositionOf,
  type Composition,
  type Field,
  type Model,
  type Opened,
  type Request,
  type Schema,
  type Scorer,
} from '../core/index.ts';
import { perCall } from '../core/accounts/budget.ts';
import { termsOf, type Terms } from '../core/tokens/terms.ts';
import { recordedOf } from '../models/pool/index.ts';
import { evaluateExpression, ExpressionError, optionsIn } from './expression.ts';

/** Upper bounds. `undefined`: nothing bounds it, and `because` says why. */
export interface WorstCase {
  readonly calls: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly usd: number | undefined;
  readonly because: readonly Unbounded[];
}

export interface Unbounded {
  readonly what: 'calls' | 'input' | 'output' | 'usd';
  readonly why: string;
}

const AMOUNTS = ['calls', 'inputTokens', 'outputTokens', 'usd'] as const;
type Amount = (typeof AMOUNTS)[number];

export const NOTHING: WorstCase = { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, because: [] };

/** So many times as much. */
export function times(worst: WorstCase, count: number): WorstCase {
  if (count === 0) return NOTHING;
  return { ...each((amount) => scaled(worst[amount], count)), because: worst.because };
}

/** One and the other. */
export function both(a: WorstCase, b: WorstCase): WorstCase {
  return { ...each((amount) => combined(a[amount], b[amount], (x, y) => x + y)), because: reasons(a, b) };
}

/** One inference of a model with a request, at most. */
export function worstCase(model: Model, request: Request): WorstCase {
  const composition = compositionOf(model);
  return composition ? ofTechnique(composition, request) : ofCall(model, request);
}

/** One score of a candidate, at most. What a function of the caller's does by itself is not known, and counts nothing. */
export function worstCaseOfScore(scorer: Scorer, request: Request): WorstCase {
  return worstCaseOfReader(typeof scorer === 'function' ? undefined : scorer.asks, request);
}

/** A model that is asked about what was written, so often: nothing where none is. */
export function worstCaseOfReader(
  asks: { readonly model: Model; readonly calls: number } | undefined,
  request: Request,
): WorstCase {
  if (!asks) return NOTHING;
  const { maxOutputTokens: _, ...unbounded } = request; // it is asked without the bound of the answer
  return times(rewritten(worstCase(asks.model, unbounded), `${asks.model.name} reads what was written`), asks.calls);
}

function ofCall(model: Model, request: Request): WorstCase {
  if (recordedOf(model)) return { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0, because: [] };
  const terms = termsOf(model);
  const { price } = terms ?? {};
  const { inputTokens, outputTokens } = boundOf(terms, request);
  const isFree = price !== undefined && price.input === 0 && price.output === 0;
  const bounded = inputTokens !== undefined && outputTokens !== undefined;
  const because: Unbounded[] = [];
  if (inputTokens === undefined) because.push({ what: 'input', why: `${model.name} tells no bound of what it reads` });
  if (outputTokens === undefined) because.push({ what: 'output', why: 'no call has a limit of output tokens' });
  if (!price) because.push({ what: 'usd', why: `the price of ${model.name} is not known` });
  const usd = price && bounded ? perCall({ calls: 1, inputTokens, outputTokens, price }, outputTokens).usd : undefined;
  return { calls: 1, inputTokens, outputTokens, usd: isFree ? 0 : usd, because };
}

function boundOf(terms: Terms | undefined, request: Request): Partial<ReturnType<Terms['bound']>> {
  try {
    return terms?.bound(request) ?? {};
  } catch {
    return {}; // a question that the model has no answer to fails when it is asked, and takes nothing
  }
}

function ofTechnique({ by: { definition }, options, bases }: Composition, request: Request): WorstCase {
  const { name, room, keepsPrompt } = definition;
  const entries = Object.entries(definition.options as Schema);
  const helpers = entries.flatMap(([option, { kind }]) =>
    kind === 'model' || kind === 'models' ? ([options[option] ?? []].flat() as Model[]) : [],
  );
  const scorers = entries.flatMap(([option, { kind }]) =>
    kind === 'scorer' && options[option] !== undefined ? [options[option] as Scorer] : [],
  );
  const dearest = definition.reads
    ? definition
        .reads(bases[0] as Model, request, options as never)
        .map(ofOpened)
        .reduce(both, NOTHING)
    : [...bases, ...helpers].map((model) => worstCase(model, request)).reduce(larger);
  const more = room === 'decode' ? 'reads its base token by token' : 'puts more than the question into its prompts';
  const one = keepsPrompt ? dearest : rewritten(dearest, `${name} ${more}`);
  const scored = scorers.map((scorer) => worstCaseOfScore(scorer, request)).reduce(both, NOTHING);
  // What opens its base reads it token by token, and a score may be taken after each.
  const perCandidate = room === 'decode' && scored.calls !== 0 ? endless(name) : scored;
  const calls = callsOf(definition, options, bases.length);
  if (typeof calls === 'number') return times(both(one, perCandidate), calls);
  return { ...each(() => undefined), ...(dearest.usd === 0 && scored.usd === 0 && { usd: 0 }), because: [calls] };
}

const ofOpened = ({ model, request }: Opened): WorstCase => worstCase(model, request);

/** How many calls a technique says it makes for one sample, or why it does not say it. */
function callsOf(
  { name, calls, options: schema }: Composition['by']['definition'],
  options: Composition['options'],
  models: number,
): number | Unbounded {
  try {
    const open = optionsIn(calls).find((option) => isOpen(schema[option], options[option]));
    if (open !== undefined) return { what: 'calls', why: `nothing bounds ${open} of ${name}` };
    return Math.max(0, evaluateExpression(calls, { ...options, models: options['models'] ?? models }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { what: 'calls', why: `${name} does not say how many calls it makes` };
  }
}

const isOpen = (field: Field<unknown> | undefined, value: unknown): boolean =>
  value === Infinity || (value === undefined && (field?.kind === 'integer' || field?.kind === 'number'));

const endless = (name: string): WorstCase => ({
  ...each(() => undefined),
  because: [{ what: 'calls', why: `${name} may ask its scorer after every token` }],
});

/** With a prompt that holds more than the caller's: what a model wrote before, for one. Free stays free. */
function rewritten(worst: WorstCase, why: string): WorstCase {
  const usd = worst.usd === 0 ? 0 : undefined;
  return { ...worst, inputTokens: undefined, usd, because: reasons(worst, { because: [{ what: 'input', why }] }) };
}

function larger(a: WorstCase, b: WorstCase): WorstCase {
  return { ...each((amount) => combined(a[amount], b[amount], Math.max)), because: reasons(a, b) };
}

const each = (of: (amount: Amount) => number | undefined): Record<Amount, number | undefined> =>
  Object.fromEntries(AMOUNTS.map((amount) => [amount, of(amount)])) as Record<Amount, number | undefined>;

const scaled = (value: number | undefined, count: number): number | undefined =>
  value === undefined ? undefined : value * count;
const combined = (
  a: number | undefined,
  b: number | undefined,
  of: (a: number, b: number) => number,
): number | undefined => (a === undefined || b === undefined ? undefined : of(a, b));

/** All reasons, each once. */
function reasons(...of: readonly Pick<WorstCase, 'because'>[]): readonly Unbounded[] {
  const all = of.flatMap(({ because }) => because);
  return [...new Map(all.map((one) => [`${one.what} ${one.why}`, one])).values()];
}
