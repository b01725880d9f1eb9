/** What a search is told, and what it tells while it is under way. */
import type { ContextOptions, Limits, Model, Usage } from '../core/index.ts';
import type { ItemResult } from '../evaluate/index.ts';
import type { Elsewhere } from '../evaluate/elsewhere/elsewhere.ts';
import type { Stage } from './report.ts';
import type { Chapter } from './search/chapter.ts';
import type { Searched } from './search/earlier.ts';
import type { Plan } from './search/plan.ts';
import type { PartTold } from './space/auto.ts';

export interface CompileOptions extends Pick<
  ContextOptions,
  'seed' | 'signal' | 'journal' | 'clock' | 'host' | 'onProgress'
> {
  /** The model that compositions stand on. Default: the first that the space names. */
  readonly model?: Model | undefined;
  /** What all of it may spend: judges, demonstrations and retries included. Never exceeded. */
  readonly budget: Limits;
  /** What one answer may take. Compositions that may take more are left out. */
  readonly perQuestion?: Limits | undefined;
  /** Compositions to try, at most; of a larger space so many are drawn by the seed. Default 64. */
  readonly arms?: number | undefined;
  /** Writes new wordings of `prompt(...)`, from what those there are led to on training items. Default: none. */
  readonly reflect?: Model | undefined;
  /** Reports of other searches: what was good there counts in the pick, as much as the grades of all of them make likeliest. */
  readonly earlier?: readonly Searched[] | undefined;
  /** How the space was made, where nobody marked its choices (`diagnosedSpace`): the plan tells its parts, the report its stage. */
  readonly origin?: { readonly parts: readonly PartTold[]; readonly stage?: Stage | undefined } | undefined;
  /** Items in flight at once, over all compositions. Default 8, and 1 where the model runs in this thread. */
  readonly concurrency?: number | undefined;
  /**
   * Has items done in another process, or on another machine: asked for each set of arms, it gives who does items with them. The parts of
   * an item are the arms, by number. `partsOfSearch` says what each of them is.
   */
  readonly elsewhere?: ((chapter: Chapter) => Promise<Elsewhere>) | undefined;
  /** Told of the plan before anything is spent. */
  readonly onPlan?: ((plan: Plan) => void | Promise<void>) | undefined;
  /** Told of every stage and round that is over. */
  readonly onEvent?: ((event: CompileEvent) => void | Promise<void>) | undefined;
  /** Told of every item that a composition is done with. */
  readonly onItem?: ((progress: CompileProgress) => void) | undefined;
}

/** What happened, as plain data: a store keeps it. */
export type CompileEvent =
  | { readonly kind: 'train'; readonly demonstrations: number }
  | { readonly kind: 'wording'; readonly texts: readonly string[] }
  | {
      readonly kind: 'round';
      readonly number: number;
      readonly items: number;
      readonly arms: number;
      readonly dropped: readonly string[];
    }
  | { readonly kind: 'pick'; readonly formula: string }
  | { readonly kind: 'test'; readonly finalists: readonly string[] };

export interface CompileProgress {
  readonly stage: Stage['name'];
  readonly formula: string;
  readonly item: ItemResult;
  /** Of the whole search so far. */
  readonly spending: Usage;
}

/** The names of the options of a search. */
export const COMPILE_OPTIONS: readonly string[] = Object.keys({
  seed: true,
  signal: true,
  journal: true,
  clock: true,
  host: true,
  onProgress: true,
  model: true,
  budget: true,
  perQuestion: true,
  arms: true,
  earlier: true,
  reflect: true,
  origin: true,
  concurrency: true,
  elsewhere: true,
  onPlan: true,
  onEvent: true,
  onItem: true,
} satisfies Record<keyof CompileOptions, true>);
