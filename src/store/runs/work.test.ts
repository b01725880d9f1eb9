/** What a process says of the run that it works on, and what others ask of it. */
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../store.ts';
import { at } from '../test-support/places.ts';

const PULSE = { paused: false, done: 3, total: 10, rate: 1.5, calls: 7, tokens: 210, usd: 0.25 };
const store = openStore(at(':memory:'));
const { runs } = store;
afterEach(() => runs.delete('r'));

const open = () => runs.open({ name: 'r', task: 't', formula: 'm', seed: 1 });

it('a run that no process works on has no progress', async () => {
  await open();
  expect(await runs.progress('r')).toEqual([]);
  expect(await runs.progress()).toEqual([]);
});

it('who looks sees the last pulse, and how long ago it was by the clock of the database', async () => {
  await open();
  await runs.begin('r', { command: 'plusx eval t --run r' });
  await runs.pulse('r', PULSE);
  const [seen] = await runs.progress('r');
  expect(seen).toEqual({
    ...PULSE,
    run: 'r',
    wish: 'running',
    command: 'plusx eval t --run r',
    silentSeconds: expect.any(Number) as unknown,
  });
  expect(seen?.silentSeconds).toBeGreaterThanOrEqual(0);
  expect(seen?.silentSeconds).toBeLessThan(3600);
  await runs.pulse('r', { ...PULSE, total: undefined, tokens: undefined, usd: undefined });
  expect(await runs.progress()).toMatchObject([{ total: undefined, tokens: undefined, usd: undefined }]);
});

it.each(['paused', 'cancelled', 'running'] as const)('what is asked, %s, is told with the next pulse', async (wish) => {
  await open();
  await runs.begin('r', {});
  expect(await runs.pulse('r', PULSE)).toBe('running');
  await runs.ask('r', wish);
  expect(await runs.pulse('r', PULSE)).toBe(wish);
  expect(await runs.progress('r')).toMatchObject([{ wish, command: undefined }]);
});

it('beginning again forgets what was asked before, and is a run that goes on', async () => {
  await open();
  await runs.begin('r', {});
  await runs.pulse('r', PULSE);
  await runs.ask('r', 'cancelled');
  await runs.setStatus('r', 'stopped');
  await runs.begin('r', {});
  expect(await runs.get('r')).toMatchObject({ status: 'running' });
  expect(await runs.progress('r')).toMatchObject([{ done: 0, total: undefined, wish: 'running' }]);
});

it('what is asked of a run that is not there makes none', async () => {
  await runs.ask('nobody', 'paused');
  expect(await runs.get('nobody')).toBeUndefined();
  expect(await runs.pulse('nobody', PULSE)).toBe('running');
});
