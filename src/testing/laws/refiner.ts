/**
 * Writers who draft and revise, and the closed form of what they end with. They remember: what they write next depends on
 * all of their drafts and on what was found wrong with each.
 */
import { questionOf, scorer, textOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from './closed-form.ts';
import type { Tables } from './parameters.ts';

/** A draft and what was found wrong with it. */
export interface Finding {
  readonly draft: string;
  readonly fault: string;
}

/** The drafts in a conversation, each with the fault that the turn after it tells of. */
export function findingsIn(prompt: readonly Message[], faultIn: (turn: string) => string | undefined): Finding[] {
  return prompt.flatMap(({ role, content }, i) =>
    role === 'assistant'
      ? [{ draft: textOf(content), fault: faultIn(textOf(prompt[i + 1]?.content ?? '')) ?? '' }]
      : [],
  );
}

/** What is written after a finding, by a writer who has only this one in mind. */
export type Rewrite = (last: Finding) => Distribution | undefined;

/** What is written after all of the findings: a draft that was found wrong before is less likely, the more was said of it. */
export function remembering(rewrite: Rewrite, findings: readonly Finding[]): Distribution {
  const last = findings.at(-1);
  const before = findings.slice(0, -1);
  const said = (y: string): number =>
    before.reduce((sum, { draft, fault }) => (draft === y ? sum + fault.length : sum), 0);
  const next = (last && rewrite(last)) ?? { lost: 1 };
  return Object.fromEntries(Object.entries(next).map(([y, weight]) => [y, weight / (1 + said(y))]));
}

/**
 * Σ over y_0, f_0 … y_t, f_t: a draft without a fault is kept, any other is written again in the light of all findings,
 * `rounds` times at most. A fault is drawn given its draft alone; the empty one is none.
 */
export function rewritten(first: P, rounds: number, faultsOf: (draft: string) => P, rewrite: Rewrite): P {
  const out = new Map<string, number>();
  const visit = (findings: readonly Finding[], draft: string, p: number): void => {
    if (findings.length === rounds) return add(out, draft, p);
    for (const [fault, f] of faultsOf(draft)) {
      const all = [...findings, { draft, fault }];
      if (fault === '') add(out, draft, p * f);
      else for (const [y, r] of normal(remembering(rewrite, all))) visit(all, y, p * f * r);
    }
  };
  for (const [y, p] of first) visit([], y, p);
  return out;
}

export const DRAFT: Distribution = { bad: 5, fair: 3, good: 2 };
const VERDICT = 'NOTHING TO FIX';
export const FAULTS: Tables = {
  bad: { wrong: 6, unclear: 3, [VERDICT]: 1 },
  fair: { unclear: 4, [VERDICT]: 6 },
  good: { wrong: 1, [VERDICT]: 9 },
};
const REVISIONS: { readonly [draft_fault: string]: Distribution } = {
  'bad wrong': { bad: 2, fair: 5, good: 3 },
  'bad unclear': { bad: 4, fair: 6 },
  'fair unclear': { fair: 3, good: 7 },
  'good wrong': { bad: 1, good: 9 },
  [`bad ${VERDICT}`]: { bad: 1 },
  [`fair ${VERDICT}`]: { fair: 8, bad: 2 },
  [`good ${VERDICT}`]: { good: 1 },
};
const revision: Rewrite = ({ draft, fault }) => REVISIONS[`${draft} ${fault}`];
const critiqueIn = (turn: string): string | undefined => /^Critique of your last answer:\n(.*)\n/.exec(turn)?.[1];

/** A model that drafts, criticizes the one draft that it is shown, and revises. @param drafts its first drafts for a question. */
export function refiner(drafts: (question: string) => Distribution = () => DRAFT, faults = FAULTS): Model {
  return enumerable({
    name: 'writer',
    answers(prompt) {
      const asked = questionOf(prompt);
      const findings = findingsIn(prompt, critiqueIn);
      const [first, ...more] = findings;
      if (!first) return drafts(asked);
      if (!asked.startsWith('Criticize your last answer')) return remembering(revision, findings);
      return (more.length === 0 && faults[first.draft]) || { 'more than the last draft was in view': 1 };
    },
  });
}

/** Refined as many times as there are rounds, or until the critique has nothing to fix, where such a `verdict` ends it. */
export function refined(drafts: P, rounds: number, verdict = true, faults = FAULTS): P {
  const faultsOf = (draft: string): P =>
    new Map(
      [...normal(faults[draft] as Distribution)].map(([fault, p]) => [verdict && fault === VERDICT ? '' : fault, p]),
    );
  return rewritten(drafts, rounds, faultsOf, revision);
}

export const gradeOf = (y: string): number => ['bad', 'fair', 'good'].indexOf(y);
export const grade = scorer('grade', ({ content }) => gradeOf(textOf(content)));
