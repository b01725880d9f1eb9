import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStore } from '../store.ts';
import { run } from '../test-support/children.ts';

const folder = mkdtempSync(join(tmpdir(), 'plusx-blocks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a process that is killed while it spends leaves no less on the account than it was granted', async () => {
  const at = join(folder, 'x.db');
  await openStore({ file: at }).close();
  const script = join(import.meta.dirname, '../test-support/spender.ts');
  const children = Array.from({ length: 3 }, () => run(script, [at, 'k', '4000', 'told']));
  await Promise.all(children.map(({ speaks }) => speaks));
  for (const child of children) child.kill();
  const said = await Promise.all(children.map(({ ended }) => ended));
  const granted = said.reduce((sum, { stdout }) => sum + stdout.split('\n').filter(Boolean).length * 3, 0);
  const then = Date.parse('2026-03-04T05:06:07Z') + 3_600_000;
  const store = openStore({ file: at });
  // All that may be spent still is what is left: no more than the budget in all.
  const id = randomUUID();
  const left = { calls: 1, tokens: 0, usd: 0 };
  await store.accounts.reserve({ id, key: 'k', need: left, budgets: {}, at: then, lifetimeMs: 1 });
  await store.accounts.settle(id, { ...left, calls: 0 });
  const { day, reserved } = await store.accounts.standing('k', then);
  await store.close();
  expect(granted).toBeGreaterThan(0);
  expect(day.calls).toBeGreaterThanOrEqual(granted);
  expect([day.calls <= 4000, reserved.calls]).toEqual([true, 0]);
});
