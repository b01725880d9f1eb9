/** A model that drafts, criticizes and revises, and the closed form of refining with it. */
import { questionOf, scorer, textOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { add, normal, type Distribution, type P } from './closed-form.ts';

export const DRAFT: Distribution = { bad: 5, fair: 3, good: 2 };
const FAULTS: { readonly [draft: string]: Distribution } = {
  bad: { wrong: 6, unclear: 3, 'NOTHING TO FIX': 1 },
  fair: { unclear: 4, 'NOTHING TO FIX': 6 },
  good: { wrong: 1, 'NOTHING TO FIX': 9 },
};
const REVISIONS: { readonly [draft_fault: string]: Distribution } = {
  'bad wrong': { bad: 2, fair: 5, good: 3 },
  'bad unclear': { bad: 4, fair: 6 },
  'fair unclear': { fair: 3, good: 7 },
  'good wrong': { bad: 1, good: 9 },
  'bad NOTHING TO FIX': { bad: 1 },
  'fair NOTHING TO FIX': { fair: 8, bad: 2 },
  'good NOTHING TO FIX': { good: 1 },
};

/** What it says depends on the last draft and the last critique. @param draft its first drafts for a question. */
export function refiner(draft: (question: string) => Distribution = () => DRAFT): Model {
  return enumerable({
    name: 'writer',
    answers: (prompt: readonly Message[]) => {
      const asked = questionOf(prompt);
      const before = prompt.findLast(({ role }) => role === 'assistant');
      if (!before) return draft(asked);
      const last = textOf(before.content);
      const critique = /^Critique of your last answer:\n(.*)\n/.exec(asked)?.[1];
      return (critique === undefined ? FAULTS[last] : REVISIONS[`${last} ${critique}`]) ?? { lost: 1 };
    },
  });
}

/** v ← v(y) [stop | y] + Σ v(y) P(f | y) P(y' | y, f), as many times as there are rounds. */
export function refined(drafts: P, rounds: number, verdict = true): P {
  let live = new Map(drafts);
  const out = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const next = new Map<string, number>();
    for (const [y, v] of live)
      for (const [fault, f] of normal(FAULTS[y] as Distribution))
        if (verdict && fault === 'NOTHING TO FIX') add(out, y, v * f);
        else for (const [z, r] of normal(REVISIONS[`${y} ${fault}`] as Distribution)) add(next, z, v * f * r);
    live = next;
  }
  for (const [y, v] of live) add(out, y, v);
  return out;
}

export const gradeOf = (y: string): number => ['bad', 'fair', 'good'].indexOf(y);
export const grade = scorer('grade', ({ content }) => gradeOf(textOf(content)));
