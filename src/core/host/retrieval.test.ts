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

it('ranks by the sum over words of idf · f (k + 1) / (f + k (1 - b + b · length / mean)), with k = 1.2 and b = 0.75', () => {
  const note = fc.record({ cat: fc.nat(5), dog: fc.nat(5), others: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(note, { minLength: 1, maxLength: 12 }), (notes) => {
      const lengths = notes.map(({ cat, dog, others }) => cat + dog + others);
      const totalLength = lengths.reduce((sum, length) => sum + length, 0);
      const sum = notes.map(() => 0);
      const query = (['cat', 'dog'] as const).map((word) => {
        const at = notes.flatMap((one, i) => (one[word] > 0 ? [i] : []));
        const idf = Math.log((notes.length - at.length + 0.5) / (at.length + 0.5) + 1);
        for (const i of at) {
          const [f, length] = [(notes[i] as (typeof notes)[number])[word], (lengths[i] as number) * notes.length];
          sum[i] = (sum[i] as number) + (idf * f * 2.2) / (f + 0.3 + (0.9 * length) / totalLength);
        }
        return { at, counts: at.map((i) => (notes[i] as (typeof notes)[number])[word]) };
      });
      const ranked = rankByWords({ size: notes.length, lengths, totalLength }, query);
      expect(new Set(ranked)).toEqual(new Set(sum.flatMap((score, i) => (score > 0 ? [i] : []))));
      for (const [rank, i] of ranked.slice(1).entries())
        expect(sum[i] as number).toBeLessThanOrEqual((sum[ranked[rank] as number] as number) + 1e-9);
    }),
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

it.each([
  ['サーバーの再起動', 'サ ー バ ー の 再 起 動'],
  ['ｻｰﾊﾞｰ', 'サ ー バ ー'],
  ['2024年北京奥运会', '2024 年 北 京 奥 运 会'],
  ['用Python写爬虫', '用 python 写 爬 虫'],
  ['iPhone15の価格', 'iphone15 の 価 格'],
  ['人々と〇', '人 々 と 〇'],
  ['서울은 2024년 Python으로', '서 울 은 2024 년 python 으 로'],
  ['ราคา2024บาทUSD', 'ร า ค า 2024 บ า ท usd'],
  ['ខ្មែរ', 'ខ្ មែ រ'],
  ['API2ключ 2024г', 'api2 ключ 2024 г'],
  ['Δt=5μm', 'δ t 5 μ m'],
  ['في2024م', 'في 2024 م'],
  ['محـــمد', 'محمد'],
  ['שלוםhello', 'שלום hello'],
  ['नमस्ते5', 'नमस्ते 5'],
  ['ሰላም2', 'ሰላም 2'],
  ['work\u00adflow zero\u200bwidth', 'workflow zerowidth'],
  ['o\ufb03ce', 'office'],
  ['all infor-\nmation, well-\n  known', 'all infor mation well known information wellknown'],
  ['covid19 h2o 1990s É2', 'covid19 h2o 1990s é2'],
])('tells the scripts of %j apart', (text, words) => {
  expect(wordsOf(text)).toEqual(words.split(' '));
});

it('finds every word of a mixture of scripts, whatever stands before and behind it', () => {
  const word = fc.constantFrom('再起動', 'サーバー', 'ไทย', '한국', 'ключ', 'logos', 'λόγος', 'שלום', 'नमस्ते');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.constantFrom('', '2024', ' '), (parts, gap) => {
      // Parts of one script grow together where nothing stands between them.
      const apart = parts.filter((part, i) => part !== parts[i - 1]);
      const found = new Set(wordsOf(apart.join(gap)));
      // Latin letters take the digits beside them in.
      const wanted = apart.filter((part) => part !== 'logos' || gap !== '2024').flatMap(wordsOf);
      expect(wanted.filter((one) => !found.has(one))).toEqual([]);
    }),
    { seed: 5 },
  );
});

it('reads texts of any length', () => {
  const most = 1_000_000;
  for (const sign of ['a', 'é', 'ω', '漢', '5', 'é5', '\u0301', 'ᠮ', 'é-\n', 'aω'])
    expect(termsOf(sign.repeat(most / sign.length)).length).toBeGreaterThan(0);
});
