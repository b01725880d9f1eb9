/** How one piece of work is done by several processes: each runs it from its start, over one journal, and makes the draws of a part of it. */
import type { Request } from '../sample.ts';

/** What each of several branches is: a draw of a model, which is made of contexts and has no type here. */
export interface Branch {
  readonly model: object;
  readonly request: Request;
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
