/**
 * Every way in which a program is ended, with the limits that a person gets who sets none: which limit ends it, what the model is
 * told, that a program after it finds nothing of it, and that no process stays behind. Shorter limits, as other tests have them,
 * let one limit hide another.
 */
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import type { Execution, ExecutionFailure } from '../core/index.ts';
import { openSandbox } from './index.ts';
import { CANARY, GROUNDS, languageOf, type Ground } from './test-support/attacks.ts';

/** PLUSX_PYODIDE is a folder where `npm install deno pyodide` has been run. */
const modules = process.env['PLUSX_PYODIDE'];
const open = async (ground: Ground) => {
  const sandbox = await openSandbox({ python: ground === 'javascript' ? 'none' : ground, modules });
  return { ground, sandbox, missing: !sandbox.languages.includes(languageOf(ground)) };
};
const grounds = await Promise.all(GROUNDS.map(open));
for (const { ground, missing } of grounds)
  if (missing) console.log(`No program is ended in ${ground}: it is not here.`);
afterAll(() => Promise.all(grounds.map(({ sandbox }) => sandbox.close())));

interface Way {
  readonly name: string;
  readonly code: string;
  readonly reason: ExecutionFailure;
  readonly message: RegExp;
  /** Where it is tried; everywhere its language runs, if left out. */
  readonly in?: Ground;
}

const TIME = /^The program ran longer than 2000 ms and was stopped\.$/;
const PRINTED = /^The program printed more than 65536 characters\.$/;
const LONG = /^The value the program returned is longer than 65536 characters\.$/;
const JAVASCRIPT: readonly Way[] = [
  { name: 'a loop', code: 'for (;;);', reason: 'time', message: TIME },
  { name: 'a loop that catches', code: 'for (;;) { try { for (;;); } catch {} }', reason: 'time', message: TIME },
  {
    name: 'one step that never ends',
    code: 'return /^(a+)+$/.test("a".repeat(40) + "b");',
    reason: 'time',
    message: TIME,
  },
  {
    name: 'memory',
    code: 'const all = []; for (;;) all.push(new Array(1000).fill(1));',
    reason: 'memory',
    message: /out of memory|interpreter/,
  },
  { name: 'the stack', code: 'const f = () => f() + 1; return f();', reason: 'memory', message: /stack/ },
  { name: 'printing', code: 'for (;;) console.log("x".repeat(1000));', reason: 'output', message: PRINTED },
  { name: 'a long value', code: 'return "x".repeat(100000);', reason: 'output', message: LONG },
];
const PYTHON: readonly Way[] = [
  { name: 'a loop', code: 'while True: pass', reason: 'time', message: TIME },
  {
    name: 'a loop that catches',
    code: 'while True:\n  try:\n    while True: pass\n  except BaseException: pass',
    reason: 'time',
    message: TIME,
  },
  {
    name: 'a loop that does not hear the first limit',
    code: 'import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass',
    reason: 'time',
    message: TIME,
    in: 'bubblewrap',
  },
  {
    name: 'a sleep, which takes no processor time',
    code: 'import time\ntime.sleep(600)',
    reason: 'time',
    message: TIME,
  },
  {
    name: 'one step that never ends',
    code: 'answer = len(str(7 ** (10 ** 9)))',
    reason: 'time',
    message: TIME,
    in: 'bubblewrap',
  },
  { name: 'memory', code: 'all = []\nwhile True: all.append("x" * 100000)', reason: 'memory', message: /./ },
  {
    name: 'one large piece of memory',
    code: 'answer = len(bytearray(1 << 34))',
    reason: 'memory',
    message: /MemoryError/,
    in: 'bubblewrap',
  },
  { name: 'printing', code: 'while True: print("x" * 1000)', reason: 'output', message: PRINTED },
  { name: 'a long value', code: 'answer = "x" * 100000', reason: 'output', message: LONG },
  {
    name: 'a process of its own',
    code: 'import os, time\nif os.fork() == 0: time.sleep(600)\nanswer = 1',
    reason: 'thrown',
    message: /Error/,
  },
  {
    name: 'many processes of its own',
    code: 'import os\nleft = 0\nfor _ in range(100):\n  try:\n    os.fork()\n  except OSError: left += 1\nwhile left == 100: pass',
    reason: 'time',
    message: TIME,
  },
  {
    name: 'a program of the machine',
    code: 'import subprocess\nsubprocess.Popen(["sleep", "600"])\nanswer = 1',
    reason: 'thrown',
    message: /Error/,
  },
];
const WAYS = { javascript: JAVASCRIPT, python: PYTHON };

/** What is below this process, running or ended and not taken in: its children, theirs, and so on. */
async function below(): Promise<string[]> {
  if (platform !== 'linux') return [];
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => ({ pid, stat: await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') })),
  );
  const parents = new Map(all.map(({ pid, stat }) => [pid, /\) \S (\d+)/.exec(stat)?.[1]]));
  const isBelow = (pid: string | undefined): boolean => {
    const parent = pid === undefined ? undefined : parents.get(pid);
    return parent === String(process.pid) || (parent !== undefined && isBelow(parent));
  };
  // One that waits sleeps now and runs then. Deno keeps one ready for the next program.
  const named = all.filter(({ pid }) => isBelow(pid)).map(({ stat }) => stat.slice(0, stat.lastIndexOf(')') + 1));
  return named.filter((name) => !name.endsWith('(deno)'));
}

describe.each(grounds)('$ground', ({ ground, sandbox, missing }) => {
  const language = languageOf(ground);
  const ways = WAYS[language].filter((way) => way.in === undefined || way.in === ground);
  const nothingIsLeft = async (before: readonly string[]): Promise<void> => {
    expect(await sandbox.run({ language, code: CANARY[language] })).toMatchObject({ kind: 'value', value: [] });
    const more = async (): Promise<string[]> => (await below()).filter((one) => !before.includes(one));
    if (ground !== 'deno') await expect.poll(more, { timeout: 5000 }).toEqual([]);
  };

  it.skipIf(missing).each(ways)('$name', { timeout: 120_000 }, async ({ code, reason, message }) => {
    const before = await below();
    const ended: Execution = await sandbox.run({ language, code });
    expect(ended).toMatchObject({ kind: 'error', reason, message: expect.stringMatching(message) as string });
    await nothingIsLeft(before);
  });

  it.skipIf(missing)('an abort, of a program that runs and of those that wait', { timeout: 120_000 }, async () => {
    const before = await below();
    const controller = new AbortController();
    const reason = new Error('enough');
    const code = language === 'javascript' ? 'for (;;);' : 'while True: pass';
    const all = Promise.allSettled([1, 2, 3].map(() => sandbox.run({ language, code }, { signal: controller.signal })));
    setTimeout(() => controller.abort(reason), 500);
    expect(await all).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason })));
    await nothingIsLeft(before);
  });
});
