/** Laws of iterate. */
import { plus, questionOf, textOf, type Message } from '../../src/core/index.ts';
import { chainOfVerification } from '../../src/iterate/index.ts';
import { PLAN, REVISE as IN_LIGHT, VERIFY } from '../../src/iterate/chain-of-verification.ts';
import type { Distribution } from '../../src/models/enumerable.ts';
import { enumerable } from '../../src/models/enumerable.ts';
import { reRead } from '../../src/rephrase/index.ts';
import { add, normal, type LawSet, type P } from './form.ts';

/** Answers weighed by all that was said before, in place of those that the shared laws would take. */
export function weighed(prompt: readonly Message[], answers: readonly string[]): Distribution {
  let mixed = 11;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 33) + char.charCodeAt(0)) >>> 0;
  return Object.fromEntries(answers.map((answer, i) => [answer, 1 + ((mixed >>> (3 * i)) % 5)]));
}
const ANSWERS = ['4', '5', '22'];

// A writer whose draft is checked by one question or by two, each with answers of its own.
const DRAFTS: Distribution = { good: 3, bad: 2 };
const PLANS: { readonly [draft: string]: Distribution } = {
  good: { '1. Who?': 1, 'Nothing to ask.': 2 },
  bad: { '1. Who?\n2) When?\n3. Why?': 3, '1. When?': 1 },
};
const FOUND: { readonly [check: string]: Distribution } = { 'Who?': { he: 2, she: 1 }, 'When?': { now: 1, then: 3 } };
const AFTER = (draft: string, findings: string): Distribution =>
  findings.includes('he\n') || findings.endsWith('then') ? { good: 5, [draft]: 1, odd: 1 } : { good: 1, [draft]: 2 };
const checked = enumerable({
  name: 'checked',
  answers(prompt) {
    const asked = questionOf(prompt);
    const draft = textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');
    const check = Object.keys(FOUND).find((one) => asked === VERIFY({ check: one }));
    if (check !== undefined) return draft === '' ? (FOUND[check] as Distribution) : { 'the draft was in view': 1 };
    if (asked === PLAN({ most: '2' })) return PLANS[draft] as Distribution;
    const findings = /^Facts.*\n((?:[QA]: .*\n)+)\n/.exec(asked)?.[1]?.trimEnd();
    if (findings !== undefined)
      return asked === IN_LIGHT({ findings }) ? AFTER(draft, findings) : { 'another wording': 1 };
    return DRAFTS;
  },
});
/** Σ over d, c, a of P(d) P(c | d) Π V(a_i | c_i) P(y | d, a), by hand: at most two checks are asked. */
function verified(): P {
  const out = new Map<string, number>();
  for (const [draft, d] of normal(DRAFTS))
    for (const [plan, c] of normal(PLANS[draft] as Distribution)) {
      const checks = ['Who?', 'When?'].filter((check) => plan.includes(check));
      if (checks.length === 0) add(out, draft, d * c);
      const visit = (i: number, findings: readonly string[], p: number): void => {
        const check = checks[i];
        if (check !== undefined)
          for (const [found, a] of normal(FOUND[check] as Distribution))
            visit(i + 1, [...findings, `Q: ${check}\nA: ${found}`], p * a);
        else if (i > 0) for (const [y, r] of normal(AFTER(draft, findings.join('\n')))) add(out, y, p * r);
      };
      visit(0, [], d * c);
    }
  return out;
}

/** What a model says that is asked to plan, and to answer all else. */
const planner = (prompt: readonly Message[]): Distribution =>
  weighed(prompt, questionOf(prompt).startsWith('Which questions') ? ['1. Is it 4?\n2. Is it 5?', 'no'] : ANSWERS);

export const iterate: LawSet = {
  subjects: {
    chainOfVerification: { transform: chainOfVerification({ questions: 2 }), answers: planner },
    'chainOfVerification with a verifier': {
      transform: (base) => chainOfVerification({ verifier: reRead()(base) })(base),
      answers: planner,
    },
  },
  exact: [
    {
      technique: 'chainOfVerification',
      law: 'sum over drafts, plans and independent findings',
      model: plus(checked, chainOfVerification({ questions: 2 })),
      expected: verified,
      holds: true,
    },
  ],
  mutants: [
    {
      bug: 'the checks are answered with the draft in view',
      file: 'iterate/chain-of-verification.ts',
      from: 'withQuestion(request.prompt, asking.say({ check }))',
      to: 'withQuestion([assistant(draft), ...request.prompt], asking.say({ check }))',
    },
    {
      bug: 'one check more than asked for',
      file: 'iterate/chain-of-verification.ts',
      from: '.slice(0, questions)',
      to: '.slice(0, questions + 1)',
    },
    {
      bug: 'the draft is returned although it was checked',
      file: 'iterate/chain-of-verification.ts',
      from: 'annotate(answer ?? first,',
      to: 'annotate(first ?? answer,',
    },
  ],
};
