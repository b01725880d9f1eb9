/**
 * In which states the models behind names were, as their replies told, and in which order: a draw that is kept may be of a state that is
 * gone. A provider's machines are in several states at one time, so a state is gone only where one that was never told of before has come
 * since it was told of last. A state that comes back stays, and so do those that came in between.
 */
import { hash } from 'node:crypto';
import { modelIn } from '../../core/calls/same-model.ts';
import type { JournalEntry, Warning } from '../../core/index.ts';
import type { Driver, Statement } from '../driver.ts';

/** A state of a model, and the numbers of the tellings that told of it first and last. */
export interface Told {
  readonly state: string;
  readonly begun: number;
  readonly told: number;
  /** When it was last told of. */
  readonly day?: string | undefined;
}

/** What was read of a model. */
interface Known {
  readonly at: number;
  readonly states: Promise<readonly Told[]>;
  /** States that it was read for: where one is not among them, none has told of it. */
  readonly looked: Set<string>;
}

export interface ModelStates {
  /** What is to be written with a reply that came. Nothing, where all that it tells is written already. */
  noted(key: string, entry: JournalEntry): readonly Statement[];
  /** What was noted is on disk, or is not: the next reply tells of it again. */
  written(key: string, isWritten: boolean): void;
  /** Whether a kept reply is of a state that is gone, or of one that none has followed. Reads once a model, and again after a while. */
  known(key: string, entry: JournalEntry): Promise<Pick<JournalEntry, 'old' | 'isOfLate'>>;
  /** Everything was deleted. */
  forget(): void;
}

/** What others have written since is looked for again. */
const FRESH_MS = 5000;
/** States of a model that are remembered. A server that tells of another one with each reply tells nothing. */
const MOST = 64;

export function modelStates(driver: Driver): ModelStates {
  const own = new Map<string, Map<string, { begun: number; told: number }>>();
  const known = new Map<string, Known>();

  const read = async (model: string): Promise<readonly Told[]> => {
    const rows = await driver.read({ sql: SELECT, params: [idOf(model)] });
    return rows.map(({ state, begun, told, day }) => ({
      state: String(state),
      begun: Number(begun),
      told: Number(told),
      day: String(day),
    }));
  };
  const readAnew = (model: string, looked: Iterable<string>): Known => {
    const made = { at: performance.now(), states: read(model), looked: new Set(looked) };
    known.set(model, made);
    made.states.catch(() => known.delete(model)); // whoever asked hears of the error
    return made;
  };
  /** What is told of a model, read anew where that is old, or where a state is not in it that another process may have told of since. */
  const statesOf = async (model: string, state: string): Promise<readonly Told[]> => {
    const before = known.get(model);
    const now = before && performance.now() - before.at < FRESH_MS ? before : readAnew(model, [state]);
    const states = await now.states;
    if (now.looked.has(state) || states.some((one) => one.state === state)) return states;
    const latest = known.get(model) ?? now;
    return (latest === now || !latest.looked.has(state) ? readAnew(model, [...latest.looked, state]) : latest).states;
  };

  return {
    noted(key, entry) {
      const state = stateIn(entry);
      if (state === undefined) return [];
      const model = modelOf(key);
      const all = own.get(model) ?? new Map<string, { begun: number; told: number }>();
      own.set(model, all);
      const tellings = [...all].map(([name, numbers]) => ({ state: name, ...numbers }));
      const isKnown = all.has(state);
      if (isKnown ? !isGone(state, tellings) : all.size >= MOST) return [];
      const number = Math.max(0, ...tellings.map(({ told }) => told)) + 1;
      all.set(state, { begun: all.get(state)?.begun ?? number, told: number });
      const id = idOf(model);
      return [
        { sql: TELL, params: [id, state, id, id], lock: LOCK },
        { sql: DROP, params: [id, id, MOST], lock: LOCK },
      ];
    },
    written(key, isWritten) {
      const model = modelOf(key);
      known.delete(model);
      if (!isWritten) own.delete(model);
    },
    async known(key, entry) {
      const state = stateIn(entry);
      if (state === undefined) return {};
      const states = await statesOf(modelOf(key), state);
      const newest = states.toSorted((a, b) => b.told - a.told)[0];
      if (!newest) return {};
      return isGone(state, states) ? { old: changedTo(state, newest) } : { isOfLate: true };
    },
    forget() {
      own.clear();
      known.clear();
    },
  };
}

/** A state that none of the tellings is of came before them. */
export function isGone(state: string, tellings: readonly Told[]): boolean {
  const last = tellings.find((one) => one.state === state)?.told ?? 0;
  return tellings.some(({ begun }) => begun > last);
}

/** As every database gives it back. */
const stateIn = ({ candidate }: JournalEntry): string | undefined => modelIn(candidate)?.toWellFormed();

/** The key of a draw begins with the identity of its model. */
const modelOf = (key: string): string => key.slice(0, key.indexOf('\n'));

const idOf = (model: string): Uint8Array => hash('sha256', model, 'buffer');

const changedTo = (kept: string, { state, day }: Told): Warning => ({
  code: 'model-changed',
  message: `replies that were kept are of ${JSON.stringify(kept)}, and the server answered as ${JSON.stringify(state)} on ${day}: what is drawn now may be of another model. To ask anew, give another seed, name another store, or delete the older replies with \`plusx store gc\``,
});

const LOCK = 'model states';
const NEXT = '(SELECT COALESCE(MAX(told), 0) + 1 FROM model_states WHERE model = ?)';
const SELECT = 'SELECT state, begun, told, CAST(day AS TEXT) AS day FROM model_states WHERE model = ?';
const TELL = `INSERT INTO model_states (model, state, begun, told, day) VALUES (?, ?, ${NEXT}, ${NEXT}, CURRENT_DATE)
  ON CONFLICT (model, state) DO UPDATE SET told = excluded.told, day = excluded.day`;
const DROP = `DELETE FROM model_states WHERE model = ? AND told <= (SELECT MAX(told) FROM model_states WHERE model = ?) - ?`;
