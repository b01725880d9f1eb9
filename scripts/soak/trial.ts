/** Runs tests over a copy of the project with one fault in it, and says what became of the fault. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { withFault, type Mutant } from './mutants.ts';

/**
 * `found`: a test fails. `endless`: a test or the run does not end, though the same tests without the fault need a small part of
 * the time. `no time`: it does not end, and the same tests without the fault are slow as well, so that nothing is known.
 */
export type Outcome = 'found' | 'endless' | 'survived' | 'no time';

export interface Trial {
  readonly outcome: Outcome;
  /** The test that found the fault. */
  readonly by: string | undefined;
  /** Processor seconds of the tests with the fault in. */
  readonly seconds: number;
}

interface Run {
  readonly kind: 'passed' | 'failed' | 'no end';
  readonly file: string | undefined;
  /** The test that fails, or the first words of an error outside of tests. */
  readonly name: string | undefined;
  /** Processor seconds. */
  readonly seconds: number;
  /** Whether it was given up. */
  readonly isLate: boolean;
  /** Seconds by test. */
  readonly durations: ReadonlyMap<string, number>;
}

/** Seconds for one test. Without the fault it must need less than a fifth of it. */
const TEST_LIMIT = 60;
/**
 * Processor seconds of one process: a loop without an end is over by then, however busy the machine is. Without the fault all tests
 * of the round together must need less than half of it.
 */
const PROCESSOR_LIMIT = 40;
/** Seconds after which a round is given up: nothing is known then. */
const LIMIT = 1200;

/** A copy of what the tests read, in a folder of its own. */
export function copyOf(root: string, folder: string): string {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\0')) {
    if (file === '' || file === 'node_modules' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Puts one fault after another into a copy. */
export function trialsIn(copy: string): (mutant: Mutant, rounds: readonly (readonly string[])[]) => Promise<Trial> {
  /** The tests that found a fault, run without one, by file and name. */
  const sound = new Map<string, Run>();
  const withoutFault = async ({ file = '', name }: Run): Promise<Run> => {
    const at = `${file}: ${name}`;
    const known = sound.get(at);
    if (known) return known;
    const first = await runTests(copy, [file], name);
    const isMissed = name !== undefined && !first.durations.has(name);
    // Once more, on a busy machine; and the whole file where a name does not lead to its test.
    const run =
      first.kind === 'passed' && !isMissed ? first : await runTests(copy, [file], isMissed ? undefined : name);
    sound.set(at, run);
    return run;
  };
  return async (mutant, rounds) => {
    const path = join(copy, mutant.file);
    const source = readFileSync(path, 'utf8');
    let seconds = 0;
    for (const round of rounds) {
      let tests = round;
      while (tests.length > 0) {
        writeFileSync(path, withFault(source, mutant));
        const run = await runTests(copy, tests).finally(() => writeFileSync(path, source));
        seconds += run.seconds;
        if (run.kind === 'passed') break;
        const trial = { by: `${run.file ?? 'outside of a test'}: ${run.name}`, seconds };
        if (run.file === undefined) {
          const whole = await runTests(copy, tests);
          if (whole.kind === 'passed' && run.kind === 'failed') return { ...trial, outcome: 'found' };
          if (whole.kind === 'passed')
            return { ...trial, outcome: whole.seconds < PROCESSOR_LIMIT / 2 && !run.isLate ? 'endless' : 'no time' };
          throw new Error(`${tests.join(' ')} fail without a fault: ${whole.name}`);
        }
        const { file } = run;
        const without = await withoutFault(run);
        if (without.kind === 'passed') {
          if (run.kind === 'failed') return { ...trial, outcome: 'found' };
          const took = without.durations.get(run.name ?? '') ?? Infinity;
          return { ...trial, outcome: took < TEST_LIMIT / 5 ? 'endless' : 'no time' };
        }
        // A test that fails without the fault says nothing of it.
        console.log(`  left out, it fails without a fault: ${file}: ${without.name}`);
        tests = tests.filter((one) => one !== file);
      }
    }
    return { outcome: 'survived', by: undefined, seconds };
  };
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

const running = new Set<number>();

function stopGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is over.
  }
}

/** Ends the tests that are running. */
export function stopTests(): void {
  for (const pid of running) stopGroup(pid);
  running.clear();
}

/** Whether a process of a group has used up its processor time. */
function isOverTime(group: number | undefined): boolean {
  const listed = execFileSync('ps', ['-eo', 'pgid=,cputimes='], { encoding: 'utf8' });
  return listed.split('\n').some((line) => {
    const [pgid, seconds] = line.trim().split(/\s+/).map(Number);
    return pgid === group && (seconds ?? 0) > PROCESSOR_LIMIT;
  });
}

/** Runs tests by file, all of them or the one of this name. */
async function runTests(copy: string, tests: readonly string[], name?: string): Promise<Run> {
  const out = join(copy, 'report.json');
  rmSync(out, { force: true });
  const args = [
    `TIMEFORMAT='cpu %U %S'; time "$@"`,
    'soak',
    process.execPath,
    join(copy, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--bail=1',
    '--maxWorkers=1',
    `--testTimeout=${TEST_LIMIT * 1000}`,
    `--fsModuleCachePath=${join(copy, '.vitest-cache')}`,
    '--reporter=json',
    `--outputFile=${out}`,
    ...(name === undefined ? [] : ['-t', `^${name.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`]),
    ...tests,
  ];
  const child = spawn('bash', ['-c', ...args], { cwd: copy, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let told = '';
  child.stderr.on('data', (data: Buffer) => (told = (told + data.toString()).slice(-20_000)));
  let isLate = false;
  let isEndless = false;
  const stop = (): void => void (pid !== undefined && running.has(pid) && stopGroup(pid));
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, LIMIT * 1000);
  // One worker that is stopped would be followed by the next, for the next file: all of them are.
  const watch = setInterval(() => {
    if (!isOverTime(pid)) return;
    isEndless = true;
    stop();
  }, 3000);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  clearInterval(watch);
  if (pid !== undefined) running.delete(pid);
  const cpu = /cpu ([\d.]+) ([\d.]+)/.exec(told);
  const seconds = cpu ? Number(cpu[1]) + Number(cpu[2]) : PROCESSOR_LIMIT;
  const report =
    !isLate && !isEndless && existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as Report) : undefined;
  const durations = new Map(
    (report?.testResults ?? []).flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed')
        .map((one) => [one.fullName, (one.duration ?? 0) / 1000] as const),
    ),
  );
  const spent = { seconds, isLate, durations };
  if (isLate || isEndless) return { kind: 'no end', file: undefined, name: 'the run is stopped', ...spent };
  if (code === 0) return { kind: 'passed', file: undefined, name: undefined, ...spent };
  // After the first failure the files that were not begun are called failed as well, without a word why.
  for (const { name: path, message, assertionResults } of report?.testResults ?? []) {
    const file = relative(copy, path);
    const failed = assertionResults.find((one) => one.status === 'failed');
    if (failed) {
      const isTimedOut = (failed.failureMessages ?? []).some((one) => /timed out in \d+ms/.test(one));
      return { kind: isTimedOut ? 'no end' : 'failed', file, name: failed.fullName, ...spent };
    }
    if (message !== '') return { kind: 'failed', file, name: undefined, ...spent };
  }
  const why =
    told
      .replaceAll(/cpu .*/g, '')
      .trim()
      .split('\n')
      .find((line) => /error/i.test(line)) ?? `exit code ${code}`;
  return {
    kind: 'failed',
    file: undefined,
    name: why.trim().slice(0, 160),
    ...spent,
  };
}
