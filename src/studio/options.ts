/** What a studio is made of. Everything in it is given. */
import type { ServeOptions } from '../serve/index.ts';
import type { OpenMemory, RunChange, Store } from '../store/index.ts';
import type { Guarded } from './guard.ts';
import type { WorkersProgress } from './runs/protocol.ts';

export interface RunsOfWorkers {
  /** Nothing where workers have no such run. */
  progress(run: string): Promise<WorkersProgress | undefined>;
  /** Resolves to whether workers have such a run. Throws where it cannot be changed so as it stands. */
  change(run: string, change: RunChange): Promise<boolean>;
}

export interface StudioOptions extends Guarded {
  /** What can be asked, as the server offers it. */
  readonly serving: Pick<
    ServeOptions,
    'models' | 'model' | 'listed' | 'techniques' | 'scorers' | 'functions' | 'hostFor' | 'limits'
  >;
  /** Where runs and traces are looked up, and what is asked here is kept. */
  readonly store?: Store | undefined;
  /** Runs that workers do, where the store is one that they share. */
  readonly workers?: RunsOfWorkers | undefined;
  /** What a server kept elsewhere: traces are looked up there too. */
  readonly served?: Store | undefined;
  /** The notes and pages that techniques remember. */
  readonly memory?: OpenMemory | undefined;
  /** Names of models that are finite distributions: every path through a formula of them can be visited. */
  readonly finite?: readonly string[] | undefined;
  /** The version that the pages show. */
  readonly version: string;
}
