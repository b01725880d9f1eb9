import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { killAndResume } from './test-support/interrupted.ts';
import { CALLS } from './test-support/nested.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it(
  'killed all over a nested inference: the same answer, and nothing paid twice but what was in flight',
  {
    timeout: 300_000,
  },
  async () => {
    // At every request of the inference three times, after other waits, and one inference again and again.
    const { whole, results } = await killAndResume(folder, [
      ...Array.from({ length: 3 * CALLS }, (_, i) => [1 + (i % CALLS)]),
      [1, 2, 2, 3, 3, 3],
    ]);
    for (const result of results) {
      expect(result.text).toBe(whole.text);
      expect(result.usage?.calls).toBe(CALLS);
      expect(result.paidTwice).toEqual([]);
      expect(result.requests).toBeLessThanOrEqual(CALLS + result.inFlight);
    }
    const points = results.flatMap((result) => result.points);
    console.log(`killed ${points.length} times, with ${points.join(', ')} of ${CALLS} calls kept`);
    expect(points.length).toBeGreaterThanOrEqual(20);
    expect(new Set(points).size).toBeGreaterThanOrEqual(8);
  },
);
