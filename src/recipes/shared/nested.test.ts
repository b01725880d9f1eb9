/** Models made of models made of models: what holds for one technique holds for all of them together. */
import { describe, expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import {
  ask,
  BudgetExceeded,
  memoryJournal,
  parse,
  scorer,
  textOf,
  type Answer,
  type ContextOptions,
  type Model,
  type Sample,
  type Transform,
} from '../../core/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { laws, runLaws } from '../../testing/laws/laws.ts';
import { probe, type Probe, type ProbeOptions } from '../../testing/laws/probe.ts';
import { autoMix } from '../auto-mix/auto-mix.ts';
import { fusion } from '../fusion/fusion.ts';
import { inForm } from './replies.law.ts';

const FORMULAS = {
  'a ladder whose upper step is a panel':
    'autoMix(tiny, fusion(a, b + selfConsistency(n=3), judge=c + reRead), k=3, threshold=0.8)',
  'a cascade that ends at a panel':
    'cascade(tiny + selfConsistency(n=3), fusion(a, b + selfConsistency(n=3), judge=c + reRead))',
  'a judge that is a composed model':
    'a + bestOfN(n=3, score=judge(fusion(b, c + reRead, mode="pick"), criteria="brief"))',
  'three levels, each of its own room':
    'a + planAndSolve + selfRefine(rounds=1, critic=b + stepBack) + bestOfN(n=2, score=judge(mixtureOfAgents(c, tiny + reRead, layers=1)))',
  'a formula that starts from a combiner':
    'fusion(autoMix(tiny, a, k=2), mixture(b, c + reflexion(trials=2)), mode="synthesize") + reflexion(trials=2, evaluate=size)',
};
const size = scorer('size', ({ content }) => Number(textOf(content)) / 22);

type Watched = { readonly [name: string]: Probe };
/** Four base models that are watched, and a formula over them. */
function watched(formula: string, options: Omit<ProbeOptions, 'answers'> = {}): { model: Model; probes: Watched } {
  const probes: Watched = Object.fromEntries(
    ['tiny', 'a', 'b', 'c'].map((name) => [name, probe({ answers: inForm, ...options })]),
  );
  // A probe is called probe: here each goes by its own name.
  const named = Object.fromEntries(Object.entries(probes).map(([name, { model }]) => [name, { ...model, name }]));
  return { model: parse(formula, { techniques, model: (name) => named[name], scorers: { size } }), probes };
}
const sum = (probes: Watched, field: 'started' | 'ended' | 'inputTokens' | 'outputTokens'): number =>
  Object.values(probes).reduce((total, { seen }) => total + seen[field], 0);
const print = ({ usage: _usage, ...rest }: Sample): string => JSON.stringify(rest);
const put = (model: Model, options: ContextOptions = {}): Promise<Answer> => ask(model, 'How much is 2 + 2?', options);
/** What a budget leaves: a refusal, a sample that is marked as cut short, or a sample. Any other error is thrown. */
async function outcomeOf(answer: Promise<Answer>): Promise<string> {
  try {
    const { sample, exhausted } = await answer;
    return exhausted === undefined ? print(sample) : 'cut short';
  } catch (error) {
    if (error instanceof BudgetExceeded) return 'refused';
    throw error;
  }
}

describe.each(Object.entries(FORMULAS))('%s', (_, formula) => {
  it('is the model of its own name', () => {
    const { model } = watched(formula);
    expect(watched(model.name).model.name).toBe(model.name);
  });

  it('gives the same sample for the same seed, whatever order calls end in, and another for others', async () => {
    const samples = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const expected = print((await put(watched(formula, { concurrency: 1 }).model, { seed })).sample);
      for (const order of [1, 2]) {
        const { sample } = await put(watched(formula, { timing: 'scrambled', order }).model, { seed });
        expect(print(sample)).toBe(expected);
      }
      samples.add(expected);
    }
    expect(samples.size).toBeGreaterThan(1);
  });

  it('accounts for every call of every model, and for nothing else', async () => {
    for (let seed = 0; seed < 4; seed++) {
      const { model, probes } = watched(formula, { timing: 'scrambled', order: seed });
      const { usage, sample } = await put(model, { seed });
      const expected = {
        calls: sum(probes, 'started'),
        unreported: sum(probes, 'started') - sum(probes, 'ended'),
        inputTokens: sum(probes, 'inputTokens'),
        outputTokens: sum(probes, 'outputTokens'),
      };
      expect(usage).toMatchObject(expected);
      expect(sample.usage).toMatchObject(expected);
    }
  });

  it('keeps within any budget of calls and tokens, and says what was cut short', async () => {
    const whole = await put(watched(formula).model);
    const { calls, inputTokens = 0, outputTokens = 0 } = whole.usage;
    for (let most = 0; most <= calls; most++) {
      const { model, probes } = watched(formula, { timing: 'scrambled', order: most });
      const outcome = await outcomeOf(put(model, { budget: { calls: most } }));
      expect(sum(probes, 'started')).toBeLessThanOrEqual(most);
      expect(['refused', 'cut short', print(whole.sample)]).toContain(outcome);
    }
    for (const part of [0.3, 0.7]) {
      const { model, probes } = watched(formula, { timing: 'scrambled' });
      const tokens = Math.floor((inputTokens + outputTokens) * part);
      await outcomeOf(put(model, { budget: { tokens } }));
      expect(sum(probes, 'inputTokens') + sum(probes, 'outputTokens')).toBeLessThanOrEqual(tokens);
    }
  });

  it('pays once: what a journal holds is not asked again', async () => {
    const journal = memoryJournal();
    const first = await put(watched(formula).model, { journal });
    const { model, probes } = watched(formula, { timing: 'scrambled' });
    const again = await put(model, { journal });
    expect([sum(probes, 'started'), print(again.sample)]).toEqual([0, print(first.sample)]);
    expect(again.usage.replays).toBe(first.usage.calls);
  });
});

describe('the shared laws of a nested model', () => {
  const ladder: Transform = (base) =>
    autoMix([base, fusion([base, selfConsistency({ n: 3 })(base)])], { k: 2, threshold: 0.8 });
  runLaws(it, laws(ladder, { answers: inForm, seeds: 2 }));
});
