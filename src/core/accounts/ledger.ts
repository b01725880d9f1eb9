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
  /** Keeps each distinct warning once, and of those that differ in their words alone the first few. */
  warn(warning: Warning): void;
  exhaust(limit: LimitName): void;
}

const MOST_ALIKE = 8;
const MORE = 'there were more of these, and they are left out';

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
      const alike = warnings.filter(({ code }) => code === warning.code);
      if (alike.length <= MOST_ALIKE && !alike.some(({ message }) => message === warning.message))
        warnings.push(alike.length < MOST_ALIKE ? warning : { ...warning, message: MORE });
      parent?.warn(warning);
    },
    exhaust(limit) {
      exhausted ??= limit;
      parent?.exhaust(limit);
    },
  };
}
