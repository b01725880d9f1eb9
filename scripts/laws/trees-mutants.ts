/** Bugs in the tree searches that their laws must find. */
import type { Mutant } from './form.ts';
import { THOUGHT_MUTANTS } from './thoughts.ts';

export const TREE_MUTANTS: readonly Mutant[] = [
  {
    bug: 'what follows a step says whether it is the last',
    file: 'search/shared/steps.ts',
    from: "if (by === 'prompt' && text",
    to: 'if (text',
  },
  {
    bug: 'a step that a stop sequence ended is taken for the last',
    file: 'search/shared/draw-step.ts',
    from: 'if (!met) return',
    to: 'if (written) return',
  },
  {
    bug: 'an answer searched step by step is left unfinished',
    file: 'search/shared/draw-step.ts',
    from: "draw === 'whole' || thought.done",
    to: 'true || thought.done',
  },
  {
    bug: 'a beam keeps the worst',
    file: 'search/shared/steps.ts',
    from: 'rank(b.value) - rank(a.value)',
    to: 'rank(a.value) - rank(b.value)',
  },
  {
    bug: 'a beginning that is whole is dropped from the beam',
    file: 'search/beam-search/beam-search.ts',
    from: 'thought.done || (cutShort',
    to: 'false || (cutShort',
  },
  {
    bug: 'weights are not reset after resampling',
    file: 'search/particle-filter/particle-filter.ts',
    from: '({ ...(particles[i] as Particle), weight: 0 })',
    to: '({ ...(particles[i] as Particle) })',
  },
  {
    bug: 'the potential of the beginning is not divided out',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'one.before.weight + psi - one.before.psi',
    to: 'one.before.weight + psi',
  },
  {
    bug: 'finished particles lose their weight',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'if (psi === undefined) return one.before;',
    to: 'if (psi === undefined) return { ...one.before, weight: 0 };',
  },
  {
    bug: 'the normalizer forgets what was resampled',
    file: 'search/particle-filter/particle-filter.ts',
    from: 'logZ += logMean(particles.map(weightOf));\n        const draw',
    to: 'const draw',
  },
  {
    bug: 'systematic resampling always starts at the same place',
    file: 'search/particle-filter/particles.ts',
    from: 'const drawn = choice.categorical(lengths);',
    to: 'const drawn = lengths.findIndex((length) => length > 0) + 0 * choice.categorical(lengths);',
  },
  {
    bug: 'the exploration bonus counts the wrong visits',
    file: 'search/mcts/mcts.ts',
    from: 'Math.sqrt(Math.log(visits) / tried)',
    to: 'Math.sqrt(Math.log(tried) / visits)',
  },
  {
    bug: 'rewards are not remembered by the beginnings above',
    file: 'search/mcts/mcts.ts',
    from: '...[...found.values()].map((made) => Math.max(...made.map(({ value }) => scaled(value))))',
    to: '',
  },
  {
    bug: 'what is told twice counts twice as late',
    file: 'search/shared/tree.ts',
    from: 'new Map([...all, ...grown])',
    to: 'new Map([...grown, ...all])',
  },
  {
    bug: 'deeper counts the answers made here',
    file: 'search/ab-mcts/ab-mcts.ts',
    from: 'rewards(node.children.flatMap(below))',
    to: 'rewards(below(node))',
  },
  {
    bug: 'a child is known by what came of it only',
    file: 'search/ab-mcts/ab-mcts.ts',
    from: 'rewards([child, ...below(child)])',
    to: 'rewards(below(child))',
  },
  ...THOUGHT_MUTANTS,
];
