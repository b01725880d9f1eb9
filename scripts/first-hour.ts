/**
 * Goes through docs/first-hour.md as its reader would: packs plusx, and runs the page's blocks one after the other in one empty folder.
 * A `shell` block is a command, a block with `file=NAME` is that file, and a `text` block is what the command before it printed. Of
 * `text varies` only the words must be the same, not the numbers; a block with `within=5` must be done in 5 seconds of processor.
 * With `--write` the page is written anew with what was printed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openaiServer } from '../src/testing/servers/openai-server.ts';
import { blocksOf, difference, tidy, type Block } from './blocks.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/first-hour.md');
const STEP_LIMIT = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'plusx-first-hour-'));
const server = await openaiServer({ answers: () => 'The answer is 408.' });
const source = readFileSync(PAGE, 'utf8');
const problems: string[] = [];
let printed = '';
let page = '';
let at = 0;
try {
  await inFolder(`npm pack --ignore-scripts --pack-destination "${folder}"`, ROOT);
  for (const block of blocksOf(source)) {
    page += source.slice(at, block.from) + (await replayed(block, source.slice(block.from, block.to)));
    at = block.to;
  }
  page += source.slice(at);
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
if (process.argv.includes('--write')) writeFileSync(PAGE, page);
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'The first hour goes as the page says.' : `${problems.length} steps go otherwise.`);
process.exitCode = problems.length === 0 || process.argv.includes('--write') ? 0 : 1;

/** Runs one block; gives it as it should stand on the page. */
async function replayed({ language, meta, text, line }: Block, whole: string): Promise<string> {
  const file = /file=(\S+)/.exec(meta)?.[1];
  if (file !== undefined) {
    writeFileSync(join(folder, file), text);
    return whole;
  }
  if (language === 'text') {
    const problem = difference(text, printed, meta.includes('varies') ? withoutNumbers : undefined);
    if (problem === '') return whole;
    problems.push(`line ${line}: ${problem}`);
    return `\`\`\`text ${meta}`.trimEnd() + `\n${printed}\n\`\`\``;
  }
  if (language !== 'shell') return whole;
  const { code, output, seconds } = await inFolder(text, folder);
  printed = tidy(output.replaceAll(folder, '~/first-hour').replaceAll(server.url, 'http://127.0.0.1:8000/v1'));
  console.log(`line ${line}: ${seconds.toFixed(1)} s`);
  const expected = Number(/exit=(\d+)/.exec(meta)?.[1] ?? 0);
  if (code !== expected) problems.push(`line ${line}: exit ${code}, not ${expected}\n${printed}`);
  const within = Number(/within=(\d+)/.exec(meta)?.[1] ?? Infinity);
  if (seconds > within) problems.push(`line ${line}: took ${seconds.toFixed(1)} s of processor, not ${within}`);
  return whole;
}

/** Seconds are those of the processor, so that a busy machine changes nothing. */
function inFolder(command: string, cwd: string): Promise<{ code: number | null; output: string; seconds: number }> {
  const env = {
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
    NO_COLOR: '1',
    COLUMNS: '80',
    SERVER: server.url,
  };
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-uo', 'pipefail', '-c', `${command}\ncode=$?; times >&3; exit $code`], {
      cwd,
      env,
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

function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+(?:[.,]\d+)*/g, '#').replaceAll(/ +/g, ' ');
}
