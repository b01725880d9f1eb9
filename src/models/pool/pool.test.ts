import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  BudgetExceeded,
  DataError,
  enumerate,
  parse,
  plus,
  rootScope,
  textOf,
  user,
  type Choice,
  type Context,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { loadPool, type Pool } from './file.ts';
import { poolModel, PoolExhausted, recordedOf, recordedScore } from './pool.ts';
import { readText } from './json-lines.ts';

let folder: string;
let pool: Pool;
const LINES = [
  {
    id: 'sum',
    question: 'What is 1 + 1?',
    gold: '2',
    samples: [
      { text: 'It is 2.', answer: '2', correct: true },
      { text: 'It is 3.', answer: '3', correct: false },
      { text: 'It must be 2.', answer: '2', correct: true },
      { text: 'No idea.', answer: null, correct: false },
    ],
  },
  {
    id: 'a',
    question: null,
    samples: [
      { text: 'short', scores: [2, 4] },
      { text: 'long', scores: [9, 7] },
    ],
  },
  { id: 'f1', question: 'f(x) = x', input: '[1]', gold: '1', samples: [{ text: '1', answer: '1', correct: true }] },
  { id: 'f2', question: 'f(x) = x', input: '[2]', gold: '2', samples: [{ text: '2', answer: '2', correct: true }] },
  { id: 'same1', question: 'Again?', gold: 'x', samples: [{ text: 'x', answer: 'x', correct: true }] },
  { id: 'same2', question: 'Again?', gold: 'y', samples: [{ text: 'y', answer: 'y', correct: true }] },
];
const SUM: Request = { prompt: [user('What is 1 + 1?')] };

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-pool-'));
  const file = join(folder, 'pool.jsonl.gz');
  await writeFile(file, gzipSync(LINES.map((line) => JSON.stringify(line)).join('\n')));
  pool = await loadPool(file);
});
afterAll(() => rm(folder, { recursive: true }));

const texts = (samples: readonly Sample[]): string[] => samples.map(({ content }) => textOf(content));

async function inRun<T>(seed: number, work: (context: Context) => Promise<T>): Promise<T> {
  const { context, close } = rootScope({ seed });
  try {
    return await work(context);
  } finally {
    close();
  }
}

describe('with replacement', () => {
  it('is the finite model of its samples, exactly', async () => {
    const law = new Map<string, number>();
    const program = async (choice: Choice): Promise<string> => {
      const { text } = await ask(poolModel(pool), SUM, { choice });
      return text;
    };
    for await (const { value, probability } of enumerate(program)) law.set(value, (law.get(value) ?? 0) + probability);
    expect(Object.fromEntries(law)).toEqual({
      'It is 2.': 0.25,
      'It is 3.': 0.25,
      'It must be 2.': 0.25,
      'No idea.': 0.25,
    });
  });

  it('never runs out', async () => {
    const { samples, warnings } = await ask(poolModel(pool), { ...SUM, n: 50 });
    expect(samples).toHaveLength(50);
    expect(warnings).toEqual([]);
    expect(samples[0]?.semantics.kind).toBe('exact');
  });
});

describe('without replacement', () => {
  const model = () => poolModel(pool, { replacement: false });

  it('draws a random order that depends on the seed and the address', async () => {
    const orders = await Promise.all(
      Array.from({ length: 40 }, async (_, seed) => texts((await ask(model(), { ...SUM, n: 4 }, { seed })).samples)),
    );
    for (const order of orders) expect(new Set(order).size).toBe(4);
    expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(10);
    const again = await ask(model(), { ...SUM, n: 4 }, { seed: 7 });
    expect(texts(again.samples)).toEqual(orders[7]);
  });

  it('every order is as likely as every other', async () => {
    const law = new Map<string, number>();
    const program = async (choice: Choice): Promise<string> =>
      texts((await ask(model(), { ...SUM, n: 4 }, { choice })).samples).join('|');
    for await (const { value, probability } of enumerate(program)) law.set(value, (law.get(value) ?? 0) + probability);
    expect(law.size).toBe(24);
    for (const probability of law.values()) expect(probability).toBeCloseTo(1 / 24, 12);
  });

  it('draw i is the same whether drawn alone or with others', () =>
    inRun(3, async (context) => {
      const together = await model().sample({ ...SUM, n: 4 }, context);
      const third = await model().sample({ ...SUM, n: 1, from: 2 }, context);
      expect(texts(third.samples)).toEqual([texts(together.samples)[2]]);
    }));

  it('returns what there is and says so, and past the end there is nothing', () =>
    inRun(0, async (context) => {
      const { samples, warnings, usage } = await model().sample({ ...SUM, n: 9 }, context);
      expect(samples).toHaveLength(4);
      expect(usage.calls).toBe(4);
      expect(warnings.map(({ code }) => code)).toEqual(['pool-exhausted']);
      await expect(model().sample({ ...SUM, from: 4 }, context)).rejects.toThrow(PoolExhausted);
    }));

  it('a technique that asks for more works with the whole pool', async () => {
    for (const stop of ['fixed', 'adaptive'] as const) {
      const { sample, usage } = await ask(plus(model(), selfConsistency({ n: 9, stop, threshold: 1 })), SUM);
      expect(sample.answer).toBe('2');
      expect(sample.providerMetadata?.['plusx']?.['samples']).toBe(4);
      expect(usage.calls).toBe(4);
    }
  });

  it('keeps a budget', async () => {
    const { samples, exhausted, usage } = await ask(model(), { ...SUM, n: 4 }, { budget: { calls: 3 } });
    expect([samples.length, exhausted, usage.calls]).toEqual([3, 'calls', 3]);
    await expect(ask(model(), SUM, { budget: { calls: 0 } })).rejects.toThrow(BudgetExceeded);
    await expect(ask(model(), { ...SUM, n: 4 }, { budget: { calls: 3 }, atLimit: 'throw' })).rejects.toThrow(
      BudgetExceeded,
    );
  });

  it('leaves a span a draw', async () => {
    const { trace } = await ask(model(), { ...SUM, n: 2 }, { trace: true });
    expect(trace?.children.map(({ path, name }) => [path, name])).toEqual([
      ['draw/0', pool.name],
      ['draw/1', pool.name],
    ]);
  });
});

