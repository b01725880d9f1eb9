/** Laws of iterate. */
import { plus, questionOf, scorer, textOf, type Message, type Sample } from '../../src/core/index.ts';
import { budgetForcing, chainOfVerification, critic, debate, selfDebug } from '../../src/iterate/index.ts';
import { CORRECT } from '../../src/iterate/critic/critic.ts';
import { PLAN, REVISE as IN_LIGHT, VERIFY } from '../../src/iterate/chain-of-verification/chain-of-verification.ts';
import type { Distribution } from '../../src/models/written/enumerable.ts';
import { enumerable } from '../../src/models/written/enumerable.ts';
import { reRead } from '../../src/rephrase/index.ts';
import { on, trustingSandbox } from './sandbox.ts';
import { add, normal, weighed, type LawSet, type P } from './form.ts';

const ANSWERS = ['4', '5', '22'];

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

// A writer who is told what a check finds: all but the good answers have a fault, and a correction may have another.
const WRITTEN: Distribution = { bad: 5, fair: 3, good: 2 };
const FAULT: { readonly [answer: string]: string } = { bad: 'wrong', fair: 'unclear' };
const CORRECTED: { readonly [fault: string]: Distribution } = {
  wrong: { bad: 2, fair: 5, good: 3 },
  unclear: { bad: 1, fair: 2, good: 7 },
};
const faulty = enumerable({
  name: 'faulty',
  answers(prompt) {
    const asked = questionOf(prompt);
    if (asked.includes('rates this answer'))
      return asked.includes('rates this answer 0') ? (CORRECTED['wrong'] as Distribution) : { 'it was good enough': 1 };
    const fault = Object.keys(CORRECTED).find((one) => asked === CORRECT({ critique: one }));
    return fault === undefined ? WRITTEN : (CORRECTED[fault] as Distribution);
  },
});
const faultOf = ({ content }: Sample): string | undefined => FAULT[textOf(content)];
/** v ← v [no fault] + Σ v(y) P(y' | y, its fault), as many times as there are rounds. */
function corrected(rounds: number): P {
  let v: P = normal(WRITTEN);
  for (let round = 0; round < rounds; round++) {
    const next = new Map<string, number>();
    for (const [y, p] of v) {
      const fault = FAULT[y];
      if (fault === undefined) add(next, y, p);
      else for (const [z, q] of normal(CORRECTED[fault] as Distribution)) add(next, z, p * q);
    }
    v = next;
  }
  return v;
}
const fairEnough = scorer('fairEnough', ({ content }) => (textOf(content) === 'bad' ? 0 : 0.5));
const oddEven = (sample: Sample): string | undefined => (textOf(sample.content) === '5' ? 'it is odd' : undefined);
const BETTER = normal(CORRECTED['wrong'] as Distribution);
const size = scorer('size', ({ content }) => Number(textOf(content)));
const EQUATIONS = ['2+2=4', '2+2=5', '4=2+3'];
/** What a model says that is asked whether anything is wrong, and to answer all else. */
const examiner = (prompt: readonly Message[]): Distribution =>
  weighed(prompt, questionOf(prompt).startsWith('Check the last answer') ? ['NOTHING TO FIX', 'it is odd'] : ANSWERS);

// A programmer who is told what happened: one program passes its test, one fails it, one leaves before it, one is none.
const block = (code: string): string => `\`\`\`javascript\n${code}\n\`\`\``;
const PASSES = block('const f = () => 4;');
const FAILS = block('const f = () => 5;');
const LEAVES = block('const f = () => 4; return 4;');
const NO_BLOCK = 'const f = () => 4;';
const TEST = 'if (f() !== 4) throw new Error(`f() is ${f()}`);';
const PROGRAMS: Distribution = { [PASSES]: 1, [FAILS]: 4, [LEAVES]: 2, [NO_BLOCK]: 3 };
const REPAIRED: { readonly [told: string]: Distribution } = {
  'f() is 5': { [PASSES]: 1, [FAILS]: 1, [LEAVES]: 1 },
  returned: { [PASSES]: 2, [FAILS]: 1 },
  'no program': { [FAILS]: 1, [NO_BLOCK]: 2, [PASSES]: 1 },
};
const programmer = enumerable({
  name: 'programmer',
  answers(prompt) {
    const told = Object.keys(REPAIRED).find((one) => questionOf(prompt).includes(one));
    return told === undefined ? PROGRAMS : (REPAIRED[told] as Distribution);
  },
});
/** v ← v [passes] + Σ v(y) P(y' | what happened to y), as many times as there are rounds. */
function repaired(rounds: number): P {
  const told = new Map([
    [FAILS, 'f() is 5'],
    [LEAVES, 'returned'],
    [NO_BLOCK, 'no program'],
  ]);
  let v: P = normal(PROGRAMS);
  for (let round = 0; round < rounds; round++) {
    const next = new Map<string, number>();
    for (const [y, p] of v)
      if (y === PASSES) add(next, y, p);
      else for (const [z, q] of normal(REPAIRED[told.get(y) ?? ''] as Distribution)) add(next, z, p * q);
    v = next;
  }
  return v;
}
const sandbox = trustingSandbox();

