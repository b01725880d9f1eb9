import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyStore } from './care/copy.ts';
import { alike, killed } from './test-support/fuzz.ts';
import { seen } from './test-support/operations.ts';
import { noPostgres, postgres, type Postgres } from './test-support/postgres.ts';

describe.skipIf(noPostgres !== undefined)(`SQLite and PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  let folder: string;
  beforeAll(async () => {
    server = await postgres();
    folder = mkdtempSync(join(tmpdir(), 'plusx-fuzz-'));
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['one', 'two'])('show the same after each of 400 operations: %s', async (seed) => {
    expect(await alike([join(folder, `${seed}.db`), `${server.url}?schema=${seed}`], seed, 400)).toBeUndefined();
  });

  it('show the same after they were copied from one to the other and back', async () => {
    const [first, second, third] = [join(folder, 'a.db'), `${server.url}?schema=copied`, join(folder, 'b.db')];
    expect(await alike([first], 'copied', 300)).toBeUndefined();
    await copyStore(first, second);
    await copyStore(second, third);
    expect(await seen(second)).toBe(await seen(first));
    expect(await seen(third)).toBe(await seen(first));
  });

  it('show the same after three processes that were killed again and again, and that is what one shows that nobody killed', async () => {
    const stores = [join(folder, 'killed.db'), `${server.url}?schema=killed`];
    for (const at of stores) expect(await killed(at, 'kills', 50, 15)).toBeGreaterThan(4);
    const whole = join(folder, 'whole.db');
    expect(await killed(whole, 'kills', 50, 1000)).toBe(0);
    const [first, ...others] = await Promise.all([whole, ...stores].map(seen));
    for (const other of others) expect(other).toBe(first);
  });
});
