import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashedEmbedder, unit } from './embedder.ts';
import { DEPTH, fuse, rankByVectors, rankByWords, termsOf, wordsOf } from './retrieval.ts';

it('reads words in small letters, and one by one where a script has no spaces', () => {
  expect(wordsOf('Don’t PANIC: É2 ﬁsh')).toEqual(['don', 't', 'panic', 'é2', 'fish']);
  expect(wordsOf('冬の港 is cold')).toEqual(['冬', 'の', '港', 'is', 'cold']);
  expect(wordsOf('?! …')).toEqual([]);
});

it('indexes a word whatever its ending', () => {
  for (const forms of [
    'walk walks walked walking',
    'freeze freezes freezing',
    'plan planned planning',
    'harbour harbours',
    'class classes',
  ])
    expect([forms, new Set(termsOf(forms)).size]).toEqual([forms, 1]);
  expect(termsOf('bring glass string was need 1990s été')).toEqual('bring glass string was need 1990s été'.split(' '));
});

it('scores by BM25 as it is written in the paper', () => {
  // Three notes of 2, 4 and 6 words; the word stands once in the first and three times in the last.
  const corpus = { size: 3, lengths: [2, 4, 6], totalLength: 12 };
  const score = (count: number, length: number): number =>
    (Math.log(1 + 1.5 / 2.5) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / 4));
  expect(score(3, 6)).toBeGreaterThan(score(1, 2));
  expect(rankByWords(corpus, [{ at: [0, 2], counts: [1, 3] }])).toEqual([2, 0]);
  expect(score(2, 6)).toBeGreaterThan(score(1, 6));
  expect(score(2, 6)).toBeLessThan(score(2, 2));
  expect(rankByWords(corpus, [{ at: [0, 2], counts: [2, 2] }])).toEqual([0, 2]);
  // A rare word counts more than a frequent one.
  expect(
    rankByWords({ size: 3, lengths: [4, 4, 4], totalLength: 12 }, [
      { at: [0, 1], counts: [1, 1] },
      { at: [2], counts: [1] },
    ]),
  ).toEqual([2, 0, 1]);
});

it('keeps the best of many, in the order that sorting all of them gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 400 }), (values) => {
      const sorted = values
        .map((value, place) => ({ value, place }))
        .filter(({ value }) => value > 0)
        .sort((a, b) => b.value - a.value || a.place - b.place)
        .slice(0, DEPTH)
        .map(({ place }) => place);
      expect(rankByVectors(Float32Array.from(values), Float32Array.of(1)).places).toEqual(sorted);
    }),
    { seed: 3 },
  );
});

it('measures the cosine of each vector with the query', () => {
  const rows = [
    [3, 4],
    [-1, 0],
    [1, 0],
  ].flatMap((row) => [...unit(row)]);
  const { cosines, places } = rankByVectors(Float32Array.from(rows), unit([2, 0]));
  expect([...cosines].map((x) => Number(x.toFixed(6)))).toEqual([0.6, -1, 1]);
  expect(places).toEqual([2, 0]);
  expect(rankByVectors(Float32Array.from(rows), unit([2, 0]), 0.7).places).toEqual([2]);
});

it('fuses rankings by reciprocal rank, ties by the order given', () => {
  const fused = fuse(
    [
      ['a', 'b', 'c'],
      ['c', 'd'],
    ],
    (a, b) => a.localeCompare(b),
  );
  expect(fused.map(({ entry }) => entry)).toEqual(['c', 'a', 'b', 'd']);
  expect(fused[0]?.score).toBeCloseTo(1 / 63 + 1 / 61, 15);
  // b and d both stand second in one ranking.
  expect(fused[2]?.score).toBe(fused[3]?.score);
});

it('puts words spelt alike close together, and is the same on every machine', async () => {
  const embedder = hashedEmbedder();
  const [walked, walking, harbour, nothing] = await embedder.embed(['he walked', 'walking', 'the harbour', '...']);
  const cosine = (a?: Float32Array, b?: Float32Array): number =>
    [...(a ?? [])].reduce((sum, x, i) => sum + x * (b?.[i] ?? Number.NaN), 0);
  expect(cosine(walked, walked)).toBeCloseTo(1, 6);
  expect(cosine(walked, walking)).toBeGreaterThan(0.2);
  expect(Math.abs(cosine(walked, harbour))).toBeLessThan(0.2);
  expect(nothing?.every((x) => x === 0)).toBe(true);
  const [golden] = await hashedEmbedder({ dimensions: 8 }).embed(['blim']);
  expect([...(golden ?? [])].map((x) => Number(x.toFixed(4)))).toMatchInlineSnapshot(`
    [
      0.5345,
      -0.5345,
      0,
      0,
      -0.2673,
      -0.2673,
      0,
      -0.5345,
    ]
  `);
  expect(() => hashedEmbedder({ dimensions: 0 })).toThrow('must be a positive integer');
});
