import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, type State } from './engine.ts';
import { KERNEL_SOURCE } from './kernels-bytes.ts';
import { PAGE } from './kernels.ts';
import { randomWeights } from '../test-support/random-weights.ts';
import { referenceLogprobs } from '../test-support/reference.ts';
import { parseWeights } from './weights.ts';

const weights = parseWeights(randomWeights({ sharpness: 2 }));
const { vocabulary, context } = weights.config;
const engine = createEngine(weights);
const token = fc.nat(vocabulary - 1);
const text = fc.array(token, { minLength: 1, maxLength: context });

const read = (ids: readonly number[], state: State = engine.empty): State =>
  engine.extend([{ state, ids }])[0] as State;
const bits = ({ logits }: { readonly logits: Float32Array }): string => Buffer.from(logits.buffer).toString('hex');
/** Every position's logits, one token at a time and alone. */
const alone = (ids: readonly number[]): string[] => {
  let state = engine.empty;
  const all: string[] = [];
  for (const id of ids) {
    const next = read([id], state);
    engine.release(state);
    state = next;
    all.push(bits(state));
  }
  engine.release(state);
  return all;
};

it('the kernels were compiled from their source', () => {
  const source = readFileSync(new URL('../../../kernels/tiny.ts', import.meta.url));
  expect(createHash('sha256').update(source).digest('hex')).toBe(KERNEL_SOURCE);
});

it('computes the network: equal to plain loops in double precision', () => {
  for (const shape of [
    {},
    { width: 48, heads: 3, hidden: 32, layers: 3 },
    { width: 64, heads: 1, hidden: 16, layers: 1 },
  ]) {
    const weights = parseWeights(randomWeights({ seed: 3, sharpness: 0.5, config: shape }));
    const engine = createEngine(weights);
    const ids = Array.from({ length: 70 }, (_, i) => (i * 37 + 11) % vocabulary);
    const expected = referenceLogprobs(weights, ids);
    let worst = 0;
    const visit = (index: number, logits: Float32Array): void => {
      const { weights: powers, total } = engine.softmax(logits, 1, new Uint8Array());
      for (let i = 0; i < vocabulary; i++)
        worst = Math.max(worst, Math.abs(Math.log((powers[i] as number) / total) - (expected[index]?.[i] as number)));
    };
    engine.extend([{ state: engine.empty, ids, visit }]);
    expect(worst).toBeLessThan(2e-4);
    expect(Math.max(...(expected[69] as number[]))).toBeGreaterThan(Math.log(9 / vocabulary)); // no flat law
  }
});

