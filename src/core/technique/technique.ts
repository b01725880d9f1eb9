/**
 * Turns the description of a technique into a function from model to model. What every technique owes its caller
 * (several candidates, formula, account, trace, cancellation, streaming, semantics) is done here, so that the
 * technique's own file holds the idea and nothing else.
 */
import { along, candidateAt, draftAt, scope, type Context } from '../context/context.ts';
import { BudgetExceeded, CapabilityMissing, InvalidOption, type LimitName } from '../errors.ts';
import { textOf } from '../message.ts';
import { printCall } from '../formula/print.ts';
import { noteLineage } from './lineage.ts';
import { counted, type Scorer } from './scorer.ts';
import { gather } from '../context/gather.ts';
import { checkDraws, drawOne, meet, sampleOnly, type Model, type Transform } from '../model.ts';
import { annotate, weaker, type Request, type Sample, type Sampled, type Semantics } from '../sample.ts';
import { checkOptions } from '../formula/check-options.ts';
import type {
  Asked,
  Combiner,
  CombinerDefinition,
  Definition,
  Last,
  Technique,
  TechniqueDefinition,
} from './definition.ts';
import type { Options, OptionsIn, Schema } from '../formula/options.ts';
import { streamTechnique } from './stream.ts';
import { addUsage, NO_USAGE } from '../accounts/usage.ts';

