/** From the file of a compiled model to a model. */
import {
  InvalidOption,
  parseTransforms,
  plus,
  type FormulaScope,
  type Model,
  type Sampled,
  type Warning,
} from '../../core/index.ts';
import { COMPILED_BYTES } from '../../core/bounds.ts';
import { techniques } from '../../catalog.ts';
import { refuse, whole } from '../../config/read.ts';
import { demosOf } from '../demos.ts';
import { panel } from '../route/panel-model.ts';
import { limited } from '../search/limited.ts';
import { checkProgram, type Program } from './format.ts';

export interface LoadOptions {
  /** The model that the composition stands on. */
  readonly base: Model;
  /** What else its formula may name: other models, scorers, functions, techniques instead of all. */
  readonly scope?: Partial<FormulaScope> | undefined;
}

/** Reads and checks the file of a compiled model. Throws ConfigError. */
export async function readProgramFile(file: string): Promise<Program> {
  const { readBounded } = await import('../../config/files.ts'); // a browser loads what such a file holds
  const written = await readBounded(file, COMPILED_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    refuse(whole(file), 'is no JSON');
  }
  return checkProgram(value, file);
}

/**
 * The model of a file, or of what such a file holds, on a base. It is data: nothing of it is run. Where it was made for another model,
 * every answer carries a warning. Throws ConfigError for a file that is not as described, FormulaError for a formula that this plusx
 * does not know.
 */
export async function load(from: string | Program, options: LoadOptions): Promise<Model> {
  const { base } = options;
  if (typeof base !== 'object' || base === null || typeof base.sample !== 'function')
    throw new InvalidOption({
      where: 'load',
      option: 'base',
      rule: 'must be the model that the composition stands on',
      hint: "Such as load('x.plusx.json', { base: tiny() })",
    });
  const program = typeof from === 'string' ? await readProgramFile(from) : checkProgram(from, 'program');
  return modelOf(program, options);
}

/** Demonstrations of no file: what stands for the technique while names in a formula are collected. */
export const DEMOS = demosOf([]);

/** The formulas that a program is made of, each with its model. */
export function formulasOf({ model, plus: added, router }: Program): readonly string[] {
  return (router?.members ?? [added]).map((one) => (one === '' ? model : `${model} + ${one}`));
}

/** The model of a program. */
export function modelOf(program: Program, { base, scope = {} }: LoadOptions): Model {
  const { demonstrations = [], perQuestion, plus: formula, router } = program;
  const known: FormulaScope = {
    ...scope,
    techniques: [...(scope.techniques ?? techniques), demosOf(demonstrations)],
    model: (name) => (name === program.model ? base : scope.model?.(name)),
  };
  const member = (added: string): Model => plus(base, ...parseTransforms(added, known));
  const composed = router ? panel(router.members.map(member), { router }) : member(formula);
  const held = perQuestion === undefined ? composed : limited(composed, perQuestion);
  return base.name === program.model ? held : foreign(held, program.model, base.name);
}

/** Tells with every answer that the composition was found on another model. */
function foreign(model: Model, made: string, base: string): Model {
  const message = `This composition was compiled for ${made} and stands on ${base}: what its file says of quality does not hold here. Compile it anew, or name the model it was made for.`;
  const warning: Warning = { code: 'compiled-for-another', message };
  const told = (sampled: Sampled): Sampled => ({ ...sampled, warnings: [warning, ...sampled.warnings] });
  return {
    ...model,
    async sample(request, context) {
      context.ledger.warn(warning);
      return told(await model.sample(request, context));
    },
    ...(model.stream && {
      async *stream(request, context) {
        context.ledger.warn(warning);
        for await (const part of (model.stream as NonNullable<Model['stream']>)(request, context))
          yield part.type === 'finish' ? { ...part, sampled: told(part.sampled) } : part;
      },
    }),
  };
}
