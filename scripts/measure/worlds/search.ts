/** Written models for the techniques that draw many candidates and pick one. */
import {
  questionOf,
  scorer,
  textOf,
  type Message,
  type Model,
  type NamedScorer,
  type Sample,
} from '../../../src/core/index.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { REFINE } from '../../../src/search/ab-mcts/ab-mcts.ts';
import {
  abMcts,
  bestOfN,
  mcts,
  roundRobin,
  selfConsistency,
  tournament,
  universalSelfConsistency,
} from '../../../src/search/index.ts';
import { COMPARE } from '../../../src/search/shared/pairwise-comparison.ts';
import { PICK } from '../../../src/search/universal-self-consistency/universal-self-consistency.ts';
import type { World } from './form.ts';

/** The same answers to whatever is asked. */
function voter(answers: Distribution, says: string): World {
  const base = enumerable({ answers: { '*': answers } });
  return {
    technique: 'selfConsistency(n=9)',
    says,
    base,
    model: selfConsistency({ n: 9 })(base),
    instead: { name: 'one sample', model: base },
  };
}

/** Passes all tests, half of them or none; an answer that is asked to be improved goes from half to all as often as given. */
const tests = scorer('tests', ({ content }) => ({ right: 1, half: 0.5 })[textOf(content)] ?? 0);
function programmer(mends: number, says: string): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const draft = textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');
      if (questionOf(prompt) !== REFINE({ score: `${draft === 'half' ? 0.5 : Number(draft === 'right')} of 1` }))
        return { right: 5, half: 45, wrong: 50 };
      return draft === 'half' ? { right: mends, half: 0.9 * (1 - mends), wrong: 0.1 * (1 - mends) } : { [draft]: 1 };
    },
  });
  return {
    technique: 'abMcts(n=5)',
    says,
    base,
    model: abMcts({ n: 5, score: tests })(base),
    instead: { name: 'bestOfN(n=5)', model: bestOfN({ n: 5, score: tests })(base) },
  };
}

/** Texts of three steps, each good in three of ten cases. The score counts the good ones, or says only whether all are. */
const steps = (share: number): Distribution =>
  Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => {
      const good = [4, 2, 1].map((bit) => (i & bit) > 0);
      const weight = good.reduce((product, one) => product * (one ? share : 1 - share), 1);
      const lines = [
        ...good.map((one) => (one ? 'good' : 'bad')),
        `Answer: ${good.every(Boolean) ? 'right' : 'wrong'}`,
      ];
      return [lines.join('\n'), weight];
    }),
  );
const good = ({ content }: Pick<Sample, 'content'>): number => textOf(content).split('good').length - 1;
const counting = scorer('counting', good);
const all = scorer('all', (sample) => Number(good(sample) === 3));
function stepper(score: NamedScorer, says: string): World {
  const base = enumerable({ answers: { '*': steps(0.3) } });
  return {
    technique: 'mcts(n=12)',
    says,
    base,
    model: mcts({ n: 12, score })(base),
    instead: { name: 'bestOfN(n=12)', model: bestOfN({ n: 12, score })(base) },
  };
}

/** Prefers the right one of two answers with probability `knows`, whatever stands first. */
function comparing(prompt: readonly Message[], knows: number): Distribution | undefined {
  const asked = questionOf(prompt);
  if (asked === COMPARE({ first: 'right', second: 'wrong' })) return { 'Better: A': knows, 'Better: B': 1 - knows };
  if (asked === COMPARE({ first: 'wrong', second: 'right' })) return { 'Better: A': 1 - knows, 'Better: B': knows };
  return asked.includes('[Answer A]') ? { 'Better: TIE': 1 } : undefined;
}
const judging = (right: number, knows: number): Model =>
  enumerable({ answers: (prompt) => comparing(prompt, knows) ?? { right, wrong: 1 - right } });
function knockout(right: number, knows: number, says: string): World {
  const base = judging(right, knows);
  return { technique: 'tournament(n=4)', says, base, model: tournament({ n: 4 })(base) };
}
function allPairs(right: number, knows: number, says: string): World {
  const base = judging(right, knows);
  const model = roundRobin({ n: 4 })(base);
  return {
    technique: 'roundRobin(n=4)',
    says,
    base,
    model,
    instead: { name: 'tournament(n=8), 22 calls', model: tournament({ n: 8 })(base) },
  };
}

/** Three texts that say the right thing and four that say four wrong things; no two are written alike. */
const TEXTS: Distribution = {
  'right, a': 2,
  'right, b': 2,
  'right, c': 2,
  'wrong 1': 1,
  'wrong 2': 1,
  'wrong 3': 1,
  'wrong 4': 1,
};
/** Sees which texts agree and names one of them, or names the text in the first place, in the given shares. */
function picker(sees: number, says: string): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const shown = [...questionOf(prompt).matchAll(/\[Answer \d+\]\n(.+)/g)].map(([, text]) => text as string);
      const candidates = shown.map((text, i) => `[Answer ${i + 1}]\n${text}`).join('\n\n');
      if (shown.length === 0 || questionOf(prompt) !== PICK({ candidates })) return TEXTS;
      const alike = (text: string): number => shown.filter((other) => saying(other) === saying(text)).length;
      const best = shown.toSorted((a, b) => alike(b) - alike(a))[0] as string;
      const most = `Most consistent: ${shown.indexOf(best) + 1}`;
      return most === FIRST ? { [FIRST]: 1 } : { [most]: sees, [FIRST]: 1 - sees };
    },
  });
  return {
    technique: 'universalSelfConsistency(n=3)',
    says,
    base,
    model: universalSelfConsistency({ n: 3 })(base),
    right: (text) => text.startsWith('right'),
  };
}
const FIRST = 'Most consistent: 1';
const saying = (text: string): string => text.split(',')[0] as string;

export const search: readonly World[] = [
  voter({ right: 40, a: 25, b: 20, c: 15 }, 'right 40 %; three wrong answers of 25, 20 and 15 %'),
  voter({ right: 40, usual: 50, a: 10 }, 'right 40 %; one wrong answer, a common mistake, of 50 %'),
  programmer(0.5, 'passes all tests 5 %, half of them 45 %; improving makes half to all in 50 %'),
  programmer(0.03, 'passes all tests 5 %, half of them 45 %; improving makes half to all in 3 %'),
  stepper(counting, 'three steps, each right in 30 %; the score counts the right ones'),
  stepper(all, 'the same; the score says only whether all are right'),
  knockout(0.4, 0.75, 'right 40 %, one wrong answer; it tells the better of two in 75 %'),
  knockout(0.6, 0.55, 'right 60 %, one wrong answer; it tells the better of two in 55 %'),
  knockout(0.6, 0.4, 'right 60 %, one wrong answer; it tells the better of two in 40 %'),
  allPairs(0.4, 0.75, 'right 40 %, one wrong answer; it tells the better of two in 75 %'),
  allPairs(0.4, 0.95, 'right 40 %, one wrong answer; it tells the better of two in 95 %'),
  allPairs(0.6, 0.4, 'right 60 %, one wrong answer; it tells the better of two in 40 %'),
  picker(0.9, 'right 60 % in three wordings; sees which answers agree in 90 %, else names the first shown'),
  picker(0, 'right 60 % in three wordings; always names the first shown'),
];
