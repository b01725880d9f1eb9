/** The rows of the lift table: techniques of all rooms on held-out questions of the embedded model. */
import type { LiftRow } from './lift.ts';

/** One or two a room: what `plusx demo` shows. */
export const TOUR: readonly LiftRow[] = [
  row('search', 'steps', 'selfConsistency(n=8)'),
  row('search', 'steps', 'bestOfN(n=8, score=equations)'),
  row('search', 'countdown', 'treeOfThoughts(thoughts="sample", breadth=4, proposals=6, votes=1, ending="steps")'),
  row('iterate', 'steps', 'selfRefine(rounds=1)'),
  row('iterate', 'steps', 'critic(check="equations")'),
  row('remember', 'strange', 'memPrompt'),
  row('remember', 'rare', 'rag(k=1)'),
  row('remember', 'message', 'prefer(n=4, principles="polite", rewards="likelihood", pick="best")'),
  row('tools', 'large', 'calculator'),
  row('tools', 'large', 'pal'),
  row('rephrase', 'garbled', 'rephraseAndRespond(rephraser=plusx:tiny + temperature(t=0.3))'),
  row('decompose', 'hops2', 'leastToMost'),
];

/** Everything that is measured: the tour, more techniques, and techniques inside techniques. */
export const ALL: readonly LiftRow[] = [
  ...TOUR,
  row('search', 'steps', 'adaptiveConsistency(n=16)'),
  row('search', 'steps', 'deepConf(n=8)'),
  row('search', 'steps', 'deepConf(n=4, keep=0.1, alternatives=0, window=16)'),
  row('search', 'steps', 'deepConf(n=8, keep=0.1, alternatives=0, window=16)'),
  row('search', 'steps', 'deepConf(n=16, warmup=4, alternatives=0, window=4)'),
  row('search', 'steps', 'power(alpha=4, steps=8)'),
  row('search', 'steps', 'beamSearch(beams=2, width=2, score=equations)'),
  row('search', 'steps', 'beamSearch(beams=2, width=2, score=equations, draw="step")'),
  row('search', 'steps', 'particleFilter(n=4, score=equations)'),
  row('search', 'steps', 'particleFilter(n=4, score=equations, draw="step")'),
  row('search', 'countdown', 'bestOfN(n=32, score=countdown)'),
  row('remember', 'message', 'prefer(n=4, principles="polite", pick="best")'),
  row('remember', 'strange', 'memPrompt(k=3)'),
  row('search', 'countdown', 'selfConsistency(n=16)'),
  row('search', 'passage', 'selfConsistency(n=8)'),
  row('iterate', 'steps', 'critic(check="equations", rounds=3)'),
  row('iterate', 'steps', 'selfRefine(rounds=1)', 0),
  row('iterate', 'steps', 'debate'),
  row('rephrase', 'steps', 'reRead'),
  row('rephrase', 'steps', 'rephraseAndRespond'),
  row('rephrase', 'garbled', 'rephraseAndRespond'),
  row('rephrase', 'garbled', 'paraphrase(n=5)'),
  row('rephrase', 'garbled', 'rephraseAndRespond', 0),
  row('tools', 'steps', 'pal'),
  row('decompose', 'hops3', 'leastToMost'),
  row('decompose', 'hops2', 'decomposedPrompting'),
  row('decompose', 'hops2', 'easyFirst(n=3)'),
  row('decompose', 'steps', 'planAndSolve'),
  row('rephrase', 'garbled', 'rephraseAndRespond + selfConsistency(n=8)'),
  row('tools', 'large', 'pal + selfConsistency(n=5)'),
  row('search', 'steps', 'selfRefine(rounds=1) + bestOfN(n=4, score=equations)'),
  row('iterate', 'steps', 'critic(verifier=plusx:tiny)'),
  row('iterate', 'steps', 'budgetForcing(minTokens=64, waits=1)'),
  row('iterate', 'steps', 'budgetForcing(minTokens=0, maxTokens=24)'),
  row('iterate', 'steps', 'chainOfVerification'),
  row('rephrase', 'strange', 'clarify'),
  row('rephrase', 'steps', 'clarify'),
  row('rephrase', 'strange', 'clarify', 0),
  row('rephrase', 'garbled', 'reRead'),
  row('rephrase', 'steps', 'stepBack'),
  row('rephrase', 'garbled', 'translate(language="plain English")'),
  row('decompose', 'hops2', 'selfAsk'),
  row('recipes', 'steps', 'reflexion(trials=2)'),
  row('recipes', 'steps', 'reflexion(trials=3, evaluate=equations)'),
  row('recipes', 'steps', 'autoMix(plusx:tiny, plusx:tiny + pal)'),
  row('recipes', 'steps', 'fusion(plusx:tiny, plusx:tiny + temperature(t=0.7), plusx:tiny + pal)'),
  row('recipes', 'steps', 'mixtureOfAgents(plusx:tiny, plusx:tiny + temperature(t=0.7), layers=1)'),
];

function row(room: string, task: string, plus: string, temperature?: number): LiftRow {
  let outer = plus; // the formula without what stands in brackets
  while (/\([^()]*\)/.test(outer)) outer = outer.replaceAll(/\([^()]*\)/g, '');
  return { room, technique: outer, task, plus, ...(temperature !== undefined && { temperature }) };
}
