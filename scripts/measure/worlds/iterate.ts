/** Written models for the techniques that think again. */
import { plus, questionOf, scorer, textOf, type Host, type Model } from '../../../src/core/index.ts';
import {
  budgetForcing,
  chainOfVerification,
  critic,
  debate,
  selfDebug,
  selfRefine,
} from '../../../src/iterate/index.ts';
import { AGAIN } from '../../../src/iterate/budget-forcing/budget-forcing.ts';
import { PLAN, VERIFY } from '../../../src/iterate/chain-of-verification/chain-of-verification.ts';
import { CORRECT, CRITIQUE as EXAMINE } from '../../../src/iterate/critic/critic.ts';
import { CRITIQUE, REVISE } from '../../../src/iterate/self-refine/self-refine.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { rejection } from '../../../src/search/index.ts';
import { hosted } from '../../../src/testing/laws/hosted.ts';
import { trustingSandbox } from '../../../src/testing/laws/sandbox.ts';
import { answers, draftIn, either, share, type World } from './form.ts';

/** A second answer: it mends a wrong draft or breaks a right one with the given probabilities. */
const again = (draft: string, mends: number, breaks: number): Distribution =>
  answers(draft === 'right' ? 1 - breaks : mends);

/** Right six times of ten; a revision mends a wrong draft or breaks a right one with the given probabilities. */
function reviser(mends: number, breaks: number): Model {
  return enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === CRITIQUE()) return { 'Look at it again.': 1 };
      return asked === REVISE({ critique: 'Look at it again.' }) ? again(draftIn(prompt), mends, breaks) : answers(0.6);
    },
  });
}
const refined = (mends: number, breaks: number, says: string): World => {
  const base = reviser(mends, breaks);
  return { technique: 'selfRefine(rounds=1)', says, base, model: selfRefine({ rounds: 1 })(base) };
};

/** A chat model that can be told to go on, and then finds its mistakes or argues itself out of what was right. */
function forced(mends: number, breaks: number): World {
  const finite = enumerable({
    answers: (prompt) => (questionOf(prompt) === AGAIN() ? again(draftIn(prompt), mends, breaks) : answers(0.5)),
  });
  const { continueFrom: _, ...base } = { ...finite, can: { ...finite.can, continueFrom: false } };
  const says = `right 50 %; told to go on, it mends ${share(mends)} of wrong answers and argues itself out of ${share(breaks)} of right ones`;
  return { technique: 'budgetForcing(waits=1)', says, base, model: budgetForcing({ waits: 1 })(base) };
}

/** An answer made of two facts, which are asked for one by one afterwards; what is found is believed. */
function verified(known: number): World {
  const fact = (p: number, at: number): Distribution => either(p, 'right', at === 0 ? 'wrong' : 'odd');
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === PLAN({ most: '2' })) return { '1. first?\n2. second?': 1 };
      for (const [at, check] of ['first?', 'second?'].entries())
        if (asked === VERIFY({ check })) return fact(known, at);
      const found = [...asked.matchAll(/^A: (.*)$/gm)].map(([, answer]) => answer).join(' ');
      if (found !== '') return { [found]: 1 };
      const [one, two] = [fact(0.6, 0), fact(0.6, 1)].map((facts) => Object.entries(facts));
      return Object.fromEntries((one ?? []).flatMap(([a, p]) => (two ?? []).map(([b, q]) => [`${a} ${b}`, p * q])));
    },
  });
  const says = `two facts, each right 60 % in the draft and ${share(known)} where it is asked for on its own`;
  const model = chainOfVerification({ questions: 2 })(base);
  return { technique: 'chainOfVerification(questions=2)', says, base, model, right: (text) => text === 'right right' };
}

/** What is told that it is wrong is changed: a wrong answer is mended half of the time, a right one is kept one time of five. */
function checked(finds: number, alarms: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      const draft = draftIn(prompt);
      if (asked === EXAMINE()) return either(draft === 'right' ? alarms : finds, 'It is wrong.', 'NOTHING TO FIX');
      return asked === CORRECT({ critique: 'It is wrong.' }) ? again(draft, 0.5, 0.8) : answers(0.5);
    },
  });
  const says = `right 50 %; the check finds ${share(finds)} of wrong answers and objects to ${share(alarms)} of right ones; an objection mends 50 % of wrong answers and breaks 80 % of right ones`;
  return {
    technique: 'critic(verifier=itself, rounds=1)',
    says,
    base,
    model: critic({ verifier: base, rounds: 1 })(base),
  };
}

/** An agent who hears somebody else be right, or be wrong, comes round with the given probabilities. */
function debated(toRight: number, toWrong: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const own = draftIn(prompt);
      const others = [...questionOf(prompt).matchAll(/^Answer \d+:\n(.*)$/gm)].map(([, said = '']) => said);
      if (own === '') return answers(0.45);
      const other = others.find((said) => (own === 'right') !== (said === 'right'));
      return other === undefined ? { [own]: 1 } : either(own === 'right' ? toWrong : toRight, other, own);
    },
  });
  const says = `right 45 %; a wrong agent that hears a right answer takes it ${share(toRight)}; a right agent that hears a wrong one takes it ${share(toWrong)}`;
  return { technique: 'debate', says, base, model: debate()(base) };
}

const program = (returns: number): string => `\`\`\`javascript\nconst f = () => ${returns};\n\`\`\``;
const [RIGHT, FAULTY, QUIET] = [program(4), program(5), program(-4)];
const written = (right: number, faulty: number): Distribution => ({
  [RIGHT]: right,
  [FAULTY]: faulty,
  [QUIET]: 1 - right - faulty,
});
/** Tests that see a wrong value but not its sign, or that ask for a wrong value. */
function debugged(expected: 4 | 5, repaired: readonly [number, number], says: string): World {
  const tests = `if (Math.abs(f()) !== ${expected}) throw new Error('a wrong value');`;
  const finite = enumerable({
    answers: (prompt) => (questionOf(prompt).includes('a wrong value') ? written(...repaired) : written(0.4, 0.4)),
  });
  const host = (): Host => ({ sandbox: trustingSandbox() });
  const passes = scorer('passes', ({ content }) => Number((textOf(content) === FAULTY) === (expected === 5)));
  return {
    technique: 'selfDebug(rounds=2)',
    says,
    base: finite,
    model: hosted(plus(finite, selfDebug({ tests, rounds: 2 })), host),
    right: (text) => text === RIGHT,
    instead: { name: 'drawn again until it passes, at most 3', model: rejection({ n: 3, score: passes })(finite) },
  };
}

export const iterate: readonly World[] = [
  refined(0.5, 0.05, 'right 60 %; a revision mends 50 % of wrong drafts and breaks 5 % of right ones'),
  refined(0.2, 0.2, 'right 60 %; a revision mends 20 % of wrong drafts and breaks 20 % of right ones'),
  forced(0.4, 0.05),
  forced(0.1, 0.25),
  verified(0.85),
  verified(0.45),
  checked(0.9, 0.05),
  checked(0.5, 0.5),
  debated(0.6, 0.1),
  debated(0.4, 0.4),
  debated(0.2, 0.5),
  debugged(
    4,
    [0.6, 0.3],
    'right 40 %, fails its tests 40 %, passes and is wrong 20 %; a repair is right 60 %, fails 30 %, passes and is wrong 10 %',
  ),
  debugged(4, [0.4, 0.4], 'the same programs; a repair is no better than another draw'),
  debugged(5, [0.4, 0.4], 'the same programs, with a test that asks for a wrong value, so that right programs fail it'),
];
