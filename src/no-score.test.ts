/** A scorer that gives no number decides nothing: whatever technique asks it, the person who waits for the answer is told so. */
import { describe, expect, it } from 'vitest';
import { exampleOf, host, listening } from '../scripts/examples.ts';
import { techniques } from './catalog.ts';
import { ask, judge, scorer, type Scorer, type ScoreFunction } from './core/index.ts';
import { scripted } from './models/written/index.ts';

/** What a scorer needs beside it to be asked at all. */
const BESIDE: { readonly [technique: string]: { readonly [option: string]: unknown } } = {
  cascade: { by: 'score' },
  selfConsistency: { weights: 'score' },
};
/** Refuses what is no number instead: a text whose potential is unknown cannot be drawn on. */
const REFUSES = 'tokenSmc';
const scored = techniques.flatMap((technique) => {
  const { name, options } = technique.definition;
  const option = Object.keys(options).find((one) => options[one]?.kind === 'scorer');
  return option !== undefined && name !== REFUSES ? [{ name, technique, option }] : [];
});

const nothing = (() => undefined) as unknown as ScoreFunction;
const SILENT: readonly (readonly [how: string, scorer: Scorer])[] = [
  ['NaN', scorer('some', () => Number.NaN)],
  ['NaN, later', scorer('some', async () => Number.NaN)],
  ['nothing', scorer('some', nothing)],
  ['no rating', judge(scripted(() => 'I would rather not say.', { name: 'some' }))],
];

it('scorers are asked by these techniques', () => {
  expect(scored.map(({ name }) => name).toSorted()).toEqual([
    'abMcts',
    'beamSearch',
    'bestOfN',
    'cascade',
    'critic',
    'lats',
    'mcts',
    'particleFilter',
    'reflexion',
    'rejection',
    'selfConsistency',
    'softBestOfN',
    'tilt',
    'treeOfThoughts',
  ]);
});

describe.each(scored)('$name', ({ name, technique, option }) => {
  const told = async (score: Scorer): Promise<readonly string[]> => {
    const example = exampleOf(technique, listening(0), { ...BESIDE[name], [option]: score });
    if (!example) throw new Error(`${name} has no row in scripts/examples.ts`);
    const { warnings } = await ask(example.model, 'How much is 2 + 2?', { host });
    return warnings.filter(({ code }) => code === 'no-score').map(({ message }) => message);
  };

  it.each(SILENT)('says so where each score is %s', async (_, score) => {
    const expected = new RegExp(
      `^${name}: the scorer (?:some|judge\\(some\\)) gave no number for a candidate \\(asked: \\d+\\)`,
    );
    expect(await told(score)).toEqual([expect.stringMatching(expected)]);
  });

  it('says nothing where one score is a number, or a verdict', async () => {
    let asked = 0;
    expect(await told(scorer('some', () => (asked++ === 0 ? 0 : Number.NaN)))).toEqual([]);
    expect(await told(scorer('some', async () => false))).toEqual([]);
  });
});