// Agents who change their mind by what they and the others said.
const OPINIONS: Distribution = { a: 4, b: 3, c: 1 };
const CHANGED = (own: string, others: readonly string[]): Distribution => ({
  [own]: 2,
  [others.join('')]: 1,
  ...(others[0] === others[1] && others[0] !== undefined && others[0] !== own && { [others[0]]: 5 }),
});
const agent = enumerable({
  name: 'agent',
  answers(prompt) {
    const own = textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? '');
    const others = [...questionOf(prompt).matchAll(/^Answer \d+:\n(.*)$/gm)].map(([, said = '']) => said);
    return own === '' ? OPINIONS : CHANGED(own, others);
  },
});
/** Two rounds of three agents and two of two, agent by agent, and a count of who leads at the end. */
function debated(agents: number): P {
  const out = new Map<string, number>();
  const end = (said: readonly string[], p: number): void => {
    const count = (answer: string): number => said.filter((one) => one === answer).length;
    const most = Math.max(...said.map(count));
    add(out, said.find((one) => count(one) === most) as string, p);
  };
  const again = (first: readonly string[], said: readonly string[], p: number): void => {
    if (said.length === agents) return end(said, p);
    const others = first.filter((_, i) => i !== said.length);
    for (const [y, q] of normal(CHANGED(first[said.length] as string, others))) again(first, [...said, y], p * q);
  };
  const once = (said: readonly string[], p: number): void => {
    if (said.length === agents) return again(said, [], p);
    for (const [y, q] of normal(OPINIONS)) once([...said, y], p * q);
  };
  once([], 1);
  return out;
}

// A text that is written on: after each piece, what may come next. Characters are its tokens.
const PIECES: Distribution = { ab: 4, abcdef: 1, a: 3 };
const LONGER: { readonly [prefix: string]: Distribution } = {
  'ab\nWait': { 'ab\nWait!': 3, 'ab\nWait, no': 1 },
  'a\nWait': { 'a\nWait': 1, 'a\nWait for it': 1 },
  'a\nWait\nWait': { 'a\nWait\nWait?': 1, 'a\nWait\nWait a bit': 2 },
  'ab\nWait!\nWait': { 'ab\nWait!\nWait now': 1, 'ab\nWait!\nWait...': 5 },
};
const ALL = { ...PIECES, ...Object.assign({}, ...Object.values(LONGER)) } as Distribution;
const thinker = enumerable({ name: 'thinker', answers: () => ALL });
/** y ← y where it is long enough, else what begins with y and "Wait", twice at most. */
function forced(minTokens: number, waits: number): P {
  const out = new Map<string, number>();
  const visit = (y: string, tokens: number, waited: number, p: number): void => {
    if (tokens >= minTokens || waited === waits) return add(out, y, p);
    const prefix = `${y}\nWait`;
    const next = Object.fromEntries(Object.entries(ALL).filter(([z]) => z.startsWith(prefix)));
    for (const [z, q] of normal(next)) visit(z, tokens + z.length - prefix.length, waited + 1, p * q);
  };
  for (const [y, p] of normal(ALL)) visit(y, y.length, 0, p);
  return out;
}

/** What a model says that is asked to plan to plan, and to answer all else. */
const planner = (prompt: readonly Message[]): Distribution =>
  weighed(prompt, questionOf(prompt).startsWith('Which questions') ? ['1. Is it 4?\n2. Is it 5?', 'no'] : ANSWERS);

