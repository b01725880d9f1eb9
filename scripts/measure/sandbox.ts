/** Prints what became of every attack on the sandbox, how fast it starts and runs, and what it took, as Markdown. */
import { cpus, loadavg } from 'node:os';
import { LANGUAGES, type Execution, type Language } from '../../src/core/index.ts';
import { openSandbox, type OpenSandbox } from '../../src/sandbox/index.ts';
import { ATTACKS, CANARY } from '../../src/sandbox/test-support/attacks.ts';

const TIMEOUT_MS = 300;
const WARM_RUNS = 200;
const COLD_RUNS = 10;
const STORM = 200;
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

async function attackAll(sandbox: OpenSandbox): Promise<number> {
  row(['language', 'attack', 'ended after', 'in']);
  row(['---', '---', '---', '---']);
  let bad = 0;
  for (const { name, language, code, ends, value } of ATTACKS) {
    if (!sandbox.languages.includes(language)) continue;
    const [ended, took] = await timed(() => sandbox.run({ language, code }));
    const after = await sandbox.run({ language, code: CANARY[language] });
    const clean = after.kind === 'value' && Array.isArray(after.value) && after.value.length === 0;
    const good =
      ended.kind === 'error'
        ? ends.includes(ended.reason) || ended.reason === 'time'
        : JSON.stringify(ended.value) === JSON.stringify(value);
    if (!good || !clean) bad++;
    row([
      language,
      name,
      `${took.toFixed(0)} ms`,
      `${good ? '' : '**ESCAPED** '}${told(ended)}${clean ? '' : ' **LEFT SOMETHING**'}`,
    ]);
  }
  return bad;
}

async function latency(language: Language): Promise<void> {
  const cold: number[] = [];
  for (let i = 0; i < COLD_RUNS; i++) {
    const [opened, took] = await timed(async () => {
      const fresh = await openSandbox({ python: language === 'python' });
      await fresh.run({ language, code: TRIVIAL[language] });
      return fresh;
    });
    cold.push(took);
    await opened.close();
  }
  const warm = await openSandbox({ workers: 1, python: language === 'python' });
  const runs: number[] = [];
  for (let i = 0; i < (language === 'python' ? WARM_RUNS / 10 : WARM_RUNS); i++)
    runs.push((await timed(() => warm.run({ language, code: TRIVIAL[language] })))[1]);
  await warm.close();
  row([
    language,
    ms(percentile(cold, 0.5)),
    ms(percentile(cold, 0.95)),
    ms(percentile(runs, 0.5)),
    ms(percentile(runs, 0.95)),
  ]);
}

console.log('# The sandbox under attack\n');
console.log('Written by `node scripts/measure/sandbox.ts`; times depend on the machine and on what else runs on it.\n');
const before = megabytes();
const sandbox = await openSandbox({ timeoutMs: TIMEOUT_MS });
console.log(
  `Limits: ${TIMEOUT_MS} ms, 32 MB, 65,536 characters of output and of value. Two workers. Node ${process.version}, ${cpus().length} cores under a load of ${loadavg()[0]?.toFixed(0)}.\n`,
);
const bad = await attackAll(sandbox);
console.log(
  `\n${bad} of the attacks did more than they may. Peak memory of the host process: ${peak.toFixed(0)} MB (${before.toFixed(0)} MB before the sandbox was opened).\n`,
);

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
  `A storm of ${STORM} programs at once, one in twenty without end: ${right.length} ended as they should, in ${(stormMs / 1000).toFixed(1)} s.\n`,
);
await sandbox.close();

row(['language', 'cold, median ms', 'cold, 95%', 'warm, median ms', 'warm, 95%']);
row(['---', '---', '---', '---', '---']);
for (const language of LANGUAGES) if (sandbox.languages.includes(language)) await latency(language);
console.log(
  `\nCold is opening the sandbox and the first answer; warm is one more answer. A program of Python is a process of its own each time.`,
);
process.exitCode = bad === 0 ? 0 : 1;
