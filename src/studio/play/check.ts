/** What a formula is, before anything is spent. Runs in a browser. */
import { compositionOf, FormulaError, type Field, type Model, type Request, type Semantics } from '../../core/index.ts';
import { printValue } from '../../core/formula/print.ts';
import { worstCase } from '../../evaluate/worst-case.ts';
import { wordsOf } from './words.ts';
import type { Checked, Part } from './protocol.ts';

/** Composes formulas from names that may be used. Throws FormulaError and others of the library's errors. */
export interface Composing {
  compose(formula: string): Promise<Model>;
  /** Whether all paths through a formula can be visited: every model in it is a finite distribution. */
  isFinite(formula: string): boolean;
}

const CAPABILITIES = ['logprobs', 'continueFrom', 'score', 'next'] as const;

export async function check(formula: string, request: Request, composing: Composing): Promise<Checked> {
  let model: Model;
  try {
    model = await composing.compose(formula);
  } catch (error) {
    return {
      ok: false,
      message: wordsOf(error),
      position: error instanceof FormulaError ? error.position : undefined,
      suggestion: error instanceof FormulaError ? error.suggestion : undefined,
    };
  }
  const base = baseOf(model);
  return {
    ok: true,
    formula: model.name,
    base: base.name,
    tree: partOf(model),
    lacks: CAPABILITIES.filter((one) => !model.can[one]),
    semantics: semanticsOf(model),
    finite: composing.isFinite(model.name),
    worst: worstCase(model, request),
    worstOfBase: worstCase(base, request),
    opens: model !== base && model.open !== undefined && base.open !== undefined,
  };
}

/** The model that all of it is made of: of several, the first. */
export function baseOf(model: Model): Model {
  const [base] = compositionOf(model)?.bases ?? [];
  return base ? baseOf(base) : model;
}

/** A formula is at most some thousand letters long, and so is its tree. */
function partOf(model: Model): Part {
  const composition = compositionOf(model);
  if (!composition) return { name: model.name, kind: 'model', options: [], bases: [], helpers: [] };
  const { by, options, bases } = composition;
  const fields = Object.entries<Field<unknown>>(by.definition.options);
  const given = fields.filter(([name, field]) => options[name] !== undefined && options[name] !== field.default);
  const isModel = ([, { kind }]: (typeof fields)[number]): boolean => kind === 'model' || kind === 'models';
  return {
    name: by.definition.name,
    kind: 'technique',
    options: given
      .filter((entry) => !isModel(entry))
      .map(([name, field]) => ({ name, value: printValue(field.kind, options[name]) })),
    bases: bases.map(partOf),
    helpers: given.filter(isModel).flatMap(([name]) => ([options[name]].flat() as Model[]).map(partOf)),
  };
}

function semanticsOf(model: Model): Semantics {
  const composition = compositionOf(model);
  if (!composition) return { kind: 'exact', target: 'P', why: 'the model itself' };
  const own = composition.by.definition.semantics(composition.options as never);
  const inner = composition.bases.map(semanticsOf);
  const order = ['exact', 'asymptotic', 'heuristic'] as const;
  const weakest = order[Math.max(...[own, ...inner].map(({ kind }) => order.indexOf(kind)))] ?? own.kind;
  return { ...own, kind: weakest };
}
