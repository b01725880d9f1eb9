import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryJournal, NO_USAGE } from '../../../core/index.ts';
import { CannotSteer, openStore, steerRun, type Store } from '../../../store/index.ts';
import { entry } from '../../../store/test-support/entry.ts';
import { Cancelled } from '../../failure.ts';
import { loadTaskAndModel, onItems } from '../../compose/task.ts';
import { isInterrupted } from '../../run.ts';
import { fakeOutput } from '../../test-support/output.ts';
import { commandOf, steerable } from './steering.ts';

let store: Store;
beforeEach(async () => {
  store = openStore(':memory:');
  await store.runs.open({ name: 'r', task: 't', formula: 'm', seed: 0 });
});
afterEach(() => store.close());

function opened() {
  const terminal = {
    out: fakeOutput(),
    err: fakeOutput(),
    env: {},
    signal: new AbortController().signal,
    args: ['eval', 't', '--run', 'r'],
  };
  return steerable(terminal, { everyMs: 5 });
}

const pausedNow = async (): Promise<boolean | undefined> => (await store.runs.progress('r'))[0]?.paused;

it('the next call waits while the run is paused, and goes on when it is resumed', async () => {
  const { steering } = opened();
  const calls = steering.pausing(memoryJournal());
  await calls.put('k', entry('said'));
  await steering.begin(store.runs, 'r');
  steering.progress({ done: 3, total: 9, usage: { ...NO_USAGE, calls: 5 } });
  await expect.poll(() => store.runs.progress('r')).toMatchObject([{ done: 3, total: 9, calls: 5, paused: false }]);
  expect(await calls.get('k')).toEqual(entry('said'));
  await steerRun(store.runs, 'r', 'pause');
  await expect.poll(pausedNow).toBe(true);
  let has = false;
  const waiting = Promise.resolve(calls.get('k')).then((found) => ((has = true), found));
  await steerRun(store.runs, 'r', 'pause'); // asked twice
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(has).toBe(false);
  await steerRun(store.runs, 'r', 'resume');
  expect(await waiting).toEqual(entry('said'));
  await expect.poll(pausedNow).toBe(false);
  await steering.end();
});

it('time that a run is paused is not spent: what measures goes by the clock of the run', async () => {
  const terminal = opened();
  const { steering } = terminal;
  await steering.begin(store.runs, 'r');
  const subject = await loadTaskAndModel('tiny:steps', { model: 'enumerable' }, terminal);
  const clock = await onItems(subject, { quiet: true }, terminal, async (settings) => settings.clock);
  expect(clock).toBe(steering.clock);
  await steerRun(store.runs, 'r', 'pause');
  await expect.poll(pausedNow).toBe(true);
  const paused = steering.clock.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(steering.clock.now()).toBe(paused);
  await steerRun(store.runs, 'r', 'resume');
  await expect.poll(() => steering.clock.now()).toBeGreaterThan(paused);
  await steering.end();
});

it('rests as long as others rest who do its work, or as it is asked to itself', async () => {
  const { steering } = opened();
  await steering.begin(store.runs, 'r');
  steering.othersRest(true);
  await expect.poll(pausedNow).toBe(true);
  await steerRun(store.runs, 'r', 'pause');
  await expect.poll(async () => (await store.runs.progress('r'))[0]?.wish).toBe('paused');
  await steerRun(store.runs, 'r', 'resume');
  const seen = steering.clock.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([await pausedNow(), steering.clock.now()]).toEqual([true, seen]);
  steering.othersRest(false);
  await expect.poll(pausedNow).toBe(false);
  await steering.end();
});

it('what is cancelled ends as at Ctrl-C, while it is paused too', async () => {
  const terminal = opened();
  const calls = terminal.steering.pausing(memoryJournal());
  await terminal.steering.begin(store.runs, 'r');
  await steerRun(store.runs, 'r', 'pause');
  await expect.poll(pausedNow).toBe(true);
  const waiting = calls.get('k');
  await steerRun(store.runs, 'r', 'cancel');
  await expect(waiting).rejects.toThrow(Cancelled);
  expect(isInterrupted(terminal)).toBe(true);
  await terminal.steering.end();
});

it('where no process works on a run, the command that goes on with it is named', async () => {
  const { steering } = opened();
  await steering.begin(store.runs, 'r');
  await steering.end();
  await store.runs.setStatus('r', 'stopped');
  await expect(steerRun(store.runs, 'r', 'resume')).rejects.toThrow(
    new CannotSteer('Run "r" is stopped: there is nothing to resume. This goes on where it was: plusx eval t --run r'),
  );
  await store.runs.setStatus('r', 'done');
  await expect(steerRun(store.runs, 'r', 'cancel')).rejects.toThrow('It has all of its results.');
  await expect(steerRun(store.runs, 'nobody', 'pause')).rejects.toThrow('There is no run "nobody"');
});

it('a run whose process was never heard of can be cancelled, and then it is no longer said to go on', async () => {
  await steerRun(store.runs, 'r', 'cancel');
  expect(await store.runs.get('r')).toMatchObject({ status: 'stopped' });
});

it.each([
  [['eval', 'q.csv', '-p', 'bestOfN(n=8, score=length)'], `plusx eval q.csv -p 'bestOfN(n=8, score=length)'`],
  [['eval', "it's", ''], `plusx eval 'it'\\''s' ''`],
  [['--store', 'postgres://me:se%40cret@db:5432/x?schema=a'], `plusx --store 'postgres://me@db:5432/x?schema=a'`],
  [['--store=postgres://me:se@cret@db/x'], 'plusx --store=postgres://me@db/x'],
  [['-m', 'https://h/v1?api_key=se-cret&a=1'], `plusx -m 'https://h/v1?api_key=&a=1'`],
])('%j is repeated as %s, without a secret', (args, command) => {
  expect(commandOf(args)).toBe(command);
});
