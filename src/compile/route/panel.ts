/**
 * A panel: models that are asked one after the other, as long as they are needed. The first answer is believed where it is likely enough
 * to be right; else the next model is asked, and the next, until no further vote could change who leads. A cascade is a panel of two.
 */
import { chanceOf, type Gate } from './gate.ts';
import type { Seen } from './seen.ts';

/** Plain data. */
export interface Panel {
  /** How likely the first answer is right. */
  readonly gate: Gate;
  /** The first answer is believed from this chance on: 0 asks nobody else, above 1 always asks. */
  readonly threshold: number;
  /** What the vote of each model weighs, in the order in which they are asked. */
  readonly weights: readonly number[];
}

/** Whether the next model is asked, after those that answered. */
export function asksOn({ gate, threshold, weights }: Panel, seen: readonly Seen[]): boolean {
  if (seen.length >= weights.length) return false;
  const [first] = seen;
  if (!first) return true;
  if (seen.length === 1) return chanceOf(gate, first) < threshold;
  let left = 0;
  for (let i = seen.length; i < weights.length; i++) left += weights[i] as number;
  const lead = leader(weights, seen);
  const second = leader(weights, seen, seen[lead.first]?.answer);
  // Of equals the first stands, so that only one before it can take the place of the leader by drawing level.
  const gap = lead.weight - second.weight;
  return gap < left - TINY || (gap <= left + TINY && second.first >= 0 && second.first < lead.first);
}

/** The number of the model whose answer stands: the first that gave the one with the most weight. */
export function electedBy({ weights }: Panel, seen: readonly Seen[]): number {
  return Math.max(0, leader(weights, seen).first);
}

const TINY = 1e-12;

interface Standing {
  readonly weight: number;
  /** Who gave it first; -1 where there is no answer. */
  readonly first: number;
}

/** The answer with the most weight, of equals the first; `but` is left out. */
function leader(weights: readonly number[], seen: readonly Seen[], but?: string | null): Standing {
  let [weight, first] = [0, -1];
  for (let i = 0; i < seen.length; i++) {
    const answer = seen[i]?.answer;
    if (answer === null || answer === but) continue;
    let own = 0;
    for (let j = 0; j < seen.length; j++) if (seen[j]?.answer === answer) own += weights[j] as number;
    if (own > weight + TINY) [weight, first] = [own, i];
  }
  return { weight, first };
}

/** What a panel comes to on a question of which all answers are known: who is asked, and whose answer stands. */
export function walked(panel: Panel, all: readonly Seen[]): { readonly asked: number; readonly elected: number } {
  const seen: Seen[] = [];
  while (asksOn(panel, seen)) seen.push(all[seen.length] as Seen);
  return { asked: seen.length, elected: electedBy(panel, seen) };
}
