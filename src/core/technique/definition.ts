/** What a technique says of itself, and the functions that are made of it. */
import type { Context } from '../context/context.ts';
import type { Branch } from '../context/division.ts';
import type { Options, OptionsIn, Schema } from '../formula/options.ts';
import type { Capabilities, Model, Transform } from '../model.ts';
import type { Request, Sample, Semantics } from '../sample.ts';
import type { Opened } from '../tokens/terms.ts';
import type { Process } from '../tokens/next-token.ts';

/** The six rooms, the token-level room and the compounds. */
export type Room = 'search' | 'iterate' | 'remember' | 'tools' | 'rephrase' | 'decompose' | 'decode' | 'recipes';
export type Capability = Exclude<keyof Capabilities, 'concurrency'>;

/**
 * Draws the one answer that is handed on as the technique's own, and streams it where somebody reads along. A technique
 * that ends with a plain draw makes that draw with it.
 */
export type Last = (model: Model, request: Request, context: Context) => Promise<Sample>;

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
  /** Whether each of those calls is asked just what the caller asked (or what `reads` says), which bounds what it reads. */
  readonly keepsPrompt?: true;
  /** `false`: those calls are turns of one answer, and none of them a candidate. Default: true where there are several. */
  readonly candidates?: false;
  /** How many of those calls come one after the other. */
  readonly rounds: string;
  readonly semantics: (options: Options<S>) => Semantics;
  /** What the resulting model can do. Default: be sampled. */
  readonly can?: (bases: readonly [Model, ...Model[]], options: Options<S>) => Capabilities;
  /** What is opened to write with the resulting model, where that is more than the base with the request as it is. */
  readonly reads?: (base: Model, request: Request, options: Options<S>) => readonly Opened[];
  /** What goes on side by side in one sample beside the draws it asks its base for together: kinds of branches that know nothing of each other. */
  readonly branches?: (options: Options<S>) => readonly Branches[];
  /** The rule between options (and, in a combiner, models) that is broken, if one is. */
  readonly check?: (
    options: Options<S>,
    models: readonly Model[],
  ) => { readonly option: keyof S & string; readonly rule: string } | undefined;
}

/** Branches of one sample, so many at most: as a `Branch` is, whose model is the base. */
export interface Branches extends Pick<Branch, 'draws' | 'score'> {
  readonly count: number;
}

/** What a draw asks of the base in place of the request, and what is made of the sample that comes back. */
export interface Asked {
  readonly request: Request;
  /** The same text with more facts, or with further parts at its end. */
  readonly finish?: ((sample: Sample) => Sample) | undefined;
}

/** A technique either draws one sample in its own way, or says what the base is asked in place of the request. */
export type TechniqueDefinition<S extends Schema> = Definition<S> & (Drawing<S> | Asking<S>) & Opening<S>;

interface Drawing<S extends Schema> {
  /** Draws one sample of the transformed model. `request.n` is 1. What it draws with `last` is streamed as it is written. */
  readonly run: (base: Model, request: Request, context: Context, options: Options<S>, last: Last) => Promise<Sample>;
  readonly asks?: undefined;
}

/** Several draws are then asked of the base together, as one call where the base takes them so. */
interface Asking<S extends Schema> {
  readonly asks: (base: Model, request: Request, context: Context, options: Options<S>) => Asked | Promise<Asked>;
  /** `true`: what is asked is itself drawn, so each draw of the technique asks for itself. Default: never. */
  readonly each?: (options: Options<S>) => boolean;
  readonly run?: undefined;
}

interface Opening<S extends Schema> {
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

/** A named transform: give it options, it gives the function from model to model. `O` is the type of its options. */
export interface Technique<S extends Schema = Schema, O = OptionsIn<S>> {
  (...options: Partial<O> extends O ? [options?: O] : [options: O]): Transform;
  readonly definition: Definition<S>;
  readonly takes: 'one';
}
/** A named function of several models to one: `mixture([a, b])`. */
export interface Combiner<S extends Schema = Schema, O = OptionsIn<S>> {
  (models: readonly Model[], options?: O): Model;
  readonly definition: Definition<S>;
  readonly takes: 'many';
}
// oxlint-disable-next-line typescript/no-explicit-any -- a list of techniques holds schemas of every kind
export type AnyTechnique = Technique<any, any> | Combiner<any, any>;
