import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeLabels } from './labels.ts';

const [WIDTH, HEIGHT] = [760, 360];

it('words of points at one place stand below each other', () => {
  const at = { x: 700, y: 180 };
  const placed = placeLabels(
    [
      { ...at, text: 'votes for the same' },
      { ...at, text: 'the base' },
    ],
    WIDTH,
    HEIGHT,
  );
  expect(placed.every(({ anchor }) => anchor === 'end')).toBe(true);
  const [one = 0, other = 0] = placed.map(({ y }) => y);
  expect(Math.abs(one - other)).toBeGreaterThanOrEqual(14);
});

it('words stay within the picture wherever their points are, and off each other where there are few', () => {
  const point = fc.record({
    x: fc.integer({ min: 56, max: 736 }),
    y: fc.integer({ min: 16, max: 312 }),
    text: fc.string({ minLength: 1, maxLength: 44 }),
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 4 }), (points) => {
      const boxes = placeLabels(points, WIDTH, HEIGHT).map(({ x, y, anchor }, i) => {
        const room = 6.6 * (points[i]?.text.length ?? 0);
        return { left: anchor === 'end' ? x - room : x, right: anchor === 'end' ? x : x + room, y };
      });
      for (const { left, right, y } of boxes) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(WIDTH);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(HEIGHT);
      }
      const meeting = boxes.flatMap((a, i) =>
        boxes.slice(i + 1).filter((b) => a.left < b.right && b.left < a.right && Math.abs(a.y - b.y) < 14),
      );
      expect(points.length === 2 ? meeting : []).toEqual([]);
    }),
  );
});
