import { plus, scorer, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { testSamples } from '../../testing/laws/test-support/test-samples.ts';
import { abMcts, beamSearch, mcts, particleFilter, treeOfThoughts } from '../index.ts';

const lines = enumerable({ answers: { '*': { 'a\nx': 0.4, 'a\ny': 0.3, 'b\nx': 0.2, b: 0.1 } } });
const score = scorer('score', ({ content }) => (textOf(content).length + 2 * textOf(content).indexOf('y')) / 10);

testSamples({
  beamSearch: plus(lines, beamSearch({ beams: 1, width: 2, steps: 2, score })),
  particleFilter: plus(lines, particleFilter({ n: 2, steps: 2, score, threshold: 1 })),
  mcts: plus(lines, mcts({ n: 3, width: 2, score })),
  abMcts: plus(lines, abMcts({ n: 2, score })),
  treeOfThoughts: plus(lines, treeOfThoughts({ depth: 1, breadth: 1, score })),
});
