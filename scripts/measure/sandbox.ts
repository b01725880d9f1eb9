/**
 * Prints what became of every attack on the sandbox, how fast it starts and runs, and what it took, as Markdown. PLUSX_PYODIDE is
 * a folder where `npm install deno pyodide` has been run; without it Python in Deno is left out where the two are not beside plusx.
 */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Execution, Language } from '../../src/core/index.ts';
import { openSandbox, type OpenSandbox, type SandboxOptions } from '../../src/sandbox/index.ts';
import { attacksOn, CANARY, GROUNDS, languageOf, type Ground } from '../../src/sandbox/test-support/attacks.ts';

const TIMEOUT_MS = 300;
/** For attacks that need no deadline to fail, so that a busy machine does not end them first. */
const PLENTY_MS = 15_000;
const WARM_RUNS = 200;
const COLD_RUNS = 10;
const STORM = 200;
/** About as long as a model takes to write the next program: the next process has begun by then. */
const PAUSE_MS = 5000;
const TRIVIAL: { readonly [language in Language]: string } = { javascript: 'return 1 + 1;', python: 'answer = 1 + 1' };

const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;
let peak = megabytes();
setInterval(() => (peak = Math.max(peak, megabytes())), 2).unref();

async function timed<T>(work: () => Promise<T>): Promise<readonly [result: T, ms: number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}
const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] as number;
const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
const told = (ended: Execution): string =>
  (ended.kind === 'value' ? `value ${JSON.stringify(ended.value)}` : `${ended.reason}: ${ended.message}`)
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 110);

const open = (ground: Ground, more: SandboxOptions = {}): Promise<OpenSandbox> =>
  openSandbox({
    python: ground === 'javascript' ? 'none' : ground,
    modules: process.env['PLUSX_PYODIDE'],
    timeoutMs: TIMEOUT_MS,
    ...more,
  });
const named = (ground: Ground): string => (ground === 'javascript' ? ground : `python in ${ground}`);

async function attackAll(ground: Ground, strict: OpenSandbox, generous: OpenSandbox): Promise<number> {
  let bad = 0;
  const language = languageOf(ground);
  for (const { name, code, ends, value } of attacksOn(ground)) {
    const sandbox = ends.includes('time') ? strict : generous;
    const [ended, took] = await timed(() => sandbox.run({ language, code }));
    const after = await generous.run({ language, code: CANARY[language] });
    const clean = after.kind === 'value' && Array.isArray(after.value) && after.value.length === 0;
    const good =
      ended.kind === 'error' ? ends.includes(ended.reason) : JSON.stringify(ended.value) === JSON.stringify(value);
    if (!good || !clean) bad++;
    row([
      named(ground),
      name,
      `${took.toFixed(0)} ms`,
      `${good ? '' : '**ESCAPED** '}${told(ended)}${clean ? '' : ' **LEFT SOMETHING**'}`,
    ]);
  }
  return bad;
}

async function latency(ground: Ground): Promise<void> {
  const language = languageOf(ground);
  const cold: number[] = [];
  for (let i = 0; i < COLD_RUNS; i++) {
    const [opened, took] = await timed(async () => {
      const fresh = await open(ground, { timeoutMs: 2000 });
      await fresh.run({ language, code: TRIVIAL[language] });
      return fresh;
    });
    cold.push(took);
    await opened.close();
  }
  const warm = await open(ground, { workers: 1, timeoutMs: 2000 });
  const answers = async (count: number, waitMs: number): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i < count; i++) {
      await pause(waitMs);
      all.push((await timed(() => warm.run({ language, code: TRIVIAL[language] })))[1]);
    }
    return all;
  };
  const atOnce = await answers(ground === 'javascript' ? WARM_RUNS : WARM_RUNS / 10, 0);
  const later = await answers(COLD_RUNS, ground === 'deno' ? PAUSE_MS : 10);
  const waiting = ground === 'deno' ? await waitingMb() : undefined;
  await warm.close();
  row([
    named(ground),
    ...[cold, atOnce, later].flatMap((values) => [ms(percentile(values, 0.5)), ms(percentile(values, 0.95))]),
    waiting === undefined ? '' : waiting.toFixed(0),
  ]);
}

/** Megabytes of the process that waits for the next program, when it has begun. */
async function waitingMb(): Promise<number | undefined> {
  await pause(PAUSE_MS);
  const children = execFileSync('ps', ['-o', 'rss=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const found = /(\d+) deno/.exec(children)?.[1];
  return found === undefined ? undefined : Number(found) / 1024;
}

console.log('# The sandbox under attack\n');
console.log('Written by `node scripts/measure/sandbox.ts`. Times depend on the machine and on what else runs on it.\n');
const before = megabytes();
console.log(
  `Limits: ${TIMEOUT_MS} ms (${PLENTY_MS / 1000} s for attacks that fail without a deadline), 32 MB, 65,536 characters of output and of value. Two workers. Node ${process.version}, ${cpus().length} cores under a load of ${loadavg()[0]?.toFixed(0)}.\n`,
);
row(['where', 'attack', 'ended after', 'in']);
row(['---', '---', '---', '---']);
let bad = 0;
const grounds: Ground[] = [];
const firstOpened: string[] = [];
for (const ground of GROUNDS) {
  const [opened, took] = await timed(() => open(ground));
  if (opened.languages.includes(languageOf(ground))) {
    grounds.push(ground);
    firstOpened.push(`${named(ground)} ${ms(took)} ms`);
    const generous = await open(ground, { timeoutMs: PLENTY_MS });
    bad += await attackAll(ground, opened, generous);
    await generous.close();
  }
  await opened.close();
}
console.log(
  `\nIf no process waits, the time of a Python program includes the start of its process. Files that a program writes in Deno are in its own memory, so it does no harm that it can write them (\`false\` above).\n\n${bad} of the attacks did more than they were allowed to. Peak memory of the host process: ${peak.toFixed(0)} MB (${before.toFixed(0)} MB before the sandbox was opened).\n`,
);

const sandbox = await open('javascript');
const [storm, stormMs] = await timed(() =>
  Promise.all(
    Array.from({ length: STORM }, (_, i) =>
      sandbox.run({ language: 'javascript', code: i % 20 === 0 ? 'for (;;);' : `return ${i};` }),
    ),
  ),
);
const right = storm.filter((ended, i) =>
  i % 20 === 0 ? ended.kind === 'error' : ended.kind === 'value' && ended.value === i,
);
console.log(
  `A storm of ${STORM} programs at once, one in twenty endless: ${right.length} ended as they should, in ${(stormMs / 1000).toFixed(1)} s.\n`,
);
await sandbox.close();

console.log(`The first opening in this process: ${firstOpened.join(', ')}.\n`);
row(['where', 'cold, median ms', '95%', 'at once, median ms', '95%', 'later, median ms', '95%', 'waiting, MB']);
row(['---', '---', '---', '---', '---', '---', '---', '---']);
for (const ground of grounds) await latency(ground);
console.log(
  `\nCold is the time to open the sandbox and get the first answer. At once is the time of one answer after another. Later is the time of one answer after a pause (${PAUSE_MS / 1000} s for Deno). Each Python program is a process of its own. Deno's is started ahead, and the last column is the memory of the waiting process. The load at the end: ${loadavg()[0]?.toFixed(0)}.`,
);
process.exitCode = bad === 0 ? 0 : 1;
