/** How one piece of work is done by several processes: each runs it from its start, over one journal, and makes the draws of a part of it. */
import type { Request } from '../sample.ts';

/** What each of several branches may ask at most. Models and scorers are made of contexts and have no type here. */
export interface Branch {
  /** It draws from one of these. */
  readonly models: readonly object[];
  readonly request: Request;
  /** So often (default 1). 0: it only looks at one that is there already. */
  readonly draws?: number | undefined;
  /** What looks at each of them. */
  readonly score?: object | undefined;
}

export interface Division {
  /**
   * Told where branches part, before they begin: those numbered `from` to `to` of the work at `path`, and what does one of them. Resolves
   * to whether nothing below is divided. Throws where this process has done its part.
   */
  meet(
    path: string,
    branches: { readonly from: number; readonly to: number; readonly each: Branch },
    does: (index: number) => Promise<unknown>,
  ): Promise<boolean>;
}
