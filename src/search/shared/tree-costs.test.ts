import { expect, it } from 'vitest';
import { ask, plus, questionOf, scorer, textOf, type AnyTechnique, type Transform } from '../../core/index.ts';
import { evaluateExpression } from '../../evaluate/expression.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { abMcts, beamSearch, mcts, particleFilter, treeOfThoughts } from '../index.ts';

const lines = enumerable({ answers: { '*': { 'a\nb\nc\nd': 1, 'a\nc\nb\nd': 1 } } });
const thinker = scripted(({ prompt }) => (questionOf(prompt).includes('Propose') ? 'a\nb' : 'likely'));
const score = scorer('even', ({ content }) => 1 / (1 + textOf(content).length));

const CASES: ReadonlyArray<{
  readonly technique: AnyTechnique;
  readonly options: { readonly [option: string]: number | string };
  readonly of: (options: { readonly [option: string]: number }) => Transform;
  readonly rounds: number;
}> = [
  {
    technique: beamSearch,
    options: { beams: 2, width: 3, steps: 4, draw: 'whole' },
    of: (o) => beamSearch({ ...o, draw: 'whole', score }),
    rounds: 4,
  },
  {
    technique: beamSearch,
    options: { beams: 2, width: 3, steps: 3, draw: 'step' },
    of: (o) => beamSearch({ ...o, draw: 'step', score }),
    rounds: 4,
  },
  { technique: particleFilter, options: { n: 5, steps: 4 }, of: (o) => particleFilter({ ...o, score }), rounds: 4 },
  { technique: mcts, options: { n: 7, width: 2, parallel: 3 }, of: (o) => mcts({ ...o, score }), rounds: 3 },
  { technique: abMcts, options: { n: 7, parallel: 3 }, of: (o) => abMcts({ ...o, score }), rounds: 3 },
  {
    technique: treeOfThoughts,
    options: { depth: 2, breadth: 2, proposals: 2, votes: 2 },
    of: (o) => treeOfThoughts(o),
    rounds: 5,
  },
];

it.each(CASES)(
  'the declared cost of $technique.definition.name is what it takes',
  async ({ technique, options, of, rounds }) => {
    const base = technique === treeOfThoughts ? thinker : lines;
    const { usage } = await ask(plus(base, of(options as { readonly [option: string]: number })), 'q');
    const { calls, rounds: declaredRounds } = technique.definition;
    // On these bases nothing ends early, so the most that is declared is taken.
    expect(usage.calls).toBe(evaluateExpression(calls, options));
    expect(evaluateExpression(declaredRounds, options)).toBe(rounds);
  },
);
