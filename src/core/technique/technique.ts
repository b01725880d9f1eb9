/**
 * Turns the description of a technique into a function from model to model. What every technique owes its caller
 * (several candidates, formula, account, trace, cancellation, streaming, semantics) is done here, so that the
 * technique's own file holds the idea and nothing else.
 */
import { fork, type Context } from '../context/context.ts';
import { CapabilityMissing, InvalidOption } from '../errors.ts';
import { printCall } from '../formula/print.ts';
import { noteLineage } from './lineage.ts';
import { gather } from '../context/gather.ts';
import type { Opened } from '../tokens/meter.ts';
import { meet, sampleOnly } from '../model.ts';
import type { Capabilities, Model, Process, Request, Sample, Sampled, Semantics, Transform } from '../model.ts';
import { checkOptions } from '../formula/check-options.ts';
import { drawOne } from '../ask.ts';
import { runOnce, type Drawn, type Last, type Run } from './run-once.ts';
import type { Options, OptionsIn, Schema } from '../formula/options.ts';
import { streamTechnique } from './stream.ts';
import { addUsage, NO_USAGE } from '../accounts/usage.ts';

/** The six rooms, the token-level room and the compounds. */
export type Room = 'search' | 'iterate' | 'remember' | 'tools' | 'rephrase' | 'decompose' | 'decode' | 'recipes';
export type Capability = Exclude<keyof Capabilities, 'concurrency'>;

/** A technique with its options bound: what it makes of one inference. */
export interface Definition<S extends Schema = Schema> {
  /** The paper's name for it. */
  readonly name: string;
  readonly room: Room;
  /** One line: what it does. */
  readonly summary: string;
  readonly paper: string;
  readonly options: S;
  /** Capabilities the base must have. */
  readonly needs?: (options: Options<S>) => readonly Capability[];
  /** Cost of one sample in calls to the base, as a formula over the options. */
  readonly calls: string;
  /** How many of those calls come one after the other. */
  readonly rounds: string;
  readonly semantics: (options: Options<S>) => Semantics;
  /** What the resulting model can do. Default: be sampled. */
  readonly can?: (bases: readonly [Model, ...Model[]], options: Options<S>) => Capabilities;
  /** What is opened to write with the resulting model, where that is more than the base with the request as it is. */
  readonly reads?: (base: Model, request: Request, options: Options<S>) => readonly Opened[];
  /** The rule between options (and, in a combiner, models) that is broken, if one is. */
  readonly check?: (
    options: Options<S>,
    models: readonly Model[],
  ) => { readonly option: keyof S & string; readonly rule: string } | undefined;
}

export interface TechniqueDefinition<S extends Schema> extends Definition<S> {
  /** Draws one sample of the transformed model. `request.n` is 1. What it draws with `last` is streamed as it is written. */
  readonly run: (base: Model, request: Request, context: Context, options: Options<S>, last: Last) => Promise<Sample>;
  /** Opens the next-token process of the transformed model, where `can` says that it has one. */
  readonly open?: (base: Model, request: Request, context: Context, options: Options<S>) => Promise<Process>;
}
export interface CombinerDefinition<S extends Schema> extends Definition<S> {
  readonly run: (
    bases: readonly Model[],
    request: Request,
    context: Context,
    options: Options<S>,
    last: Last,
  ) => Promise<Sample>;
}

/** A named transform: give it options, it gives the function from model to model. */
export interface Technique<S extends Schema = Schema> {
  (
    ...options: Record<string, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): Transform;
  readonly definition: Definition<S>;
  readonly takes: 'one';
}
/** A named function of several models to one: `mixture([a, b])`. */
export interface Combiner<S extends Schema = Schema> {
  (models: readonly Model[], options?: OptionsIn<S>): Model;
  readonly definition: Definition<S>;
  readonly takes: 'many';
}
// oxlint-disable-next-line typescript/no-explicit-any -- a list of techniques holds schemas of every kind
export type AnyTechnique = Technique<any> | Combiner<any>;

export function technique<const S extends Schema>(definition: TechniqueDefinition<S>): Technique<S> {
  const make = (given?: OptionsIn<S>): Transform => {
    const options = bind(definition, given);
    const call = printCall(definition.name, definition.options, options);
    return (base) => {
      const model = derive(definition, options, [base], `${base.name} + ${call}`, (request, context, last) =>
        definition.run(base, request, context, options, last),
      );
      const { open } = definition;
      if (open && model.can.next) model.open = (request, context) => open(base, request, context, options);
      return noteLineage(model, { bases: [base], by: made, options });
    };
  };
  const made = Object.assign(make as unknown as Technique<S>, { definition, takes: 'one' as const });
  return made;
}

export function combiner<const S extends Schema>(definition: CombinerDefinition<S>): Combiner<S> {
  const make = (models: readonly Model[], given?: OptionsIn<S>): Model => {
    const [first, ...others] = models;
    if (!first)
      throw new InvalidOption({ where: definition.name, option: 'models', rule: 'must name at least one model' });
    const options = bind(definition, given, models);
    const name = printCall(definition.name, definition.options, options, models);
    const model = derive(definition, options, [first, ...others], name, (request, context, last) =>
      definition.run(models, request, context, options, last),
    );
    return noteLineage(model, { bases: models, by: made, options });
  };
  const made: Combiner<S> = Object.assign(make, { definition, takes: 'many' as const });
  return made;
}

function bind<S extends Schema>(
  { name, options: schema, check }: Definition<S>,
  given: OptionsIn<S> | undefined,
  models: readonly Model[] = [],
): Options<S> {
  const options = checkOptions(name, schema, { ...given });
  const broken = check?.(options, models);
  if (broken) throw new InvalidOption({ where: name, ...broken, value: options[broken.option] });
  return options;
}

function derive<S extends Schema>(
  definition: Definition<S>,
  options: Options<S>,
  bases: readonly [Model, ...Model[]],
  name: string,
  run: Run,
): Model {
  for (const base of bases) {
    const needs = definition.needs?.(options).find((capability) => !base.can[capability]);
    if (needs) throw new CapabilityMissing({ technique: definition.name, model: base.name, needs });
  }
  const semantics = definition.semantics(options);
  const can = definition.can?.(bases, options) ?? sampleOnly(bases.map((base) => base.can).reduce(meet));
  const draw = async (request: Request, context: Context, last: Last): Promise<Sampled> => {
    const { n = 1, from = 0, ...one } = request;
    const drawn: Drawn[] = [];
    const samples = await gather(
      context,
      Array.from(
        { length: n },
        (_, i) => (inner: Context) =>
          runOnce({ name: definition.name, semantics, run, last }, one, fork(inner, `draw/${from + i}`), drawn),
      ),
    );
    return {
      samples,
      usage: drawn.reduce((sum, { ledger }) => addUsage(sum, ledger.usage), NO_USAGE),
      warnings: drawn.flatMap(({ ledger }) => ledger.warnings),
      exhausted:
        samples.length < n
          ? (context.ledger.exhausted ?? drawn.find(({ limit }) => limit)?.limit)
          : drawn.find(({ ledger }) => ledger.exhausted)?.ledger.exhausted,
    };
  };
  const { prompts } = bases[0]; // of several bases that speak differently, the result has no wording of its own
  return {
    name,
    can,
    ...(prompts && bases.every((base) => base.prompts === prompts) && { prompts }),
    sample: (request, context) => draw(request, context, drawOne),
    stream: (request, context) => streamTechnique(draw, request, context),
  };
}
