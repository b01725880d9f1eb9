/** What the work on a run tells those who look at it, and hears from them. */
import type { Clock, Journal, Usage } from '../../core/index.ts';
import type { Store } from '../../store/index.ts';

/** How far a run is. */
export interface Reached {
  readonly done: number;
  readonly total: number | undefined;
  readonly usage: Usage | undefined;
}

export interface Steering {
  /** From now on others may steer the run, which is there. */
  begin(runs: Store['runs'], run: string): Promise<void>;
  progress(reached: Reached): void;
  /** The same journal, whose next call waits while the run is paused. */
  pausing(journal: Journal): Journal;
  /** Stands still while the run is paused: time that nobody works is not spent. */
  readonly clock: Clock;
  /** Whether others who do the work rest, where this process does not do it itself. */
  othersRest(isSo: boolean): void;
  /** Says how far it came. Nobody steers it any longer. */
  end(): Promise<void>;
}