export const iterate: LawSet = {
  subjects: {
    chainOfVerification: { transform: chainOfVerification({ questions: 2 }), answers: planner },
    'chainOfVerification with a verifier': {
      transform: (base) => chainOfVerification({ verifier: reRead()(base) })(base),
      answers: planner,
    },
    critic: { transform: critic({ check: oddEven, rounds: 3 }), scope: { functions: { oddEven } } },
    'critic of equations': {
      transform: critic({ check: 'equations', reveal: true }),
      answers: (prompt) => weighed(prompt, EQUATIONS),
    },
    'critic with a scorer': critic({ score: size, threshold: 5 }),
    'critic with a verifier': {
      transform: (base) => critic({ verifier: reRead()(base) })(base),
      answers: examiner,
    },
    budgetForcing: budgetForcing({ minTokens: 3, waits: 3 }),
    debate: debate(),
    'debate of several models': (base) => debate({ agents: 2, rounds: 3, models: [reRead()(base)] })(base),
    selfDebug: {
      transform: selfDebug({ tests: TEST, rounds: 2 }),
      answers: (prompt) => weighed(prompt, [PASSES, FAILS, NO_BLOCK]),
      host: () => ({ sandbox }),
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
    ...[1, 2, 3].map((rounds) => ({
      technique: 'critic',
      law: `rounds=${rounds}: what has a fault is drawn again, given the fault`,
      model: plus(faulty, critic({ check: faultOf, rounds })),
      expected: () => corrected(rounds),
      holds: true,
    })),
    {
      technique: 'critic',
      law: 'a score of just the threshold is good enough',
      model: plus(faulty, critic({ score: fairEnough, threshold: 0.5, rounds: 1 })),
      expected: () =>
        new Map([...BETTER].map(([y, q]) => [y, (y === 'bad' ? 0 : (normal(WRITTEN).get(y) ?? 0)) + 0.5 * q])),
      holds: true,
    },
    ...[
      [3, 1],
      [3, 2],
      [4, 2],
    ].map(([minTokens = 0, waits = 0]) => ({
      technique: 'budgetForcing',
      law: `minTokens=${minTokens}, waits=${waits}: what is too short is written on after "Wait"`,
      model: plus(thinker, budgetForcing({ minTokens, waits })),
      expected: () => forced(minTokens, waits),
      holds: true,
    })),
    ...[2, 3].map((agents) => ({
      technique: 'debate',
      law: `agents=${agents}: the lead after each has heard the others, ties to the first`,
      model: plus(agent, debate({ agents, extract: 'text' })),
      expected: () => debated(agents),
      holds: true,
    })),
    ...[1, 2].map((rounds) => ({
      technique: 'selfDebug',
      law: `rounds=${rounds}: what fails is drawn again, given what happened`,
      model: on({ sandbox }, plus(programmer, selfDebug({ tests: TEST, rounds }))),
      expected: () => repaired(rounds),
      holds: true,
    })),
  ],
  mutants: [
    {
      bug: 'the checks are answered with the draft in view',
      file: 'iterate/chain-of-verification/chain-of-verification.ts',
      from: 'withQuestion(request.prompt, asking.say({ check }))',
      to: 'withQuestion([assistant(draft), ...request.prompt], asking.say({ check }))',
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
    {
      bug: 'a score that is just enough is a finding',
      file: 'iterate/critic/critic.ts',
      from: "value >= threshold ? ''",
      to: "value > threshold ? ''",
    },
    {
      bug: 'an answer that passes is corrected all the same',
      file: 'iterate/critic/critic.ts',
      from: '      if (passed) break;\n',
      to: '',
    },
    {
      bug: 'one correction more than asked for',
      file: 'iterate/critic/critic.ts',
      from: 'while (made < options.rounds)',
      to: 'while (made <= options.rounds)',
    },
    {
      bug: 'what was written before counts again',
      file: 'iterate/budget-forcing/budget-forcing.ts',
      from: 'tokens += tokensOf(longer,',
      to: 'tokens += tokens + tokensOf(longer,',
    },
    {
      bug: 'just enough is not enough',
      file: 'iterate/budget-forcing/budget-forcing.ts',
      from: 'tokens >= minTokens ||',
      to: 'tokens > minTokens ||',
    },
    {
      bug: 'an agent hears itself among the others',
      file: 'iterate/debate/debate.ts',
      from: 'all.filter(({ agent }) => agent !== one.agent)',
      to: 'all',
    },
    {
      bug: 'one round less than asked for',
      file: 'iterate/debate/debate.ts',
      from: 'round <= rounds &&',
      to: 'round < rounds &&',
    },
    {
      bug: 'a program that leaves before its tests has passed them',
      file: 'iterate/self-debug/self-debug.ts',
      from: 'hasTests && execution.value !== AT_THE_END',
      to: 'hasTests && execution.value === undefined',
    },
    {
      bug: 'the tests are not run',
      file: 'iterate/self-debug/self-debug.ts',
      from: '${code}\\n;${tests}',
      to: '${code}\\n;',
    },
  ],
};
