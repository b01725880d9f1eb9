/**
 * Goes through docs/first-hour.md, and the five minutes of docs/serve.md, as their reader would: packs plusx, and runs the page's blocks
 * one after the other in one empty folder. A `shell` block is a command, a block with `file=NAME` is that file, and a `text` block is
 * what the command before it printed. Of `text varies` only the words must be the same, not the numbers; a block with `within=5` must be
 * done in 5 seconds of processor. What is `running` goes on until another such block or the end; its port is one that is free. Where
 * there is no Python, what is `python` is left out. With `--write` a page is written anew with what was printed.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openaiServer } from '../src/testing/servers/openai-server.ts';
import { blocksOf, difference, tidy, type Block } from './blocks.ts';

const ROOT = join(import.meta.dirname, '..');
/** Pages, and the heading under which their steps stand: all of them where there is none. */
const PAGES = [
  { page: 'docs/first-hour.md', under: undefined },
  { page: 'docs/serve.md', under: '## Five minutes' },
] as const;
const STEP_LIMIT = 180_000;
/** The port that pages speak of. */
const PORT = '8080';

const server = await openaiServer({ answers: () => 'The answer is 408.' });
const port = await freePort();
const hasPython = spawnSync('python3', ['-m', 'venv', '--help']).status === 0;
if (!hasPython) console.log('There is no Python with venv here: its steps are left out.');
const problems: string[] = [];
let folder = '';
let running: ChildProcess | undefined;
let printed = '';
let isLeftOut = false;
try {
  for (const { page, under } of PAGES) await gone(page, under);
} finally {
  await server.close();
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'All goes as the pages say.' : `${problems.length} steps go otherwise.`);
process.exitCode = problems.length === 0 || process.argv.includes('--write') ? 0 : 1;

/** Goes through one page in a folder of its own. */
async function gone(page: string, under: string | undefined): Promise<void> {
  const file = join(ROOT, page);
  const source = readFileSync(file, 'utf8');
  const begin = under === undefined ? 0 : source.indexOf(`${under}\n`);
  const next = source.indexOf('\n## ', begin + 1);
  const end = under === undefined || next < 0 ? source.length : next;
  if (begin < 0) throw new Error(`${page} has no ${under}`);
  folder = mkdtempSync(join(tmpdir(), 'plusx-first-hour-'));
  let written = '';
  let at = 0;
  try {
    await inFolder(`npm pack --ignore-scripts --pack-destination "${folder}"`, ROOT);
    for (const block of blocksOf(source).filter(({ from }) => from >= begin && from < end)) {
      written += source.slice(at, block.from) + (await replayed(block, source.slice(block.from, block.to), page));
      at = block.to;
    }
    written += source.slice(at);
  } finally {
    await ended();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  if (process.argv.includes('--write')) writeFileSync(file, written);
}

/** Runs one block; gives it as it should stand on the page. */
async function replayed({ language, meta, text, line }: Block, whole: string, page: string): Promise<string> {
  const file = /file=(\S+)/.exec(meta)?.[1];
  if (file !== undefined) {
    writeFileSync(join(folder, file), text.replaceAll(PORT, port));
    return whole;
  }
  if (language === 'text') {
    const problem = isLeftOut ? '' : difference(text, printed, meta.includes('varies') ? withoutNumbers : undefined);
    if (problem === '') return whole;
    problems.push(`${page}:${line}: ${problem}`);
    return `\`\`\`text ${meta}`.trimEnd() + `\n${printed}\n\`\`\``;
  }
  if (language !== 'shell') return whole;
  isLeftOut = meta.includes('python') && !hasPython;
  if (isLeftOut) return whole;
  if (meta.includes('running')) {
    await started(text);
    return whole;
  }
  const { code, output, seconds } = await inFolder(text.replaceAll(PORT, port), folder);
  printed = tidy(
    output
      .replaceAll(folder, '~/first-hour')
      .replaceAll(server.url, 'http://127.0.0.1:8000/v1')
      .replaceAll(`:${port}`, `:${PORT}`),
  );
  console.log(`${page}:${line}: ${seconds.toFixed(1)} s`);
  const expected = Number(/exit=(\d+)/.exec(meta)?.[1] ?? 0);
  if (code !== expected) problems.push(`${page}:${line}: exit ${code}, not ${expected}\n${printed}`);
  const within = Number(/within=(\d+)/.exec(meta)?.[1] ?? Infinity);
  if (seconds > within) problems.push(`${page}:${line}: took ${seconds.toFixed(1)} s of processor, not ${within}`);
  return whole;
}

/** Starts a server, in the place of the one that is running, and waits until it answers. */
async function started(command: string): Promise<void> {
  await ended();
  const options = { cwd: folder, env: environment(), detached: true, stdio: 'ignore' } as const;
  running = spawn('bash', ['-c', command.replace(/plusx serve\b/, `$& --port ${port}`)], options);
  const deadline = Date.now() + STEP_LIMIT;
  while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok) {
    if (running.exitCode !== null || Date.now() > deadline) throw new Error(`It does not come up: ${command}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Ends what is running, and all that it started. */
async function ended(): Promise<void> {
  const child = running;
  running = undefined;
  if (child?.pid === undefined || child.exitCode !== null) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  await exit;
}

async function freePort(): Promise<string> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  holder.close();
  await once(holder, 'close');
  return String(typeof address === 'object' && address ? address.port : 0);
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
    NO_COLOR: '1',
    COLUMNS: '80',
    SERVER: server.url,
    OPENAI_BASE_URL: server.url,
  };
}

/** Seconds are those of the processor, so that a busy machine changes nothing. */
function inFolder(command: string, cwd: string): Promise<{ code: number | null; output: string; seconds: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-uo', 'pipefail', '-c', `${command}\ncode=$?; times >&3; exit $code`], {
      cwd,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: STEP_LIMIT,
    });
    let [output, times] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdio[3]?.on('data', (chunk: Buffer) => (times += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, seconds: secondsOf(times) }));
  });
}

/** The sum of what bash's `times` tells: minutes and seconds. */
function secondsOf(times: string): number {
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * Number(m) + Number(s), 0);
}

/** The words; a second on one machine is a few milliseconds on another, and a minute on a busy one. */
function withoutNumbers(text: string): string {
  return text
    .replaceAll(/\d+(?:[.,]\d+)*/g, '#')
    .replaceAll('# ms', '# s')
    .replaceAll('# min # s', '# s')
    .replaceAll(/ +/g, ' ');
}
