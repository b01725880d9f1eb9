/**
 * Runs laws until one is broken and says which, for the suite of seeded bugs: exit code 0 if all hold, 3 if one does not.
 * With names of techniques, the laws of these; without, what the core is proved with.
 */
import { ask, plus } from '../src/core/index.ts';
import { enumerable } from '../src/models/written/index.ts';
import { selfConsistency } from '../src/search/index.ts';
import { chiSquare, sampleCounts } from '../src/testing/laws/chi-square.ts';
import { exact } from '../src/testing/laws/exact.ts';
import { laws } from '../src/testing/laws/laws.ts';
import { probe } from '../src/testing/laws/probe.ts';
import { verify, type TechniqueLaw } from '../src/testing/laws/technique-law.ts';
import { lawFiles, lawsIn } from './law-files.ts';

/** Techniques that between them use all of the core. */
const CORE = [
  'best-of-n',
  'self-consistency',
  'rejection',
  'soft-best-of-n',
  'mixture',
  'self-refine',
  're-read',
  'rephrase-and-respond',
  'step-back',
];

function broken(law: string, why: unknown): never {
  console.log(`${law}: ${why instanceof Error ? why.message : String(why)}`.replaceAll('\n', ' ').slice(0, 240));
  process.exit(3);
}

async function check({ technique, exact: closed, subjects }: TechniqueLaw): Promise<void> {
  for (const one of closed) {
    try {
      // Whether two models differ is no proof of either.
      const { kept, distance } = one.holds ? await verify(one, 1000) : { kept: true, distance: 0 };
      if (!kept) broken(`exact law, ${technique} ${one.law}`, `total variation ${distance}`);
    } catch (error) {
      // A law with more paths than there is time for here is left to the test that runs them all.
      if (!String(error).includes('more than 1000 paths')) broken(`exact law, ${technique} ${one.law}`, error);
    }
  }
  for (const [name, subject] of Object.entries(subjects)) {
    const { transform, ...options } = typeof subject === 'function' ? { transform: subject } : subject;
    for (const law of laws(transform, { seeds: 2, ...options }))
      await law.check().catch((error: unknown) => broken(`shared law, ${name}`, `${law.name}: ${String(error)}`));
  }
}

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : CORE;
for (const name of names) {
  const file = lawFiles().find((one) => one.endsWith(`/${name}.law.ts`));
  if (!file) throw new Error(`no law of a technique "${name}"`);
  await check((await lawsIn(file)).law);
}
if (wanted.length > 0) process.exit(0);

const sure = probe({ answers: () => ({ a: 1 }), timing: 'scrambled' });
await ask(plus(sure.model, selfConsistency({ n: 20, stop: 'adaptive', ahead: 20 })), 'question');
if (sure.seen.aborted === 0) broken('stop rule', 'losers run to their end');

const vote = plus(enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } }), selfConsistency({ n: 3 }));
const { p } = chiSquare(await sampleCounts(vote, 'question', { draws: 4000 }), await exact(vote));
if (p < 1e-9) broken('sampled law, selfConsistency n=3', `p = ${p}`);
