/** How many calls of a search come one after another, at most: each of them is a wait, and a batch where calls go in batches. */
import { compositionOf, type Composition, type Model, type Schema, type Scorer } from '../../core/index.ts';
import { ASKED_AT_MOST } from '../wording/evolve.ts';
import { evaluateExpression, ExpressionError, optionsIn } from '../../evaluate/expression.ts';

/** By stage. Nothing where a composition does not say it. The budget may add a round that it cut short, and a failure another try. */
export interface Steps {
  readonly train: number;
  readonly wording: number;
  readonly race: number | undefined;
  readonly test: number | undefined;
}

/** Members of a panel that are asked one after another. */
const PANEL = 3;

interface Stages {
  /** Whether demonstrations are made. */
  readonly trains: boolean;
  /** Whether wordings are rewritten. */
  readonly rewrites: boolean;
  /** Items of the first round, and of all. */
  readonly first: number;
  readonly dev: number;
  /** Compositions that may enter the first round after the others, each in a heat of its own. */
  readonly later: number;
}

export function stepsOfSearch(models: readonly Model[], { trains, rewrites, first, dev, later }: Stages): Steps {
  const each = models.reduce<number | undefined>((most, model) => {
    const own = stepsOf(model);
    return most === undefined || own === undefined ? undefined : Math.max(most, own);
  }, 1);
  const of = (rounds: number): number | undefined => (each === undefined ? undefined : rounds * each);
  return {
    train: trains ? 1 : 0,
    wording: rewrites ? ASKED_AT_MOST : 0,
    race: of(roundsOf(first, dev) + later),
    test: of(PANEL),
  };
}

/** Rounds that double what was asked. */
const roundsOf = (first: number, dev: number): number => 1 + Math.ceil(Math.log2(Math.max(1, dev / first)));

/** Calls of one answer that come one after another, at most. */
function stepsOf(model: Model): number | undefined {
  const composition = compositionOf(model);
  if (!composition) return 1;
  const { by, options, bases } = composition;
  const kinds = Object.entries(by.definition.options as Schema).map(
    ([option, { kind }]) => [kind, options[option]] as const,
  );
  const helpers = kinds.flatMap(([kind, value]) =>
    kind === 'model' || kind === 'models' ? ([value ?? []].flat() as Model[]) : [],
  );
  const judges = kinds.flatMap(([kind, value]) => {
    const scorer = kind === 'scorer' ? (value as Scorer | undefined) : undefined;
    return scorer === undefined || typeof scorer === 'function' || !scorer.asks ? [] : [scorer.asks.model];
  });
  const [below, judging] = [mostOf([...bases, ...helpers]), mostOf(judges)];
  const own = roundsIn(composition);
  return below === undefined || judging === undefined || own === undefined ? undefined : own * (below + judging);
}

function mostOf(models: readonly Model[]): number | undefined {
  const all = models.map(stepsOf);
  return all.every((one) => one !== undefined) ? Math.max(0, ...all) : undefined;
}

function roundsIn({ by: { definition }, options, bases }: Composition): number | undefined {
  const { rounds } = definition;
  try {
    if (optionsIn(rounds).some((option) => options[option] === Infinity)) return undefined;
    return Math.max(1, evaluateExpression(rounds, { ...options, models: options['models'] ?? bases.length }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return undefined;
  }
}
