import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBag } from './bag.ts';

it('holds what was put in and not taken out, as a set does', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const bag = createBag<number>();
      const model = new Set<number>();
      const out = new Map<number, () => void>();
      for (const number of steps) {
        if (model.delete(number)) out.get(number)?.();
        else {
          out.set(number, bag.add(number));
          model.add(number);
        }
        expect(bag.size).toBe(model.size);
        expect(new Set(bag)).toEqual(model);
      }
      for (const takeOut of out.values()) takeOut();
      for (const takeOut of out.values()) takeOut();
      expect([...bag]).toEqual([]);
    }),
  );
});

it('may lose things while it is gone through', () => {
  const bag = createBag<() => void>();
  const met: number[] = [];
  for (let number = 0; number < 5; number++) {
    const takeOut = bag.add(() => {
      met.push(number);
      takeOut();
    });
  }
  for (const work of bag) work();
  expect([met, bag.size]).toEqual([[0, 1, 2, 3, 4], 0]);
});
