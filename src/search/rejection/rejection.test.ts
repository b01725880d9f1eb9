import { expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { rejection } from '../index.ts';
import { law } from './rejection.law.ts';

testLaw(law);

const isB = scorer('isB', ({ content }) => textOf(content) === 'b');
const coin = enumerable({ answers: { '*': { a: 3, b: 1 } } });

it('stops at the first accepted draw, and draws no more', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { text, sample, usage } = await ask(plus(coin, rejection({ score: isB, n: 50 })), 'q', { seed });
    expect(text).toBe('b');
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ accepted: true, draws: usage.calls, score: 1 });
  }
});

it('draws 1 / P(accepted) on average', async () => {
  let calls = 0;
  const runs = 2000;
  for (let seed = 0; seed < runs; seed++)
    calls += (await ask(plus(coin, rejection({ score: isB, n: 200 })), 'q', { seed })).usage.calls;
  expect(calls / runs).toBeGreaterThan(4 - 5 * Math.sqrt(12 / runs)); // a geometric law of mean 4 and variance 12
  expect(calls / runs).toBeLessThan(4 + 5 * Math.sqrt(12 / runs));
});

it('says so where nothing is accepted, and keeps the best of what there is', async () => {
  const size = scorer('size', ({ content }) => textOf(content).length);
  const words = enumerable({ answers: { '*': { a: 1, bbb: 1 } } });
  const { text, warnings, sample } = await ask(plus(words, rejection({ score: size, threshold: 9, n: 8 })), 'q');
  expect(text).toBe('bbb');
  expect(warnings.map(({ code }) => code)).toEqual(['none-accepted']);
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ accepted: false, draws: 8, score: 3 });
});

it('decides in the order of the draws, whoever answers first', async () => {
  const server = scripted(
    (_request, { path }) => ({ text: /draw\/[12]$/.test(path) ? 'b' : 'a', delay: path.endsWith('draw/2') ? 0 : 20 }),
    {
      can: { concurrency: Infinity },
    },
  );
  const { sample } = await ask(plus(server, rejection({ score: isB, n: 3, parallel: 3 })), 'q');
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ draws: 2 });
});

it('keeps the first of equals where none is accepted', async () => {
  const server = scripted((_request, { path }) => `answer ${/draw\/(\d)$/.exec(path)?.[1]}`);
  const even = scorer('even', ({ content }) => (textOf(content) === 'answer 0' ? -1 : 0));
  const { text, sample } = await ask(plus(server, rejection({ score: even, n: 4 })), 'q');
  expect([text, sample.providerMetadata?.['plusx']?.['score']]).toEqual(['answer 1', 0]);
});
