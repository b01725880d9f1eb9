/** A process that spends on one key as fast as it may, and prints what it was granted: at its end, or with `told` a line each time. */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openStore } from '../store.ts';

const [file, key, most, told] = process.argv.slice(2) as [string, string, string, string?];
const store = openStore({ file, busyMs: 60_000 });
let granted = 0;
for (let i = 0; i < 60; i++) {
  const all = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const id = randomUUID();
      const need = { calls: 5, tokens: 100, usd: 0.01 };
      const isGranted = await store.accounts.reserve({
        id,
        key,
        need,
        budgets: { day: { calls: Number(most) } },
        at: Date.parse('2026-03-04T05:06:07Z'),
        lifetimeMs: 60_000,
      });
      if (isGranted && told) writeSync(1, '+\n');
      // Some take less than they reserved.
      if (isGranted) await store.accounts.settle(id, { calls: 3, tokens: 60, usd: 0.006 });
      return isGranted ? 3 : 0;
    }),
  );
  granted += all.reduce<number>((sum, one) => sum + one, 0);
}
await store.close();
if (!told) console.log(granted);
