/** What goes wrong in one round of a distributed evaluation, and when: drawn from its seed. */
import { seeded, type Choice } from '../../../core/index.ts';

/** `restart` ends PostgreSQL in good order, `crash` at once, `kill` with every process of it: the end of its machine. */
export type DatabaseFault = 'restart' | 'crash' | 'kill';
export type Fault = 'worker' | 'coordinator' | DatabaseFault;

export interface Planned {
  readonly fault: Fault;
  /** The share of the questions that have been asked by then. */
  readonly after: number;
  /** Milliseconds that pass from there: it strikes between two calls as well as within one. */
  readonly delayMs: number;
  /** How long the coordinator or PostgreSQL is away. */
  readonly awayMs: number;
  /** It strikes while PostgreSQL is away for the fault before it. */
  readonly isMeanwhile: boolean;
}

export interface Plan {
  readonly faults: readonly Planned[];
  /** Whether PostgreSQL waits for its disk. */
  readonly fsync: boolean;
}

const FIRST = 0.05;
const LAST = 0.65;

/** One worker is killed, the coordinator is killed, and PostgreSQL is restarted once and crashes once, in any order. */
export function planOf(seed: number): Plan {
  const choice = seeded(`faults ${seed}`);
  const faults = shuffled<Fault>(['worker', 'coordinator', 'restart', below(2, choice) ? 'crash' : 'kill'], choice);
  const points = faults.map(() => FIRST + uniform(choice) * (LAST - FIRST)).toSorted((a, b) => a - b);
  return {
    fsync: seed % 2 === 0,
    faults: faults.map((fault, i) => ({
      fault,
      after: points[i] as number,
      delayMs: uniform(choice) * 100,
      awayMs: uniform(choice) * 1500,
      isMeanwhile: i > 0 && isOfDatabase(faults[i - 1]) && !isOfDatabase(fault) && below(2, choice) === 1,
    })),
  };
}

export const isOfDatabase = (fault: Fault | undefined): fault is DatabaseFault =>
  fault === 'restart' || fault === 'crash' || fault === 'kill';

const below = (limit: number, choice: Choice): number => choice.categorical(Array.from({ length: limit }, () => 1));
const uniform = (choice: Choice): number => below(1000, choice) / 1000;

function shuffled<T>(values: readonly T[], choice: Choice): T[] {
  const rest = [...values];
  return values.flatMap(() => rest.splice(below(rest.length, choice), 1));
}

/** The faults in their order, those in brackets while PostgreSQL is away for the one before. */
export const inWords = ({ faults }: Plan): string =>
  faults
    .map(({ fault, after, isMeanwhile }) => (isMeanwhile ? `(${fault})` : `${fault} ${Math.round(100 * after)}`))
    .join(', ');