describe('a state does not depend on how it came about', () => {
  it('batch equals single, bit for bit, whatever the batch', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        const seen: string[][] = texts.map(() => []);
        const states = engine.extend(
          texts.map((ids, job) => ({
            state: engine.empty,
            ids,
            visit: (index, logits) => void ((seen[job] as string[])[index] = bits({ logits: logits.slice() })),
          })),
        );
        expect(seen).toEqual(texts.map(alone));
        expect(states.map(bits)).toEqual(seen.map((all) => all.at(-1)));
        states.forEach(engine.release);
      }),
      { numRuns: 12 },
    );
  });

  it('64 candidates of one prompt, in one batch, each as if it were alone', () => {
    const prompt = Array.from({ length: 21 }, (_, i) => i * 5);
    const start = read(prompt);
    const firsts = Array.from({ length: 64 }, (_, i) => (i * 3) % vocabulary);
    let states = engine.extend(firsts.map((id) => ({ state: start, ids: [id] })));
    for (let step = 0; step < 3; step++) {
      const next = engine.extend(states.map((state, i) => ({ state, ids: [(i + step) % vocabulary] })));
      states.forEach(engine.release);
      states = next;
    }
    for (const i of [0, 1, 40, 63])
      expect(bits(states[i] as State)).toBe(alone([...prompt, firsts[i] as number, i, i + 1, i + 2]).at(-1));
    expect(bits(read([9], start))).toBe(alone([...prompt, 9]).at(-1));
  });

  it('a fork equals a fresh reading, and writing to one leaves all others as they are', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.array(token, { minLength: 1, maxLength: 20 })), { maxLength: 12 }),
        (ids, forks) => {
          const states: { ids: readonly number[]; state: State }[] = [{ ids, state: read(ids) }];
          for (const [which, cut, more] of forks) {
            const from = states[which % states.length] as { ids: readonly number[]; state: State };
            const length = cut % (from.ids.length + 1);
            const longer = [...from.ids.slice(0, length), ...more].slice(0, context);
            if (longer.length === length) continue;
            const fork = engine.fork(from.state, length);
            states.push({ ids: longer, state: read(longer.slice(length), fork) });
            engine.release(fork);
          }
          for (const { ids, state } of states) {
            const room = ids.length < context;
            const again = room ? read([7], state) : state;
            expect(bits(again)).toBe(alone(room ? [...ids, 7] : ids).at(-1));
            if (room) engine.release(again);
          }
          for (const { state } of states) engine.release(state);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('pages', () => {
  it('a prompt is held once however many candidates go on from it', () => {
    const engine = createEngine(weights);
    const prompt = (
      engine.extend([{ state: engine.empty, ids: Array.from({ length: 2 * PAGE + 3 }, () => 9) }]) as [State]
    )[0];
    expect(engine.pages.used).toBe(3);
    const states = engine.extend(Array.from({ length: 64 }, (_, i) => ({ state: prompt, ids: [i] })));
    expect(engine.pages.used).toBe(3 + 63); // the last page: one writes on, the others get a copy
    states.forEach(engine.release);
    engine.release(prompt);
    expect(engine.pages.used).toBe(0);
  });

  it('none is lost over 1,000 forks, and releasing twice does nothing', () => {
    const engine = createEngine(weights);
    const [prompt] = engine.extend([{ state: engine.empty, ids: Array.from({ length: 37 }, (_, i) => i) }]) as [State];
    const before = engine.pages.used;
    let reserved = 0;
    for (let i = 0; i < 1000; i++) {
      const fork = engine.fork(prompt, 20 + (i % 18));
      const [on] = engine.extend([{ state: fork, ids: [i % vocabulary, 5, 6] }]) as [State];
      for (const state of [fork, on, on]) engine.release(state);
      if (i === 10) reserved = engine.pages.reserved;
    }
    expect(engine.pages.used).toBe(before);
    expect(engine.pages.reserved).toBe(reserved);
    engine.release(prompt);
    expect(engine.pages.used).toBe(0);
  });

  it('states that are dropped give theirs back when they are collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const engine = createEngine(weights);
    const drop = (): void => {
      for (let i = 0; i < 50; i++) engine.extend([{ state: engine.empty, ids: [i] }]);
    };
    drop();
    expect(engine.pages.used).toBe(50);
    for (let i = 0; i < 20 && engine.pages.used > 0; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(engine.pages.used).toBe(0);
  });
});

it('what does not fit is refused, and nothing is held for it', () => {
  const engine = createEngine(weights);
  const ids = Array.from({ length: context }, () => 9);
  const [full] = engine.extend([{ state: engine.empty, ids }]) as [State];
  const used = engine.pages.used;
  expect(() =>
    engine.extend([
      { state: engine.empty, ids: [1] },
      { state: full, ids: [1] },
    ]),
  ).toThrow('do not fit 80');
  expect(() => engine.extend([{ state: engine.empty, ids: [vocabulary] }])).toThrow('no token');
  expect(engine.pages.used).toBe(used);
});

it('a weights file that is something else, or cut off, says so', () => {
  const file = randomWeights();
  expect(() => parseWeights(new Uint8Array(100))).toThrow('must start with PLXT');
  expect(() => parseWeights(file.slice(0, 200))).toThrow('cut off within its header');
  expect(() => createEngine(parseWeights(file.slice(0, -200)))).toThrow('cut off');
  expect(() => createEngine(parseWeights(randomWeights({ config: { width: 24, heads: 2 } })))).toThrow(
    'multiple of 16',
  );
  expect(parseWeights(file).digest).not.toBe(parseWeights(randomWeights({ seed: 1 })).digest);
});
