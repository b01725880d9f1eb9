/** From the id of a model in a request to the model: a name, or a formula of names that the caller may use. */
import { parse, type AnyTechnique, type FormulaScope, type Model } from '../core/index.ts';
import { namesInFormula } from '../config/models.ts';
import { techniques as catalog } from '../catalog.ts';
import type { ServeOptions } from './config.ts';
import { Refusal } from './failure.ts';
import type { Caller } from './keys/keys.ts';

export interface Composer {
  /** The model of an id. Throws Refusal or FormulaError. */
  compose(id: string, caller: Caller): Promise<Model>;
  /** Names that can be listed for a caller. */
  names(caller: Caller): readonly string[];
}

/** Formulas that are kept composed. */
const MOST_KEPT = 1000;
/** How deep named formulas may name one another. */
const MOST_NESTED = 16;

export function composer(options: ServeOptions): Composer {
  const { models = {}, techniques = catalog, scorers = {}, functions = {} } = options;
  const kept = new Map<string, Promise<Model>>();

  /** What a formula of the operator's own may name: everything. */
  const all = { mayUseModel: () => true, mayUseTechnique: () => true };

  const named = async (name: string, depth: number): Promise<Model | undefined> => {
    if (!Object.hasOwn(models, name)) return options.model?.(name);
    const value = models[name];
    if (typeof value !== 'string') return value;
    return value === name ? options.model?.(name) : build(value, all, depth + 1);
  };

  const build = async (
    formula: string,
    caller: Pick<Caller, 'mayUseModel' | 'mayUseTechnique'>,
    depth = 0,
  ): Promise<Model> => {
    if (depth > MOST_NESTED)
      throw new Refusal(`The names in the configuration go round in a circle at "${formula}".`, {
        status: 500,
        code: 'invalid_configuration',
      });
    // A name of the configuration may look like a formula, and no formula looks like a name.
    if (Object.hasOwn(models, formula) && caller.mayUseModel(formula))
      return (await named(formula, depth)) ?? unknown(formula);
    const scope = { techniques: allowed(techniques, caller), scorers, functions };
    barred(formula, scope, techniques);
    const found = new Map<string, Model>();
    for (const name of namesInFormula(formula, scope)) {
      const model = caller.mayUseModel(name) ? await named(name, depth) : undefined;
      found.set(name, model ?? unknown(name));
    }
    return parse(formula, { ...scope, model: (name) => found.get(name) });
  };

  return {
    compose(id, caller) {
      const key = `${caller.key ?? ''}\n${id}`;
      const known = kept.get(key);
      if (known) return known;
      const made = build(id, caller);
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, made);
      // What failed may not fail again: a server that did not answer, a key that was set since.
      made.catch(() => kept.get(key) === made && kept.delete(key));
      return made;
    },
    names: (caller) => [
      ...new Set([...Object.keys(models), ...(options.listed ?? [])].filter((name) => caller.mayUseModel(name))),
    ],
  };
}

function unknown(name: string): never {
  throw new Refusal(`There is no model "${name}" for this key. \`GET /v1/models\` lists those that there are.`, {
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
}

/** The techniques that a caller may use. One that it may not use is refused where a formula calls it. */
function allowed(
  techniques: readonly AnyTechnique[],
  caller: Pick<Caller, 'mayUseTechnique'>,
): readonly AnyTechnique[] {
  const may = techniques.filter(({ definition }) => caller.mayUseTechnique(definition.name));
  return may.length === techniques.length ? techniques : may;
}

/** Says that a technique is not allowed, and not that there is none, where the formula fails for want of it. */
function barred(formula: string, scope: Omit<FormulaScope, 'model'>, all: readonly AnyTechnique[]): void {
  if (scope.techniques === all) return;
  const reads = (techniques: readonly AnyTechnique[]): boolean => {
    try {
      namesInFormula(formula, { ...scope, techniques });
      return true;
    } catch {
      return false;
    }
  };
  if (!reads(all) || reads(scope.techniques)) return;
  const missing = all.filter((one) => !scope.techniques.includes(one));
  const name = missing.find((one) => !reads(all.filter((other) => other !== one)))?.definition.name ?? 'a technique';
  throw new Refusal(`This key may not use ${name}. Leave it out of the formula.`, {
    status: 403,
    code: 'technique_not_allowed',
    param: 'model',
  });
}
