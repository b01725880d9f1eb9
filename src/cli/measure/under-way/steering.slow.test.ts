/** A run of one process, steered from others over the same file. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../store/index.ts';
import { folder, type Folder } from '../../test-support/folder.ts';
import { gatedServer, sums, type GatedServer } from '../../test-support/gated.ts';
import { plusx, type Ended } from '../../test-support/plusx.ts';

const ITEMS = 40;
let here: Folder;
let upstream: GatedServer;

beforeAll(async () => {
  here = await folder();
  await here.write('sums.jsonl', sums(ITEMS));
  upstream = await gatedServer();
});
afterAll(async () => {
  await upstream?.close();
  await here?.[Symbol.asyncDispose]();
});

const run = (...args: readonly string[]): Promise<Ended> =>
  plusx(args, { cwd: here.path, env: { PLUSX_BASE_URL: upstream.url, PLUSX_MODEL: 'test-model' } });
const EVAL = ['eval', 'sums.jsonl', '--metric', 'numeric', '--concurrency', '2', '--run', 'long', '--quiet'];
const STORE = ['--store', 'runs.db'];

it('is watched, paused, resumed and cancelled, and the same command goes on with it', async () => {
  const first = run(...EVAL, ...STORE);
  const store = openStore(join(here.path, 'runs.db'));
  const progress = async () => (await store.runs.progress('long'))[0];
  const within = { timeout: 60_000, interval: 100 };
  await expect.poll(() => upstream.requests.length, within).toBe(2);
  upstream.allow(6);
  await expect.poll(progress, within).toMatchObject({ done: 6, total: ITEMS, paused: false });
  const watched = await run('runs', 'watch', 'long', '--once', ...STORE);
  expect(watched).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^long: running, 6 of 40 items, .*\/s/) as unknown,
  });

  expect((await run('runs', 'pause', 'long', ...STORE)).out).toContain('long is paused');
  await expect.poll(progress, within).toMatchObject({ paused: true });
  upstream.allow(ITEMS);
  // What was being asked is finished, and nothing more is begun.
  await expect.poll(progress, within).toMatchObject({ done: 8, paused: true });
  expect(upstream.requests).toHaveLength(8);
  expect((await run('runs', 'watch', 'long', '--once', '--json', ...STORE)).out).toContain('"state": "paused"');
  upstream.hold();
  expect((await run('runs', 'resume', 'long', ...STORE)).out).toContain('long is running');
  await expect.poll(() => upstream.requests.length, within).toBe(10);
  upstream.allow(2);
  await expect.poll(progress, within).toMatchObject({ done: 10, paused: false });

  expect((await run('runs', 'cancel', 'long', '--json', ...STORE)).code).toBe(0);
  const ended = await first;
  expect(ended).toMatchObject({ code: 130, err: expect.stringContaining('Cancelled:') as unknown });
  expect(await store.runs.get('long')).toMatchObject({ status: 'stopped' });
  expect((await store.runs.items('long')).length).toBe(10);
  const gone = await run('runs', 'resume', 'long', ...STORE);
  expect(gone).toMatchObject({
    code: 2,
    err: expect.stringContaining(`This goes on where it was: plusx ${EVAL.join(' ')} --store runs.db`) as unknown,
  });

  const asked = upstream.requests.length;
  upstream.allow(1e6);
  const again = await run(...EVAL, ...STORE);
  expect(again.code).toBe(0);
  expect(await store.runs.get('long')).toMatchObject({ status: 'done' });
  expect(await progress()).toMatchObject({ done: ITEMS, total: ITEMS });
  // What was in flight when it was cancelled is asked again, and nothing else.
  expect(upstream.requests.length - asked).toBe(ITEMS - 10);
  await store.close();
});
