/** Whether replies that were kept and replies that come now are of one model: servers change what stands behind a name. */
import type { Warning } from '../sample.ts';
import type { Candidate } from './journal.ts';

export interface SameModel {
  /**
   * Takes note of replies that come now, or that were kept, and says where a kept one is of another model than those of late. What a
   * journal says of `old` ones is said too, once a run: of their age while no reply of late has said of which model it is, and of a change
   * of the model unless the last one was of theirs.
   */
  note(candidates: readonly Candidate[], when: 'now' | 'kept', old?: Warning, run?: object): readonly Warning[];
  /** A journal knows that no state has followed that of a kept reply: what came here before it, if of another state, is no longer of late. */
  isOfLate(kept: Candidate): void;
  /** What was said before, and does not hold: the model of the kept one has come again since, or it is known by now which it is. */
  withdrawn(): readonly Warning[];
}

/** Replies of late: a server may answer from several machines, each in a state of its own. */
const OF_LATE = 16;
/** Models of kept replies that are remembered. */
const MOST = 64;

/**
 * Of its model a reply says the dated name (`model`) and the state of the server (`system_fingerprint`), or nothing. A provider's machines are
 * in several states at one time: kept replies of one name are of another model only where none of them is in a state of late.
 */
export function sameModel(): SameModel {
  let late: readonly string[] = [];
  const kept = new Set<string>();
  const said = new Map<string, Warning>();
  const aged = new Map<string, Warning>();
  const gone = new Map<string | undefined, Warning>();
  const inRun = new WeakMap<object, Set<string>>();
  const isOther = (model: string): boolean =>
    late.length > 0 && ![...kept].some((one) => nameOf(one) === nameOf(model) && late.includes(one));
  return {
    note(candidates, when, old, run = aged) {
      const models = candidates.flatMap((candidate) => modelIn(candidate) ?? []);
      if (when === 'now') late = [...late, ...models].slice(-OF_LATE);
      else for (const model of models) if (kept.size < MOST) kept.add(model);
      const isChange = old?.code === CHANGED;
      if (isChange) gone.set(models[0], old);
      const others = [...kept].filter((model) => isOther(model) && !said.has(model) && !gone.has(model));
      const warnings = others.map((model) => {
        const warning = changed(model, late.at(-1) ?? '');
        said.set(model, warning);
        return warning;
      });
      if (!old || (isChange ? late.at(-1) === models[0] : late.length > 0)) return warnings;
      const heard = inRun.get(run) ?? new Set();
      inRun.set(run, heard);
      const what = isChange ? CHANGED : old.message;
      if (heard.has(what)) return warnings;
      heard.add(what);
      if (!isChange) aged.set(old.message, old);
      return [...warnings, old];
    },
    isOfLate(candidate) {
      const model = modelIn(candidate);
      if (model !== undefined && !late.includes(model)) late = [];
    },
    withdrawn: () => [
      ...[...said].flatMap(([model, warning]) => (isOther(model) ? [] : [warning])),
      ...(late.length > 0 ? [...aged.values(), gone.get(late.at(-1)) ?? []].flat() : []),
    ],
  };
}

/** What a reply says of its model. */
export function modelIn({ providerMetadata = {} }: Candidate): string | undefined {
  const facts = Object.values(providerMetadata).flatMap(({ model, systemFingerprint }) =>
    [model, systemFingerprint].filter((fact) => typeof fact === 'string'),
  );
  return facts.length === 0 ? undefined : facts.map((fact) => fact.slice(0, 100)).join(BETWEEN);
}

const BETWEEN = ', ';
const nameOf = (model: string): string => model.split(BETWEEN, 1)[0] ?? model;

const CHANGED = 'model-changed';

const changed = (kept: string, now: string): Warning => ({
  code: CHANGED,
  message: `replies that were kept are of ${JSON.stringify(kept)}, and the server now answers as ${JSON.stringify(now)}: what is drawn from both may be of two models. Name another store, or delete the older replies with \`plusx store gc\``,
});