export function technique<const S extends Schema>(definition: TechniqueDefinition<S>): Technique<S> {
  const make = (given?: OptionsIn<S>): Transform => {
    const options = bind(definition, given);
    const call = printCall(definition.name, definition.options, options);
    return (base) => {
      const model = derive(definition, options, [base], `${base.name} + ${call}`, wayOf(definition, base, options));
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
    const model = derive(definition, options, [first, ...others], name, {
      run: (request, context, last) =>
        listened(definition, options, context, (heard) => definition.run(models, request, context, heard, last)),
    });
    return noteLineage(model, { bases: models, by: made, options });
  };
  const made: Combiner<S> = Object.assign(make, { definition, takes: 'many' as const });
  return made;
}

/** How a technique comes by its samples: one after the other, or all of them as draws of the base for another request. */
function wayOf<S extends Schema>(definition: TechniqueDefinition<S>, base: Model, options: Options<S>): Way {
  const { run } = definition;
  if (run)
    return {
      run: (request, context, last) =>
        listened(definition, options, context, (heard) => run(base, request, context, heard, last)),
    };
  const { asks } = definition;
  const ask = async (request: Request, context: Context): Promise<Asked> => asks(base, request, context, options);
  if (!definition.each?.(options)) return { base, ask };
  return {
    async run(request, context, last) {
      const { request: asked, finish = same } = await ask(request, context);
      return finish(await last(base, asked, draftAt(context, 'answer')));
    },
  };
}

/** Runs a technique, and says so where none of the scores that it asked for is a number: then scores have decided nothing. */
async function listened<S extends Schema>(
  { name, options: schema }: Definition<S>,
  options: Options<S>,
  { ledger }: Context,
  run: (options: Options<S>) => Promise<Sample>,
): Promise<Sample> {
  const scorers = Object.keys(schema).flatMap((option) => {
    const scorer = schema[option]?.kind === 'scorer' ? (options[option] as Scorer | undefined) : undefined;
    return scorer ? [{ option, ...counted(scorer) }] : [];
  });
  if (scorers.length === 0) return run(options);
  const sample = await run({
    ...options,
    ...Object.fromEntries(scorers.map(({ option, scorer }) => [option, scorer])),
  });
  for (const { scorer, count } of scorers)
    if (count.asked > 0 && count.numbers === 0)
      ledger.warn({
        code: 'no-score',
        message: `${name}: the scorer ${scorer.name} gave no number for a candidate (asked: ${count.asked}), so scores decide nothing.`,
      });
  return sample;
}

const same = (sample: Sample): Sample => sample;

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
  way: Way,
): Model {
  for (const base of bases) {
    const needs = definition.needs?.(options).find((capability) => !base.can[capability]);
    if (needs) throw new CapabilityMissing({ technique: definition.name, model: base.name, needs });
  }
  const semantics = definition.semantics(options);
  const candidates = definition.candidates ?? definition.calls !== '1';
  const can = definition.can?.(bases, options) ?? sampleOnly(bases.map((base) => base.can).reduce(meet));
  const draw = async (request: Request, context: Context, last: Last): Promise<Sampled> => {
    const { n = 1, from = 0, ...one } = request;
    const drawn: Drawn[] = [];
    checkDraws(definition.name, n);
    const of = { name: definition.name, semantics, last, candidates };
    if (!way.run) return passOn({ ...of, ...way }, request, context);
    const { run } = way;
    const at = (i: number) => (inner: Context) =>
      runOnce({ ...of, run }, one, n > 1 ? ofMany(inner, `n=${n}`) : inner, from + i, drawn);
    const samples = await gather(context, { length: n, at }, { alike: true, each: { models: [model], request: one } });
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
  const model: Model = {
    name,
    can,
    ...(prompts && bases.every((base) => base.prompts === prompts) && { prompts }),
    sample: (request, context) => draw(request, context, drawOne),
    stream: (request, context) => streamTechnique(draw, request, context),
  };
  return model;
}

type Run = (request: Request, context: Context, last: Last) => Promise<Sample>;
interface Asking {
  readonly base: Model;
  readonly ask: (request: Request, context: Context) => Promise<Asked>;
}
type Way = { readonly run: Run } | (Asking & { readonly run?: undefined });

/** What one candidate left: its account, and the limit that kept it from being there. */
interface Drawn {
  readonly ledger: Context['ledger'];
  readonly limit: LimitName | undefined;
}

interface Of {
  readonly name: string;
  readonly semantics: Semantics;
  readonly last: Last;
  readonly candidates: boolean;
}

/** The context of what is drawn several times for one answer. */
function ofMany(context: Context, by: string): Context {
  return { ...context, candidatesOf: context.candidatesOf ?? by };
}

/** One candidate: its own account, its span, and its statement of what it is. */
async function runOnce(
  { name, semantics, run, last, candidates }: Of & { readonly run: Run },
  request: Request,
  at: Context,
  i: number,
  drawn: Drawn[],
): Promise<Sample> {
  const { context, close } = scope(candidateAt(at, i, name), { name });
  try {
    const sample = await run(request, candidates ? ofMany(context, name) : context, last);
    const exhausted = context.ledger.exhausted;
    drawn.push({ ledger: context.ledger, limit: exhausted });
    close('ok', textOf(sample.content));
    const stated: Sample = {
      ...sample,
      usage: context.ledger.usage,
      semantics: { ...semantics, kind: weaker(semantics.kind, sample.semantics.kind) },
    };
    return exhausted ? annotate(stated, { exhausted }) : stated;
  } catch (error) {
    drawn.push({ ledger: context.ledger, limit: error instanceof BudgetExceeded ? error.limit : undefined });
    close(context.signal.aborted ? 'cancelled' : 'error', String(error));
    throw error;
  }
}

/** All candidates as draws of the base for another request: one account and one span, and one call where the base takes several. */
async function passOn(
  { name, semantics, last, base, ask }: Of & Asking,
  { n = 1, from = 0, ...one }: Request,
  outer: Context,
): Promise<Sampled> {
  const several = n > 1 ? ofMany(outer, `n=${n}`) : outer;
  const { context, close } = scope(along(several, name), { name });
  try {
    const { request, finish = same } = await ask(one, context);
    const sampled =
      n === 1
        ? { samples: [await last(base, { ...request, from }, context)], exhausted: undefined }
        : await base.sample({ ...request, n, from }, context);
    const { usage, warnings, exhausted } = context.ledger;
    const samples = sampled.samples.map((sample): Sample => {
      const kind = weaker(semantics.kind, sample.semantics.kind);
      const stated: Sample = { ...finish(sample), semantics: { ...semantics, kind } };
      return n === 1 ? { ...stated, usage } : stated;
    });
    close('ok', textOf(samples[0]?.content ?? ''));
    return { samples, usage, warnings, exhausted: exhausted ?? sampled.exhausted };
  } catch (error) {
    close(context.signal.aborted ? 'cancelled' : 'error', String(error));
    throw error;
  }
}
