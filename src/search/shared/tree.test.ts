import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, below, nameOf, plant, rootOf, tell, type Growth, type Node, type Place, type Tree } from './tree.ts';

/** Widens a node until it has three expansions, and looks for the next one level by level. */
const levelByLevel = (root: Node<string>): string | undefined => {
  const all = [root, ...below(root)].toSorted((a, b) => a.depth - b.depth);
  return all.find(({ done, parts, depth }) => !done && depth < 3 && parts < 3)?.id;
};

/** What an expansion finds depends on its place only, as it does with keyed draws. */
const expand = ({ at, part }: Place): Growth<string> => {
  const count = (at.length + 2 * part) % 3;
  const children = Array.from({ length: count }, (_, i) => ({
    state: `${at}>${part}${i}`,
    value: ((at.length * 7 + part * 3 + i) % 11) / 10,
    done: (at.length + part + i) % 5 === 4,
  }));
  return { at, part, children };
};

/** A whole search, `k` expansions at a time. */
function searched(k: number, rounds: number): Tree<string> {
  let tree = plant('start');
  for (let round = 0; round < rounds; round++) tree = tell(tree, ask(tree, k, levelByLevel).map(expand));
  return tree;
}
const printed = (tree: Tree<string>): string => JSON.stringify([tree.root, [...tree.grown]]);

describe('ask and tell', () => {
  const growths = [...searched(4, 6).grown.values()];
  const orders = fc.shuffledSubarray(growths, { minLength: growths.length });

  it('makes the same state of the same results, in whatever order and batches they are told', () => {
    const expected = printed(tell(plant('start'), growths));
    fc.assert(
      fc.property(orders, fc.nat(growths.length), fc.nat(growths.length), (order, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const batches = [order.slice(0, from), order.slice(from, to), order.slice(to)];
        expect(printed(batches.reduce(tell, plant('start')))).toBe(expected);
      }),
    );
  });

  it('makes no difference between once and often', () => {
    fc.assert(
      fc.property(orders, fc.subarray(growths), (order, again) => {
        const once = tell(plant('start'), order);
        expect(printed(tell(tell(once, again), again))).toBe(printed(once));
      }),
    );
  });

  it('keeps what was told first, and leaves the state it was told to as it was', () => {
    const before = tell(plant('start'), [expand({ at: '', part: 1 })]);
    const copy = printed(before);
    const other = { at: '', part: 1, children: [{ state: 'other', value: 9, done: true }] };
    expect(printed(tell(before, [other]))).toBe(copy);
    tell(before, [expand({ at: '', part: 2 })]);
    expect(printed(before)).toBe(copy);
  });

  it('asks for what it asked before, and more, and never for what is in flight or told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 6 }), fc.nat(6), (rounds, k, more) => {
        const tree = searched(2, rounds);
        const few = ask(tree, k, levelByLevel);
        const many = ask(tree, k + more, levelByLevel);
        expect(many.slice(0, few.length)).toEqual(few);
        expect(ask(tree, more, levelByLevel, few)).toEqual(many.slice(few.length));
        const names = many.map(nameOf);
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => tree.grown.has(name))).toEqual([]);
      }),
    );
  });

  it('counts the parts of a node from 0, those told and those in flight as taken: a part is an address of draws', () => {
    const [first, second] = ask(plant('start'), 2, () => '');
    expect([first, second]).toEqual([
      { at: '', part: 0 },
      { at: '', part: 1 },
    ]);
    const told = tell(plant('start'), [expand({ at: '', part: 1 })]);
    expect(ask(told, 2, () => '', [{ at: '', part: 0 }])).toEqual([
      { at: '', part: 2 },
      { at: '', part: 3 },
    ]);
  });

  it('goes on from a state as the search that was not interrupted', () => {
    const whole = searched(3, 5);
    let resumed = searched(3, 2);
    for (let round = 2; round < 5; round++) resumed = tell(resumed, ask(resumed, 3, levelByLevel).map(expand));
    expect(printed(resumed)).toBe(printed(whole));
  });

  it('hides an expansion until the node it is of is there', () => {
    const child = { at: '/0.0', part: 0, children: [{ state: 'grandchild', value: 1, done: false }] };
    const early = tell(plant('start'), [child]);
    expect(below(rootOf(early))).toEqual([]);
    const late = tell(early, [{ at: '', part: 0, children: [{ state: 'child', value: 0, done: false }] }]);
    expect(below(rootOf(late)).map(({ state, depth }) => [state, depth])).toEqual([
      ['child', 1],
      ['grandchild', 2],
    ]);
  });
});
