/** `--batch` against a loopback server of the protocol: as without it, in few batches, and killed it goes on without paying twice. */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Report } from '../../compile/index.ts';
import { batchServer } from '../../testing/servers/batch-server.ts';
import { folder, type Folder } from '../test-support/folder.ts';
import { sums } from '../test-support/gated.ts';
import { plusx, startPlusx } from '../test-support/plusx.ts';

const ITEMS = 12;
const TASK = sums(ITEMS);
const ANSWERS = { 'The answer is 5.': 0.4, 'The answer is 7.': 0.6 };
const VERBS = [
  ['eval', ['-p', 'selfConsistency(n=3)']],
  ['compare', ['-p', 'selfConsistency(n=3)', '-p', 'selfConsistency(n=2)']],
  ['curve', ['-p', 'selfConsistency', '--over', 'n=1,2,3']],
] as const;

async function taskIn(here: Folder): Promise<void> {
  await here.write('t.jsonl', TASK);
}

/** What the document of a verb says, without what a batch makes another one. */
async function said(here: Folder, file: string): Promise<unknown> {
  const text = await readFile(join(here.path, file), 'utf8');
  return JSON.parse(
    text.replaceAll(/"(run|ms)": [^,\n]*/g, '"$1": null').replaceAll(/"msPerItem": [^,\n]*/g, '"msPerItem": null'),
  );
}

it.each(VERBS)('%s gives what it gives without, in one batch a round', async (verb, more) => {
  await using here = await folder();
  await taskIn(here);
  const server = await batchServer({ answers: ANSWERS });
  const run = (...options: string[]) =>
    plusx([verb, 't.jsonl', ...more, '--metric', 'numeric', '--seed', '5', '--yes', ...options], {
      cwd: here.path,
      env: { PLUSX_BASE_URL: options.includes('--batch') ? server.url : server.server.url, PLUSX_MODEL: 'm' },
    });
  try {
    const plain = await run('--out', 'plain.json', '--quiet');
    expect([plain.code, plain.err]).toEqual([0, '']);
    const requests = server.server.requests.length;
    const batched = await run('--out', 'batched.json', '--batch', '--store', 's.db');
    expect(batched).toMatchObject({ code: 0 });
    expect(await said(here, 'batched.json')).toEqual(await said(here, 'plain.json'));
    expect(server.batches.reduce((sum, batch) => sum + batch.lines, 0)).toBe(requests);
    expect(server.batches.length).toBeLessThanOrEqual(3);
    expect(batched.err).toMatch(/Batch batch-0: completed, \d+ of \d+ answered, since 20\d\d-/);
  } finally {
    await server.close();
  }
});

it('killed while it waits, the same command takes the batch up that is there, and pays for nothing twice', async () => {
  await using here = await folder();
  await taskIn(here);
  const server = await batchServer({ answers: ANSWERS, looks: 4 });
  const args = [
    'eval',
    't.jsonl',
    '-p',
    'selfConsistency(n=3)',
    '--metric',
    'numeric',
    '--batch',
    '--run',
    'r',
    '--yes',
  ];
  try {
    for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
      // The first time until a batch is there, then until it is heard of.
      let isHeard = (): boolean => server.batches.length > 0;
      const { child, ended, err } = startPlusx(args, {
        cwd: here.path,
        env: { PLUSX_BASE_URL: server.url, PLUSX_MODEL: 'm' },
      });
      if (isHeard()) isHeard = () => err().includes('Batch');
      await expect.poll(() => isHeard() || child.exitCode !== null, { timeout: 60_000 }).toBe(true);
      child.kill(signal);
      await ended;
    }
    const last = await plusx([...args, '--json'], {
      cwd: here.path,
      env: { PLUSX_BASE_URL: server.url, PLUSX_MODEL: 'm' },
    });
    expect(last).toMatchObject({ code: 0 });
    expect(JSON.parse(last.out)).toMatchObject({ items: ITEMS, failed: 0, usage: { calls: 3 * ITEMS } });
    // Each line asks for three candidates.
    expect(server.batches.map((batch) => batch.lines)).toEqual([ITEMS]);
    expect(server.server.requests).toHaveLength(ITEMS);
  } finally {
    await server.close();
  }
});

it('compile killed in the middle ends in the report that it gives without batches, in no more batches than it says, and pays for nothing twice', async () => {
  await using here = await folder();
  await here.write('t.jsonl', sums(24));
  const server = await batchServer({ answers: ANSWERS, looks: 2 });
  const at = (url: string) => ({ cwd: here.path, env: { PLUSX_BASE_URL: url, PLUSX_MODEL: 'm' } });
  const space = ['--space', 'anyOf(selfConsistency(n=[2, 3]), selfRefine(rounds=1))', '--budget', 'calls=900'];
  const args = ['compile', 't.jsonl', ...space, '--metric', 'numeric', '--yes', '--json'];
  const batched = [...args, '--batch', '--store', 'b.db'];
  try {
    // All compositions are asked side by side, as in batches.
    const plain = await plusx([...args, '--store', 'a.db', '--concurrency', '50000'], at(server.server.url));
    expect(plain).toMatchObject({ code: 0 });
    const requests = server.server.requests.length;
    for (const until of [1, 4]) {
      const { child, ended } = startPlusx(batched, at(server.url));
      await expect
        .poll(() => server.batches.length >= until || child.exitCode !== null, { timeout: 60_000 })
        .toBe(true);
      child.kill('SIGKILL');
      await ended;
    }
    const last = await plusx(batched, at(server.url));
    expect(last).toMatchObject({ code: 0 });
    expect(JSON.parse(last.out)).toEqual(JSON.parse(plain.out));
    expect(server.batches.reduce((sum, { lines }) => sum + lines, 0)).toBe(requests);
    expect(server.server.requests).toHaveLength(2 * requests);
    const { plan } = JSON.parse(last.out) as Report;
    expect(server.batches.length).toBeLessThanOrEqual((plan.steps.race ?? 0) + (plan.steps.test ?? 0));
  } finally {
    await server.close();
  }
});

it('what expires, or is refused for a moment, goes into another batch; a server without batches is said in a line', async () => {
  await using here = await folder();
  await taskIn(here);
  const fate = (index: number, batch: number) =>
    batch > 0 ? undefined : index % 3 === 0 ? ('expired' as const) : index % 3 === 1 ? 503 : undefined;
  const server = await batchServer({ answers: ANSWERS, fate });
  const at = (address: string) => ({ cwd: here.path, env: { PLUSX_BASE_URL: address, PLUSX_MODEL: 'm' } });
  const args = ['eval', 't.jsonl', '--metric', 'numeric', '--batch', '--yes'];
  try {
    const mended = await plusx([...args, '--store', 'a.db', '--json'], at(server.url));
    expect(mended).toMatchObject({ code: 0 });
    expect(JSON.parse(mended.out)).toMatchObject({ items: ITEMS, failed: 0 });
    const none = await plusx([...args, '--store', 'b.db', '--quiet'], at(server.server.url));
    expect(none.code).not.toBe(0);
    expect(none.err).toContain('has no batch endpoint');
    expect(none.err.trim().split('\n')).toHaveLength(1);
  } finally {
    await server.close();
  }
});
