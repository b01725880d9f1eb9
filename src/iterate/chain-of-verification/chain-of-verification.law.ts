/** The law of chain-of-verification: Σ over d, c, a of P(d | x) P(c | x, d) Π_i V(a_i | c_i) P(y | x, d, c, a). */
import { plus, questionOf, textOf, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { chainOfVerification, PLAN, REVISE, VERIFY } from './chain-of-verification.ts';

// A writer whose draft is checked by one question or by two, each with answers of its own.
const DRAFTS: Distribution = { good: 3, bad: 2 };
const PLANS: { readonly [draft: string]: Distribution } = {
  good: { '1. Who?': 1, 'Nothing to ask.': 2 },
  bad: { '1. Who?\n2) When?\n3. Why?': 3, '1. When?': 1 },
};
const FOUND: { readonly [check: string]: Distribution } = { 'Who?': { he: 2, she: 1 }, 'When?': { now: 1, then: 3 } };
const AFTER = (draft: string, findings: string): Distribution =>
  findings.includes('Why?')
    ? { 'a third check': 1 }
    : /^A: (?:he|then)$/m.test(findings)
      ? { good: 5, [draft]: 1, odd: 1 }
      : { good: 1, [draft]: 2 };
const writer = (drafts: Distribution, plans: Tables, answers: Tables): Model =>
  enumerable({
    name: 'writer',
    answers(prompt) {
      const asked = questionOf(prompt);
      const draft = textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');
      const check = Object.keys(FOUND).find((one) => asked === VERIFY({ check: one }));
      if (check !== undefined) return draft === '' ? (answers[check] as Distribution) : { 'the draft was in view': 1 };
      if (asked === PLAN({ most: '2' })) return plans[draft] as Distribution;
      const findings = /^Facts.*\n((?:[QA]: .*\n)+)\n/.exec(asked)?.[1]?.trimEnd();
      if (findings !== undefined)
        return asked === REVISE({ findings }) ? AFTER(draft, findings) : { 'another wording': 1 };
      return drafts;
    },
  });
/** The sum by hand: at most two checks are asked. */
function verified(drafts: Distribution, plans: Tables, answers: Tables): P {
  const out = new Map<string, number>();
  for (const [draft, d] of normal(drafts))
    for (const [plan, c] of normal(plans[draft] as Distribution)) {
      const checks = ['Who?', 'When?'].filter((check) => plan.includes(check));
      if (checks.length === 0) add(out, draft, d * c);
      const visit = (i: number, findings: readonly string[], p: number): void => {
        const check = checks[i];
        if (check !== undefined)
          for (const [found, a] of normal(answers[check] as Distribution))
            visit(i + 1, [...findings, `Q: ${check}\nA: ${found}`], p * a);
        else if (i > 0) for (const [y, r] of normal(AFTER(draft, findings.join('\n')))) add(out, y, p * r);
      };
      visit(0, [], d * c);
    }
  return out;
}

/** What a model says that is asked for a plan, and to answer all else. */
const planner = (prompt: readonly Message[]): Distribution =>
  weighed(
    prompt,
    questionOf(prompt).startsWith('Which questions') ? ['1. Is it 4?\n2. Is it 5?', 'no'] : ['4', '5', '22'],
  );

export const law: TechniqueLaw = {
  technique: 'chainOfVerification',
  subjects: {
    chainOfVerification: { transform: chainOfVerification({ questions: 2 }), answers: planner },
    'chainOfVerification with a verifier': {
      transform: (base) => chainOfVerification({ verifier: reRead()(base) })(base),
      answers: planner,
    },
  },
  exact: [
    ...varied(
      {
        drafts: weights(DRAFTS, 'what is written at first'),
        plans: weightsAfter(PLANS, 'what is asked about each draft'),
        found: weightsAfter(FOUND, 'what is answered to each question'),
      },
      ({ drafts, plans, found }) =>
        holds(
          'questions=2: summed over drafts, plans and independent findings',
          plus(writer(drafts, plans, found), chainOfVerification({ questions: 2 })),
          () => verified(drafts, plans, found),
        ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the checks are answered with the draft in view',
    file: 'iterate/chain-of-verification/chain-of-verification.ts',
    from: 'put(verifier, request,',
    to: 'put(verifier, { ...request, prompt: [assistant(draft), ...request.prompt] },',
  },
  {
    bug: 'one check more than asked for',
    file: 'iterate/chain-of-verification/chain-of-verification.ts',
    from: '.slice(0, questions)',
    to: '.slice(0, questions + 1)',
  },
  {
    bug: 'the draft is returned although it was checked',
    file: 'iterate/chain-of-verification/chain-of-verification.ts',
    from: 'annotate(answer ?? first,',
    to: 'annotate(first ?? answer,',
  },
];
