/** The account of one part of the call tree: what it used, what it warned of, which limit cut it short. */
import type { LimitName } from '../errors.ts';
import type { Warning } from '../sample.ts';
import { addUsage, NO_USAGE, checkedUsage, type Usage } from './usage.ts';

/** Every entry is handed on to the part of the tree around it, so each level holds an exact sum. */
export interface Ledger {
  readonly usage: Usage;
  readonly warnings: readonly Warning[];
  readonly exhausted: LimitName | undefined;
  add(usage: Usage): void;
  /** Keeps each distinct warning once. */
  warn(warning: Warning): void;
  exhaust(limit: LimitName): void;
}

export function createLedger(parent?: Ledger): Ledger {
  let usage = NO_USAGE;
  let exhausted: LimitName | undefined;
  const warnings: Warning[] = [];
  return {
    get usage() {
      return usage;
    },
    get warnings() {
      return warnings;
    },
    get exhausted() {
      return exhausted;
    },
    add(more) {
      usage = addUsage(usage, checkedUsage(more));
      parent?.add(more);
    },
    warn(warning) {
      if (!warnings.some(({ code, message }) => code === warning.code && message === warning.message))
        warnings.push(warning);
      parent?.warn(warning);
    },
    exhaust(limit) {
      exhausted ??= limit;
      parent?.exhaust(limit);
    },
  };
}