it('tells techniques nothing of what is right', async () => {
  for (const replacement of [true, false]) {
    const { samples } = await ask(poolModel(pool, { replacement }), { ...SUM, n: 4 });
    for (const sample of samples) {
      expect(Object.keys(sample.providerMetadata?.['plusx'] ?? {})).toEqual(['recorded']);
      expect(JSON.stringify(sample)).not.toMatch(/correct|gold/);
    }
  }
});

it('keeps the answers on record, abstentions included, and ranks by the ratings', async () => {
  const { samples } = await ask(poolModel(pool, { replacement: false }), { ...SUM, n: 4 });
  expect(samples.map(({ answer }) => String(answer)).sort()).toEqual(['2', '2', '3', 'null']);
  const best = await ask(plus(poolModel(pool, { replacement: false }), bestOfN({ n: 2, score: recordedScore })), 'a');
  expect(best.text).toBe('long');
});

it('tells items apart that ask the same', () => {
  expect(pool.items.map(({ question }) => question)).toEqual([
    'What is 1 + 1?',
    'a',
    'f(x) = x\n\nInput: [1]',
    'f(x) = x\n\nInput: [2]',
    'Again?\n\n[same1]',
    'Again?\n\n[same2]',
  ]);
});

it('its name is a formula that gives it back', () => {
  const model = poolModel(pool);
  const parsed = parse(`${model.name} + selfConsistency(n=3)`, {
    techniques: [selfConsistency],
    model: (name) => (name === `pool:${pool.file}` ? model : undefined),
  });
  expect(parsed.name).toBe(`${model.name} + selfConsistency(n=3)`);
  expect(recordedOf(model)).toEqual({ pool, replacement: true });
});

it('refuses a question it does not know', async () => {
  await expect(ask(poolModel(pool), 'What is 2 + 2?')).rejects.toThrow('no samples are recorded for the question');
});

describe('a file that is no pool', () => {
  const good = JSON.stringify(LINES[0]);
  const cases: readonly (readonly [name: string, text: string, problem: string])[] = [
    ['no-json', `${good}\n{"id": `, ':2: is not JSON'],
    ['no-object', '[1]', ':1: is no JSON object'],
    ['empty', '\n\n', 'is empty. A line is {"id"'],
    ['no-samples', '{"id": "a", "question": "q", "samples": []}', ':1: samples must be a list'],
    ['no-text', '{"id": "a", "question": "q", "samples": [{"answer": "1"}]}', ':1: samples[0]: text must be a text'],
    ['bad-answer', '{"question": "q", "samples": [{"text": "1", "answer": 1}]}', 'answer must be a text or null'],
    ['twice', `${good}\n${good}`, ':2: the id "sum" stands twice'],
  ];
  it.each(cases)('%s', async (name, text, problem) => {
    await expect(loadPool(await write(name, text))).rejects.toThrow(problem);
  });

  it('is missing, a folder or a broken gzip', async () => {
    await expect(loadPool(join(folder, 'nowhere'))).rejects.toThrow('there is no such file');
    await expect(loadPool(folder)).rejects.toThrow('is a folder');
    const file = join(folder, 'broken.gz');
    await writeFile(file, gzipSync('{}').subarray(0, 15));
    await expect(loadPool(file)).rejects.toThrow('broken gzip');
  });
});

it.each([
  ['a packed file that is small', gzipSync('x'.repeat(5000)), 'has more than 1000 bytes once unpacked'],
  ['two packed files in one', Buffer.concat([gzipSync('x'.repeat(600)), gzipSync('x'.repeat(600))]), 'has more than'],
  ['a plain file', Buffer.alloc(1001, 'x'), 'has more than 1000 bytes. Split it.'],
  ['a broken packed file', gzipSync('x'.repeat(600)).subarray(0, 20), 'is a broken gzip file'],
])('refuses %s beyond the bound, and names it', async (_, bytes, problem) => {
  const file = join(folder, 'bound.jsonl.gz');
  await writeFile(file, bytes);
  const error: unknown = await readText(file, 1000).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toContain(`${file}: ${problem}`);
  await writeFile(file, gzipSync('x'.repeat(1000)));
  expect(await readText(file, 1000)).toHaveLength(1000);
});
