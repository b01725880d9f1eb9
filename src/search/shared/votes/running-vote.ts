/** A vote that is counted while it goes on: each further one costs the same, however many there were before. */
import type { FinalAnswer } from '../../../core/index.ts';
import { percentOf, spellings } from '../../../core/reading/equality.ts';

export interface RunningVote {
  /** A vote without an answer abstains: it is a class too. */
  add(answer: FinalAnswer | undefined, weight?: number): void;
  readonly count: number;
  /** How often the two most frequent answers came; abstaining is one of them. */
  largest(): readonly [first: number, second: number];
  /** Whether the last `count` votes have one answer, and all have one. */
  agree(count: number): boolean;
  /** What the votes for the heaviest answer weigh, and all that have an answer. */
  weights(): { readonly lead: number; readonly total: number };
}

interface Class {
  readonly key: string | undefined;
  count: number;
  weight: number;
}

/** Votes for one value that have no unit. They go together, from one class to another where a later vote has one. */
interface Loose {
  class: string;
  /** By what they say: one of them may turn out to be a literal. */
  readonly texts: Map<string, Omit<Class, 'key'>>;
  count: number;
  weight: number;
}

/** Classes are those of `classesOf`: a later vote may join two of them, or move the votes that have no unit of their own. */
export function runningVote(): RunningVote {
  const known = spellings();
  const votes: (FinalAnswer | undefined)[] = [];
  const classes = new Map<string | undefined, Class>();
  const loose = new Map<string, Loose>();
  /** Bases of fractions, by the base of the same number in percent. */
  const fractions = new Map<string, Set<string>>();
  let total = 0;
  let [first, second, lead]: [Class | undefined, Class | undefined, number] = [undefined, undefined, 0];

  const rank = (one: Class): void => {
    if (one.key !== undefined) lead = Math.max(lead, one.weight);
    if (one === first || one === second) {
      if (first && second && second.count > first.count) [first, second] = [second, first];
    } else if (!first || one.count > first.count) [first, second] = [one, first];
    else if (!second || one.count > second.count) second = one;
  };
  const put = (key: string | undefined, count: number, weight: number): void => {
    const one = classes.get(key) ?? { key, count: 0, weight: 0 };
    classes.set(key, one);
    one.count += count;
    one.weight += weight;
    if (count > 0) return rank(one);
    if (one.count === 0) classes.delete(key);
    [first, second, lead] = [undefined, undefined, 0];
    for (const each of classes.values()) rank(each);
  };
  const move = (from: string, to: string, count: number, weight: number): void => {
    if (from === to || count === 0) return;
    put(from, -count, -weight);
    put(to, count, weight);
  };
  const settle = (base: string): void => {
    const group = loose.get(base);
    if (!group) return;
    const now = known.keyOf({ base, mark: '', text: '' });
    move(group.class, now, group.count, group.weight);
    group.class = now;
  };
  const addLoose = ({ base, text }: FinalAnswer, key: string, weight: number): void => {
    const group = loose.get(base) ?? { class: key, texts: new Map(), count: 0, weight: 0 };
    loose.set(base, group);
    const same = group.texts.get(text) ?? { count: 0, weight: 0 };
    group.texts.set(text, same);
    for (const one of [group, same]) {
      one.count++;
      one.weight += weight;
    }
    const percent = percentOf(base);
    if (percent !== '') fractions.set(percent, (fractions.get(percent) ?? new Set()).add(base));
  };
  /** The votes that say exactly what is now known to be a literal are of its class. */
  const claim = ({ base, mark }: FinalAnswer, key: string): void => {
    const group = loose.get(base);
    const same = group?.texts.get(mark);
    if (!group || !same) return;
    group.texts.delete(mark);
    group.count -= same.count;
    group.weight -= same.weight;
    move(group.class, key, same.count, same.weight);
  };

  return {
    get count() {
      return votes.length;
    },
    add(answer, weight = 1) {
      votes.push(answer);
      if (!answer) return put(undefined, 1, weight);
      total += weight;
      known.add(answer);
      const key = known.keyOf(answer);
      put(key, 1, weight);
      if (answer.mark !== '') claim(answer, key);
      else if (!known.has(answer.base, answer.text)) addLoose(answer, key, weight);
      settle(answer.base);
      if (answer.mark === '%') for (const base of fractions.get(answer.base) ?? []) settle(base);
    },
    largest: () => [first?.count ?? 0, second?.count ?? 0],
    agree(count) {
      const last = votes.slice(-count);
      const [key, ...others] = last.map((answer) => answer && known.keyOf(answer));
      return last.length === count && key !== undefined && others.every((other) => other === key);
    },
    weights: () => ({ lead, total }),
  };
}
