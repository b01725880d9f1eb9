/** Techniques inside techniques over the embedded model, as code and as formulas: the account and the budget stay exact. */
import { describe, expect, it } from 'vitest';
import { techniques } from './catalog.ts';
import {
  ask,
  memoryJournal,
  parse,
  plus,
  user,
  type Model,
  type Request,
  type Span,
  type Usage,
} from './core/index.ts';
import { critic, selfRefine } from './iterate/index.ts';
import { tiny } from './models/tiny/index.ts';
import { paraphrase, reRead } from './rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from './search/index.ts';

const QUESTION =
  'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?\nSolve it step by step.';
const request: Request = { prompt: [user(QUESTION)], maxOutputTokens: 40 };
const CHAT = { critique: 'Check your answer.', revise: 'Now revise it.' }; // as the embedded model was taught
const sound = (): number => 1;

/** The embedded model, with the usage of every call that ended. */
function watched(): { readonly model: Model; readonly seen: Usage[] } {
  const inner = tiny();
  const seen: Usage[] = [];
  const model: Model = {
    ...inner,
    async sample(asked, context) {
      const sampled = await inner.sample(asked, context);
      seen.push(sampled.usage);
      return sampled;
    },
  };
  return { model, seen };
}

const sum = (seen: readonly Usage[], field: 'calls' | 'inputTokens' | 'outputTokens'): number =>
  seen.reduce((total, usage) => total + (usage[field] ?? Number.NaN), 0);
const callsIn = ({ kind, usage, children }: Span): number =>
  (kind === 'call' ? (usage?.calls ?? Number.NaN) : 0) + children.reduce((total, child) => total + callsIn(child), 0);

const EXAMPLES: readonly { formula: string; calls: readonly [number, number]; build: (base: Model) => Model }[] = [
  {
    formula: `plusx:tiny + reRead + selfRefine(rounds=1, stop="never", critique="Check your answer.", revise="Now revise it.") + selfConsistency`,
    calls: [15, 15], // 5 votes of 3 calls
    build: (base) => plus(base, reRead(), selfRefine({ rounds: 1, stop: 'never', ...CHAT }), selfConsistency({ n: 5 })),
  },
  {
    formula:
      'plusx:tiny + paraphrase(n=2, reword="{question}\\nRephrase the question plainly.") + critic(check="equations", rounds=1) + bestOfN(n=2, score=sound)',
    calls: [2 * 5, 2 * 10], // each draft of 5 calls, and as much again where an equation is wrong
    build: (base) =>
      plus(
        base,
        paraphrase({ n: 2, reword: '{question}\nRephrase the question plainly.' }),
        critic({ check: 'equations', rounds: 1 }),
        bestOfN({ n: 2, score: sound }),
      ),
  },
  {
    formula:
      'mixture(plusx:tiny + reRead, plusx:tiny + selfConsistency(n=3)) + selfRefine(rounds=1, stop="never", critic=plusx:tiny + reRead) + selfConsistency(n=3)',
    calls: [3 * 3, 3 * 7], // a draft and a revision of 1 or 3 calls each, and a critique between them
    build: (base) =>
      plus(
        mixture([plus(base, reRead()), plus(base, selfConsistency({ n: 3 }))]),
        selfRefine({ rounds: 1, critic: plus(base, reRead()), stop: 'never' }),
        selfConsistency({ n: 3 }),
      ),
  },
];

describe.each(EXAMPLES)('$formula', ({ formula, calls, build }) => {
  const parsed = (model: Model): Model =>
    parse(formula, { techniques, scorers: { sound }, model: (name) => (name === 'plusx:tiny' ? model : undefined) });

  it('is the same model as text and as code', async () => {
    const [text, code] = [parsed(watched().model), build(watched().model)];
    expect([text.name, code.name]).toEqual([formula, formula]);
    expect((await ask(text, request, { seed: 7 })).sample).toEqual((await ask(code, request, { seed: 7 })).sample);
  });

  it('accounts for every call, once', async () => {
    const { model, seen } = watched();
    const { usage, sample, trace } = await ask(parsed(model), request, { trace: true });
    expect(usage.calls).toBeGreaterThanOrEqual(calls[0]);
    expect(usage.calls).toBeLessThanOrEqual(calls[1]);
    expect(usage.calls).toBe(sum(seen, 'calls'));
    expect(trace && callsIn(trace)).toBe(usage.calls);
    expect([usage.inputTokens, usage.outputTokens]).toEqual([sum(seen, 'inputTokens'), sum(seen, 'outputTokens')]);
    expect([sample.usage, usage.unreported, usage.replays]).toEqual([usage, 0, 0]);
  });

  it('keeps to a budget of calls and of tokens, and says what cut it short', async () => {
    const whole = (await ask(parsed(watched().model), request)).usage;
    const tokens = (whole.inputTokens ?? 0) + (whole.outputTokens ?? 0);
    for (const budget of [{ calls: 1 }, { calls: 4 }, { calls: whole.calls - 1 }, { tokens: Math.floor(tokens / 2) }]) {
      const { model, seen } = watched();
      const answer = await ask(parsed(model), request, { budget });
      expect(answer.exhausted).toBe(Object.keys(budget)[0]);
      expect(answer.text).not.toBe('');
      expect([answer.usage.calls, answer.usage.inputTokens]).toEqual([sum(seen, 'calls'), sum(seen, 'inputTokens')]);
      expect(sum(seen, 'calls')).toBeLessThanOrEqual(budget.calls ?? Infinity);
      expect(sum(seen, 'inputTokens') + sum(seen, 'outputTokens')).toBeLessThanOrEqual(budget.tokens ?? Infinity);
    }
    const enough = await ask(parsed(watched().model), request, { budget: { calls: whole.calls } });
    expect(enough.exhausted).toBeUndefined();
  });

  it('is answered from its journal the second time', async () => {
    const journal = memoryJournal();
    const first = await ask(parsed(watched().model), request, { journal });
    const again = await ask(parsed(watched().model), request, { journal });
    expect([again.text, again.usage.replays]).toEqual([first.text, first.usage.calls]);
  });
});
