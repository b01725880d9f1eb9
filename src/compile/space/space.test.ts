/** Spaces: read and printed as formulas are, counted without being listed, drawn from, and checked before anything is asked. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import {
  FormulaError,
  InvalidOption,
  parse,
  rootScope,
  seeded,
  textOf,
  user,
  type FormulaScope,
  type Model,
  type Request,
} from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { selfConsistency } from '../../search/index.ts';
import type { Task } from '../../tasks/index.ts';
import type { Finding } from '../../diagnose/index.ts';
import { autoSpace, type AutoOptions } from './auto.ts';
import { anyOf, both, choose, demos, maybe, prompt, space, spaceOn } from './marks.ts';
import { parseSpace } from './parse.ts';
import { someOf, type Space } from './space.ts';

const leaf = (name: string): Model => ({
  name,
  can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 1 },
  sample: () => Promise.reject(new Error('not sampled here')),
});
const scope: FormulaScope = {
  techniques,
  model: (name) => (/^(?:tiny|openai\/\w+)$/.test(name) ? leaf(name) : undefined),
};
const read = (text: string): Space => parseSpace(text, scope);
const all = (of: Space): string[] => someOf(of, 1000, seeded(0)).map((index) => of.at(index).build(leaf('tiny')).name);

const EXAMPLE =
  'maybe(reRead) + anyOf(selfConsistency(n=[3, 5, 9]), selfRefine(rounds=[1, 2])) + prompt("Think.", "Be brief.")';

it.each([
  ['reRead', 'reRead', 1n],
  ['maybe(reRead)', 'maybe(reRead)', 2n],
  ['maybe( reRead+stepBack )', 'maybe(reRead + stepBack)', 2n],
  [
    'maybe(reRead)+anyOf(selfConsistency(n=[3,5,9]),selfRefine(rounds=[1,2]))',
    'maybe(reRead) + anyOf(selfConsistency(n=[3, 5, 9]), selfRefine(rounds=[1, 2]))',
    10n,
  ],
  [EXAMPLE, EXAMPLE, 20n],
  ['demos(k=[0,4,8])', 'demos(k=[0, 4, 8])', 3n],
  ['anyOf(reRead, maybe(stepBack) + selfConsistency(n=[3, 5]))', undefined, 5n],
  ['anyOf(openai/a, openai/b) + maybe(reRead)', undefined, 4n],
  ['tiny + selfConsistency(n=[3, 5])', undefined, 2n],
  ['cascade(tiny, anyOf(openai/a, openai/b), threshold=[0.5, 0.7]) + reRead', undefined, 4n],
  ['debate(models=[tiny, anyOf(openai/a, openai/b)])', undefined, 2n],
  ['debate(models=[[tiny], [openai/a, openai/b]])', undefined, 2n],
  ['critic(verifier=anyOf(openai/a + reRead, openai/b))', undefined, 2n],
  ['tiny + critic(verifier=(tiny + reRead) + selfConsistency(n=[3, 5]))', undefined, 2n],
])('%s', (text, printed, size) => {
  const of = read(text);
  expect(of.size).toBe(size);
  expect(of.text).toBe(printed ?? of.text);
  expect(read(of.text).text).toBe(of.text);
  const names = all(of);
  expect(names).toHaveLength(Number(size));
  expect(new Set(names).size).toBe(names.length);
});

it('each of its points is a formula without marks, and says what was picked', () => {
  const of = read(EXAMPLE);
  expect(of.at(0n).text).toBe('selfConsistency(n=3) + request(system="Think.")');
  expect(of.at(19n)).toMatchObject({
    text: 'reRead + selfRefine(rounds=2) + request(system="Be brief.")',
    picks: [
      { choice: 'maybe(reRead)', value: 'yes' },
      { choice: 'anyOf(selfConsistency(n=[3, 5, 9]), selfRefine(rounds=[1, 2]))', value: 'selfRefine(rounds=[1, 2])' },
      { choice: 'selfRefine.rounds', value: '2' },
      { choice: 'prompt("Think.", "Be brief.")', value: 'request(system="Be brief.")' },
    ],
  });
});

it('a point built and printed reads back as the same model', () => {
  const texts = ['tiny + maybe(reRead) + selfConsistency(n=[3, 5], stop=["fixed", "adaptive"])', `tiny + ${EXAMPLE}`];
  for (const name of texts.flatMap((text) => all(read(text)))) expect(parse(name, scope).name).toBe(name);
});

it('functions make the same spaces as texts', () => {
  expect(space()).toMatchObject({ text: '', size: 1n });
  const made = space(
    maybe(reRead),
    anyOf(choose(selfConsistency, { n: [3, 5, 9] }), choose(selfRefine, { rounds: [1, 2] })),
    prompt('Think.', 'Be brief.'),
  );
  expect(made.text).toBe(EXAMPLE);
  expect(made.size).toBe(20n);
  expect(all(made)).toEqual(all(read(EXAMPLE)));
  const picks = (of: Space): unknown => Array.from({ length: 20 }, (_, i) => of.at(BigInt(i)).picks);
  expect(picks(made)).toEqual(picks(read(EXAMPLE)));
  const models = spaceOn(
    [leaf('openai/a'), leaf('openai/b')],
    anyOf(both(reRead, selfConsistency), demos({ k: [0, 4] })),
  );
  expect(models.text).toBe('anyOf(openai/a, openai/b) + anyOf(reRead + selfConsistency, demos(k=[0, 4]))');
  expect(all(models)).toEqual(all(read(models.text)));
});

it('is typed: an option that a technique does not have, and a value that it does not take, do not compile', () => {
  // @ts-expect-error -- selfConsistency has no rounds
  expect(() => choose(selfConsistency, { rounds: [1] })).toThrow(InvalidOption);
  // @ts-expect-error -- n is a number
  expect(() => choose(selfConsistency, { n: ['three'] })).toThrow(InvalidOption);
  expect(() => choose(selfConsistency, { n: [3, 0] })).toThrow('n must be a positive integer, got 0');
  expect(() => choose(selfConsistency, { n: [] })).toThrow('has no values to choose from');
});

it('demonstrations that were found stand in the points that ask for them', async () => {
  const found = { demonstrations: [{ question: '1 + 1?', answer: '2' }] };
  const asked: unknown[] = [];
  const base: Model = {
    ...leaf('tiny'),
    sample: (request) => (asked.push(request.prompt), Promise.reject(new Error('asked'))),
  };
  for (const of of [read('demos(k=[0, 1])'), space(demos({ k: [0, 1] }))]) {
    expect(of.at(0n).build(base, found)).toBe(base);
    const model = of.at(1n).build(base, found);
    await expect(model.sample({ prompt: [user('2 + 2?')] }, rootScope().context)).rejects.toThrow('asked');
    expect(asked.pop()).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }]);
  }
});

it('a set of demonstrations is a choice of its own: the first ones, or others in another order', async () => {
  const found = { demonstrations: Array.from({ length: 6 }, (_, i) => ({ question: `${i}?`, answer: `${i}` })) };
  const shown = async (index: bigint, of: Space): Promise<string[]> => {
    let asked: Request['prompt'] = [];
    const base: Model = {
      ...leaf('tiny'),
      sample: ({ prompt }) => ((asked = prompt), Promise.reject(new Error('asked'))),
    };
    await expect(
      of
        .at(index)
        .build(base, found)
        .sample({ prompt: [user('q')] }, rootScope().context),
    ).rejects.toThrow('asked');
    return asked
      .filter(({ role }) => role === 'assistant')
      .map(({ content }) => (typeof content === 'string' ? content : textOf(content)));
  };
  for (const of of [read('demos(k=3, set=[0, 1, 2])'), space(demos({ k: 3, set: [0, 1, 2] }))]) {
    expect(await shown(0n, of)).toEqual(['0', '1', '2']);
    const [one, two] = [await shown(1n, of), await shown(2n, of)];
    expect(new Set([...one, ...two].map(Number)).size).toBeGreaterThan(3);
    expect(new Set(one).size).toBe(3);
    expect(await shown(1n, of)).toEqual(one);
    expect(one).not.toEqual(two);
  }
  for (const of of [read('demos(set=2, k=0)'), space(demos({ k: 0, set: 2 }))]) expect(of.at(0n).text).toBe('');
});

describe('a space of a thousand million points', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i + 1).join(', ');
  const of = read(
    `selfRefine(rounds=[${values}]) + selfConsistency(n=[${values}]) + adaptiveConsistency(n=[${values}])`,
  );
  it('is counted, and some of it is drawn without listing it', () => {
    expect(of.size).toBe(1_000_000_000n);
    const some = someOf(of, 50, seeded(7));
    expect(new Set(some).size).toBe(50);
    expect(someOf(of, 50, seeded(7))).toEqual(some);
    expect(someOf(of, 50, seeded(8))).not.toEqual(some);
    expect(some.every((index) => index >= 0n && index < of.size)).toBe(true);
    expect(of.at(of.size - 1n).picks).toHaveLength(3);
  });
});

it('draws every point as often', () => {
  const of = read('selfConsistency(n=[3, 5, 7, 9, 11])');
  const counts = new Map<bigint, number>();
  for (let i = 0; i < 400; i++)
    for (const index of someOf(of, 3, seeded(i)).filter((one) => one !== 0n))
      counts.set(index, (counts.get(index) ?? 0) + 1);
  // Besides point 0, which is always there, 2 of 4 points are drawn: 200 each, with a deviation of 10.
  for (const index of [1n, 2n, 3n, 4n]) expect(Math.abs((counts.get(index) ?? 0) - 200)).toBeLessThan(50);
});

it.each([
  ['maybe()', 'maybe takes one technique'],
  ['maybe(reRead, stepBack)', 'maybe takes one technique'],
  ['anyOf()', 'takes what there is to choose from'],
  ['prompt(brief)', 'A wording is a text in quotes'],
  ['selfConsistency(n=[])', 'has no values to choose from'],
  ['selfConsistency(n=[3, 0])', 'n must be a positive integer, got 0'],
  ['selfConsistency(votes=[3])', 'has no option "votes"'],
  ['maybe(reRaed)', 'Did you mean `reRead`?'],
  ['tiny + mybe(reRead)', 'Did you mean `maybe`?'],
  ['tiny + cascade', 'combines models'],
  ['maybe([1])', 'A technique is expected'],
])('%s is refused: %s', (text, message) => {
  expect(() => read(text)).toThrow(FormulaError);
  expect(() => read(text)).toThrow(message);
});

const parts = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'reRead',
      'stepBack',
      'selfConsistency(n=[3, 5])',
      'demos(k=[0, 2])',
      'selfRefine(rounds=[1, 2, 3])',
    ),
    tie('part').map((part) => `maybe(${part})`),
    fc.tuple(tie('part'), tie('part')).map(([a, b]) => `anyOf(${a}, ${b})`),
    fc.tuple(tie('part'), tie('part')).map(([a, b]) => `anyOf(${a} + ${b}, reRead)`),
  ),
}));

it('any space prints as it reads, and its last point exists and no further one', () => {
  fc.assert(
    fc.property(fc.array(parts.part, { minLength: 1, maxLength: 4 }), (list) => {
      const text = list.join(' + ');
      const of = read(text);
      expect(of.text).toBe(text);
      expect(of.at(of.size - 1n).build(leaf('tiny')).name).toContain('tiny');
      const sizes = list.map((part) => read(part).size);
      expect(of.size).toBe(sizes.reduce((product, size) => product * size, 1n));
    }),
    { seed: Number(process.env['PLUSX_SEED'] ?? 1), numRuns: 60 },
  );
});

describe('the space of who marks no choices', () => {
  const task = (expected: readonly string[]): Task => ({
    name: 'some',
    items: expected.map((one, i) => ({ id: `${i}`, request: { prompt: [user(`Question ${i}?`)] }, expected: one })),
    metric: { name: 'never', grade: () => 0 },
  });

  it.each<[string, AutoOptions, bigint]>([
    ['votes of as many draws as a question may take', { perQuestion: { calls: 5 } }, 36n],
    ['no votes where a question may take one call', { perQuestion: { calls: 1 } }, 12n],
    ['programs where the answers are numbers', { perQuestion: { calls: 5 }, task: task(['7', '-1,200.5']) }, 42n],
    ['none where they are words', { perQuestion: { calls: 5 }, task: task(['7', 'seven']) }, 36n],
    ['none where there is no sandbox', { perQuestion: { calls: 5 }, task: task(['7']), host: {} }, 36n],
    [
      'the most confident of five where the model tells log-probabilities',
      { perQuestion: { calls: 5 }, model: leaf('tiny') },
      42n,
    ],
    [
      'none where it does not',
      { perQuestion: { calls: 5 }, model: { can: { ...leaf('tiny').can, logprobs: false } } },
      36n,
    ],
  ])('has %s', (_what, given, size) => {
    const { text, parts } = autoSpace(given);
    expect(read(text).size).toBe(size);
    expect(read(text).at(0n).build(leaf('tiny')).name).toBe('tiny');
    for (const { part, isIn, why } of parts) {
      expect(text.includes(part)).toBe(isIn);
      expect(why).not.toBe('');
    }
  });

  it('leaves out what a diagnosis saw lose or gain nothing, keeps what may be luck, and takes in what it saw gain', () => {
    const finding = (about: Finding['about'], can: Finding['can'], difference: number, formula = 'tiny'): Finding => ({
      about,
      can,
      formula,
      gain: { difference, ci95: [difference - 0.1, difference + 0.1], p: 0.5 },
      figures: {},
      says: '',
    });
    const findings = [
      finding('votes', 'no', -0.05),
      finding('greedy', 'no', 0.01),
      finding('rewording', 'hurts', -0.2, 'tiny + reRead'),
      finding('rewording', 'may', 0.05, 'tiny + rephraseAndRespond'),
      finding('critique', 'helps', 0.2),
      finding('format', 'helps', 0.4),
    ];
    const { text, parts } = autoSpace({ task: task(['seven']), diagnosis: { findings, items: 24 } });
    const names = parts.filter(({ isIn }) => isIn).map(({ part }) => /^\w+/.exec(part)?.[0]);
    expect(names).toEqual(['rephraseAndRespond', 'planAndSolve', 'request', 'request', 'selfRefine', 'demos']);
    expect(text).toContain('End your reply with a line of its own');
    expect(parts).toContainEqual({ part: 'reRead', isIn: false, why: 'hurts: -20.0 points on 24 items' });
    expect(() => read(text)).not.toThrow();
  });
});
