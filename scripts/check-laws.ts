/**
 * Runs the laws until one is broken and says which, for the mutant suite: exit code 0 if all hold, 3 if one does not.
 * With a room's name, that room's; without, the basic ones.
 */
import { ask, plus, type Model, type Transform } from '../src/core/index.ts';
import { enumerable } from '../src/models/written/enumerable.ts';
import { bestOfN, selfConsistency } from '../src/search/index.ts';
import { chiSquare, sampleCounts } from '../src/testing/laws/chi-square.ts';
import { exact, totalVariation } from '../src/testing/laws/exact.ts';
import { laws } from '../src/testing/laws/laws.ts';
import { probe } from '../src/testing/laws/probe.ts';
import { BASICS } from './exact-laws.ts';
import type { LawSet, Subject } from './laws/form.ts';
import * as rooms from './laws/index.ts';
import { MOSTLY_SURE, PREPARATION, SUBJECTS } from './shared-laws.ts';

function broken(law: string, why: unknown): never {
  console.log(`${law}: ${why instanceof Error ? why.message : String(why)}`.replaceAll('\n', ' ').slice(0, 240));
  process.exit(3);
}

const room = process.argv[2];
const set = (rooms as { readonly [name: string]: LawSet })[room ?? ''];
if (room !== undefined && !set) throw new Error(`no laws of a room "${room}"`);

for (const { technique, law, model, expected, holds, outcome } of set?.exact ?? BASICS) {
  try {
    const distance = totalVariation(await exact(model, 'question', { outcome, limit: 1000 }), await expected());
    if (holds && !(distance <= 1e-12)) broken(`exact law, ${technique} ${law}`, `TV ${distance}`);
  } catch (error) {
    // A law with more paths than there is time for here is left to the test that runs them all.
    if (!String(error).includes('more than 1000 paths')) broken(`exact law, ${technique} ${law}`, error);
  }
}

const early = SUBJECTS['selfConsistency, adaptive'] as Transform;
const basics: LawSet['subjects'] = {
  ...Object.fromEntries(
    Object.entries(SUBJECTS).map(([name, transform]) => [name, { transform, preparation: PREPARATION[name] }]),
  ),
  'early end': { transform: early, answers: MOSTLY_SURE },
};
const suites = Object.entries(set?.subjects ?? basics).map(([name, subject]) => {
  const { transform, ...options }: Subject = typeof subject === 'function' ? { transform: subject } : subject;
  return { name, list: laws(transform, { seeds: 2, ...options }) };
});
for (const { name, list } of suites)
  for (const law of list)
    await law
      .check()
      .catch((error: unknown) => broken(`shared law, ${name}`, `${law.name}: ${(error as Error).message}`));

if (set) process.exit(0);

// A law of the distribution cannot see which of exchangeable draws is kept: here each draw is its own number.
const plain = enumerable({ answers: { '*': { x: 1 } } });
const numbered: Model = {
  ...plain,
  async sample(request, context) {
    const drawn = await plain.sample(request, context);
    const text = (i: number): string => String((request.from ?? 0) + i);
    return {
      ...drawn,
      samples: drawn.samples.map((one, i) => ({ ...one, content: [{ type: 'text', text: text(i) }] })),
    };
  },
};
for (const transform of [bestOfN({ n: 3, score: () => 1 }), selfConsistency({ n: 3 })]) {
  const { text } = await ask(plus(numbered, transform), 'question');
  if (text !== '0') broken('a tie goes to the first', `draw ${text} is kept`);
}

const sure = probe({ answers: () => ({ a: 1 }), timing: 'scrambled' });
await ask(plus(sure.model, selfConsistency({ n: 20, stop: 'adaptive', ahead: 20 })), 'question');
if (sure.seen.aborted === 0) broken('stop rule', 'losers run to their end');

const vote = plus(enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } }), selfConsistency({ n: 3 }));
const { p } = chiSquare(await sampleCounts(vote, 'question', { draws: 4000 }), await exact(vote));
if (p < 1e-9) broken('sampled law, selfConsistency n=3', `p = ${p}`);
