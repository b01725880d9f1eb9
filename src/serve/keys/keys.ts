/** Who asks, and what they may take. */
import type { Limits } from '../../core/index.ts';
import type { Spending } from '../../store/index.ts';

/** Who a request is from, and what it may use. */
export interface Caller {
  /** Names the key in logs and accounts; nothing where no keys are in use. */
  readonly key: string | undefined;
  /** Whose key it is. */
  readonly name?: string | undefined;
  /** Whether a name of a model may stand in a formula. */
  mayUseModel(name: string): boolean;
  /** Whether the name of a technique may. */
  mayUseTechnique(name: string): boolean;
  /** Whether the metrics of the whole server are shown to it. Default: no. */
  readonly mayReadMetrics?: boolean | undefined;
  /** The account that requests are put on; nothing where they are not counted. */
  readonly account?: Account | undefined;
}

export interface Keys {
  /** The caller that a key stands for; nothing for a key that is not known. */
  callerOf(key: string): Promise<Caller | undefined> | Caller | undefined;
  /** How many requests wait for their turn. */
  readonly waiting?: number | undefined;
}

export interface Account {
  /** Waits for a place, and reserves what the request can take at most. Throws Refusal where that is more than is left. */
  admit(need: Need, until: { readonly signal: AbortSignal }): Promise<Admission>;
}

/** What a request can take at most. `undefined`: nothing bounds it by itself. */
export interface Need {
  readonly calls: number | undefined;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
  /** Why there is no number of dollars, where there is none. */
  readonly noPrice?: string | undefined;
  /** The field with which a server reads or does more than the request holds, so that no amount of tokens is the most. */
  readonly unbounded?: string | undefined;
}

export interface Admission {
  /** What the run may spend: it must stop there. */
  readonly limits: Limits;
  /** Gives back what was not spent. Safe to call twice. */
  settle(spent: Spending | undefined): void;
}

/** Whoever is on this machine, where no keys are in use. */
export const ANYBODY: Caller = {
  key: undefined,
  mayUseModel: () => true,
  mayUseTechnique: () => true,
  mayReadMetrics: true,
};
