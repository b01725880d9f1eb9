/** The account of one part of the call tree: what it used, what it warned of, which limit cut it short. */
import type { LimitName } from '../errors.ts';
import type { Warning } from '../sample.ts';
import { addUsage, NO_USAGE, checkedUsage, type Usage } from './usage.ts';

/** Every entry is handed on to the part of the tree around it, so each level holds an exact sum. */
export interface Ledger {
  /** What the work here took, as if it were alone. */
  readonly usage: Usage;
  /** What it added to the spending of the run: a draw that another part of the run has made costs nothing more. */
  readonly spending: Usage;
  readonly warnings: readonly Warning[];
  /** What is no longer warned of here, whoever says it again. */
  readonly withdrawn: readonly Warning[];
  readonly exhausted: LimitName | undefined;
  /** Puts usage on both accounts, or on one of them: a draw made before in this run is `used`, one that nobody here waits for `spent`. */
  add(usage: Usage, as?: 'used' | 'spent'): void;
  /** Keeps each distinct warning once, and of those of one code the first few by their words: the order of the work does not matter. */
  warn(warning: Warning): void;
  /** Takes a warning back that turned out not to hold, before or after it was given: the order of the work does not matter. */
  withdraw(warning: Warning): void;
  exhaust(limit: LimitName): void;
}

/** Whether two say the same: a ledger keeps one of them. */
export const isSameWarning = (a: Warning, b: Warning): boolean => a.code === b.code && a.message === b.message;

const MOST_ALIKE = 8;
const MORE = 'there were more of these, and they are left out';

export function createLedger(parent?: Ledger): Ledger {
  let usage = NO_USAGE;
  let spending = NO_USAGE;
  let exhausted: LimitName | undefined;
  let warnings: readonly Warning[] = [];
  const withdrawn: Warning[] = [];
  return {
    get usage() {
      return usage;
    },
    get spending() {
      return spending;
    },
    get warnings() {
      return warnings;
    },
    withdrawn,
    get exhausted() {
      return exhausted;
    },
    add(more, as) {
      const checked = checkedUsage(more);
      if (as !== 'spent') usage = addUsage(usage, checked);
      if (as !== 'used') spending = addUsage(spending, checked);
      parent?.add(more, as);
    },
    warn(warning) {
      if (![...warnings, ...withdrawn].some((one) => isSameWarning(one, warning)))
        warnings = withOne(warnings, warning);
      parent?.warn(warning);
    },
    withdraw(warning) {
      if (!withdrawn.some((one) => isSameWarning(one, warning))) {
        withdrawn.push(warning);
        warnings = warnings.filter((one) => !isSameWarning(one, warning));
      }
      parent?.withdraw(warning);
    },
    exhaust(limit) {
      exhausted ??= limit;
      parent?.exhaust(limit);
    },
  };
}

/** In the order of codes and words, so that a run says the same whatever came first. */
function withOne(warnings: readonly Warning[], { code, message }: Warning): readonly Warning[] {
  const alike = [...warnings.filter((one) => one.code === code).map((one) => one.message), message];
  const words = alike.filter((one) => one !== MORE).toSorted();
  const kept = words.slice(0, MOST_ALIKE);
  if (kept.length < alike.length) kept.push(MORE);
  return [
    ...warnings.filter((one) => one.code < code),
    ...kept.map((one) => ({ code, message: one })),
    ...warnings.filter((one) => one.code > code),
  ];
}
