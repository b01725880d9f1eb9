/** Notes are the same, and in the same order, whether PostgreSQL compares their vectors or the process does. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashedEmbedder, type Embedder, type Note } from '../../core/index.ts';
import { countingMemory, type CountingMemory } from '../test-support/counting-memory.ts';
import { noPgvector, pgvector, withoutExtensions } from '../test-support/pgvector.ts';
import type { Postgres } from '../test-support/postgres.ts';

/** The vector of a text is the numbers that stand in it, the rest zeros. */
const written = (dimensions: number, chance?: number): Embedder => ({
  name: 'written',
  dimensions,
  ...(chance !== undefined && { chance }),
  async embed(texts) {
    return texts.map((text) => {
      const vector = new Float32Array(dimensions);
      vector.set(text.split(' ').map(Number));
      return vector;
    });
  },
});

describe.skipIf(noPgvector !== undefined)(`notes by vectors${noPgvector ? `: ${noPgvector}` : ''}`, () => {
  let server: Postgres;
  let schema = '';
  let schemas = 0;
  const opened: CountingMemory[] = [];
  beforeAll(async () => {
    server = await pgvector();
    await server.sql('CREATE DATABASE plain');
    await withoutExtensions(server, 'plain');
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    schema = `s${++schemas}`;
    return async () => {
      for (const one of opened.splice(0)) await one.close();
    };
  });
  const url = (of: Parameters<Postgres['urlOf']>[0] = {}): string => `${server.urlOf(of)}?schema=${schema}`;
  const open = (at = url(), embedder: Embedder = hashedEmbedder()): CountingMemory => {
    const one = countingMemory(at, embedder);
    opened.push(one);
    return one;
  };
  const kept = (): Promise<string> =>
    server.sql(`SELECT count(*), count(v) FROM ${schema}.notes LEFT JOIN ${schema}.notes_vectors USING (seq)`);
  const many = (count: number, from = 0): Note[] =>
    Array.from({ length: count }, (_, i) => ({
      id: `${from + i}`,
      text: `item ${from + i} in drawer ${(i * 7) % 11}`,
    }));

  // One direction of few, off by the smallest step or two; of the same text there may be hundreds.
  const step = 2 ** -24;
  const crowded = fc
    .tuple(
      fc.constantFrom(0.5, 0.5 + step, 0.5 - step / 2),
      fc.constantFrom(0.5, 0.5 + step),
      fc.constantFrom(0, 1e-9, 0.3),
    )
    .map((numbers) => numbers.join(' '));
  const odd = fc.constantFrom('NaN', '3 4', '0 0', 'Infinity', '-0 1e-42', '1 1e-3');
  const small = fc
    .array(fc.float({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((numbers) => numbers.join(' '));
  const words = fc
    .array(fc.constantFrom('blim', 'frop', 'harbour', 'winter', '冬の港', 'É'), { maxLength: 5 })
    .map((all) => all.join(' '));

  it.each([
    ['spelling', () => hashedEmbedder(), words, 4],
    ['three numbers', () => written(3), fc.oneof(crowded, small), 6],
    ['numbers that are not of length 1', () => written(3, 0.2), fc.oneof(crowded, odd), 5],
    ['many numbers', () => written(1500), fc.oneof(crowded, small), 2],
  ])(
    'of %s: the same with the extension as without, whatever was put and removed',
    async (_, embedder, text, numRuns) => {
      const namespace = fc.constantFrom('a', 'b');
      const putting = fc.record({
        kind: fc.constant('put' as const),
        namespace,
        texts: fc.array(text, { minLength: 1, maxLength: 150, size: 'max' }),
        from: fc.nat(300),
      });
      const removing = fc.record({
        kind: fc.constant('remove' as const),
        namespace,
        ids: fc.option(fc.array(fc.nat(400).map(String), { maxLength: 40 }), { freq: 4 }),
      });
      const searching = fc.record({
        kind: fc.constant('search' as const),
        namespace,
        query: text.filter((said) => said !== 'Infinity'),
      });
      const steps = fc.array(
        fc.oneof({ weight: 2, arbitrary: putting }, removing, { weight: 4, arbitrary: searching }),
        {
          minLength: 4,
          maxLength: 14,
        },
      );
      let found = 0;
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          schema = `s${++schemas}`;
          const both = [open(url(), embedder()), open(url({ database: 'plain' }), embedder())];
          for (const one of all) {
            const saw = await Promise.all(
              both.map(async (memory) => {
                if (one.kind === 'search') return memory.explain(one.namespace, one.query, 130);
                if (one.kind === 'remove') return memory.remove(one.namespace, one.ids ?? undefined);
                const notes = one.texts.map((said, i) => ({ id: `${(one.from + i) % 400}`, text: said }));
                return memory.put(one.namespace, [...new Map(notes.map((note) => [note.id, note])).values()]);
              }),
            );
            expect(saw[0]).toEqual(saw[1]);
            if (Array.isArray(saw[0])) found += saw[0].length;
          }
          for (const one of opened.splice(0)) await one.close();
        }),
        { numRuns, seed: 11 },
      );
      expect(found).toBeGreaterThan(200);
    },
  );

  it('reads no vectors of a namespace, but those of what may be nearest', async () => {
    const one = open();
    await one.put('a', many(1000));
    expect(await one.search('a', 'item 700', 3)).toHaveLength(3);
    expect(one.vectors()).toBeLessThan(130);
    await one.put('a', many(1000, 1000));
    await one.search('a', 'item 1700', 3);
    expect(one.vectors()).toBeLessThan(130);
    expect(await kept()).toBe('2000|2000');
    const plain = open(url({ database: 'plain' }));
    await plain.put('a', many(2000));
    await plain.search('a', 'item 700', 3);
    expect(plain.vectors()).toBe(2000);
  });

  it('gets at most a hundred of notes that are all alike', async () => {
    const one = open(url(), written(3));
    await one.put(
      'a',
      many(2000).map((note) => ({ ...note, text: '0.6 0.8' })),
    );
    const found = await one.explain('a', '0.6 0.8', 100);
    expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
    expect(one.vectors()).toBe(100);
  });

  it('keeps each number as it is, down to the smallest, and leaves out what has no length of 1 at most', async () => {
    const one = open(url(), written(4));
    const bits = fc.integer({ min: 0, max: 0x3f000000 }).chain((magnitude) =>
      fc.boolean().map((isNegative) => {
        const view = new DataView(new ArrayBuffer(4));
        view.setUint32(0, magnitude);
        return isNegative ? -view.getFloat32(0) : view.getFloat32(0);
      }),
    );
    const vectors = fc.sample(fc.tuple(bits, bits, bits, bits), { numRuns: 300, seed: 3 });
    const all = [...vectors, [2 ** -149, -(2 ** -149), -0, 2 ** -126], [0.5, 0.5, 0.5, 0.5]];
    await one.put(
      'a',
      all.map((vector, i) => ({ id: `${i}`, text: vector.map((x) => (Object.is(x, -0) ? '-0' : `${x}`)).join(' ') })),
    );
    const text = await server.sql(`SELECT v::real[] FROM ${schema}.notes_vectors ORDER BY seq`);
    const numbers = text.split('\n').map((line) =>
      line
        .slice(1, -1)
        .split(',')
        .map((x) => Math.fround(Number(x))),
    );
    expect(numbers).toEqual(all.map((vector) => vector.map(Math.fround)));
    await one.put(
      'b',
      ['1.1', '0.9 0.9', 'NaN', 'Infinity', '-Infinity 0'].map((of, i) => ({ id: `${i}`, text: of })),
    );
    expect(await server.sql(`SELECT count(*), count(v) FROM ${schema}.notes_vectors`)).toBe(
      `${all.length + 5}|${all.length}`,
    );
  });

  it('of more numbers than the extension takes are compared by the process', async () => {
    for (const [dimensions, there] of [
      [16_000, 3],
      [16_001, 0],
    ] as const) {
      schema = `s${++schemas}`;
      const one = open(url(), written(dimensions));
      await one.put('a', [
        { id: '1', text: '1' },
        { id: '2', text: '0 1' },
        { id: '3', text: '0.6 0.8' },
      ]);
      expect((await one.search('a', '1 0', 3)).map(({ id, similarity }) => [id, similarity])).toEqual([
        ['1', 1],
        ['3', Math.fround(0.6)],
        ['2', 0], // by its words
      ]);
      expect(await kept()).toBe(`3|${there}`);
    }
  });

  it('are not compared with those of another embedder, and are when they are made anew', async () => {
    const one = open();
    await one.put('a', many(20));
    const other = open(url(), hashedEmbedder({ dimensions: 64 }));
    await expect(other.search('a', 'item', 1)).rejects.toThrow('reindex');
    await other.put('b', many(20));
    expect(await other.search('b', 'item 7', 1)).toMatchObject([{ id: '7' }]);
    expect(await other.reindex()).toBe(20);
    expect(await other.search('a', 'item 7', 1)).toMatchObject([{ id: '7' }]);
    await expect(one.search('a', 'item', 1)).rejects.toThrow('reindex');
    expect(await kept()).toBe('40|40');
  });
});
