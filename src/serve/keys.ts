/** Who asks. */
import type { IncomingHttp } from './connection.ts';

/** Who a request is from, and what it may use. */
export interface Caller {
  /** Names the key in logs and accounts; nothing where no keys are in use. */
  readonly key: string | undefined;
  /** Whether a name of a model may stand in a formula. */
  mayUseModel(name: string): boolean;
  /** Whether the name of a technique may. */
  mayUseTechnique(name: string): boolean;
}

export interface Keys {
  /** The caller that a key stands for; nothing for a key that is not known. */
  callerOf(key: string, request: IncomingHttp): Caller | undefined;
}

/** Whoever is on this machine, where no keys are in use. */
export const ANYBODY: Caller = { key: undefined, mayUseModel: () => true, mayUseTechnique: () => true };
