/**
 * Runs every code block of README.md and the docs pages, and compares each `text` block with what the block before it
 * printed. A block that talks to a named provider talks to a loopback server instead. Commands of a `sh setup` block
 * are not run here: they must be steps of .ci/run, which runs them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openaiServer } from '../src/testing/servers/openai-server.ts';
import { blocksOf, difference, type Block } from './blocks.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORK = join(ROOT, 'out/readme');
const pages = ['README.md', ...markdown('docs')];
const setup = readFileSync(join(ROOT, '.ci/run'), 'utf8');

rmSync(WORK, { recursive: true, force: true });
mkdirSync(WORK, { recursive: true });
const server = await openaiServer({ answers: () => 'The answer is 408.' });
const env = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
  NO_COLOR: '1',
  COLUMNS: '100',
  OPENAI_API_KEY: 'not-a-key',
  OPENAI_BASE_URL: server.url,
};

let failed = 0;
let run = 0;
for (const page of pages) {
  let printed = '';
  for (const block of blocksOf(readFileSync(join(ROOT, page), 'utf8'))) {
    const problem = await check(block, printed, (output) => (printed = output));
    if (problem === undefined) continue;
    run++;
    if (problem) failed++;
    console.log(
      `${problem ? 'FAILED' : 'ok    '} ${page}:${block.line} ${block.language} ${block.meta}${problem ? `\n${problem}` : ''}`,
    );
  }
}
await server.close();
console.log(`${run - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** What is wrong with a block: nothing (''), or `undefined` where there is nothing to check. */
async function check(block: Block, printed: string, keep: (output: string) => void): Promise<string | undefined> {
  const { language, meta, text } = block;
  if (language === 'text') return meta.includes('output') ? difference(text, printed) : undefined;
  if (language === 'sh' && meta.includes('setup')) {
    const missing = text
      .split(/\n|&&/)
      .map((command) => command.replace(/#.*/, '').trim())
      .filter((command) => command && !/^(git|cd) /.test(command) && !setup.includes(`step ${command}`));
    return missing.length > 0 ? `not a step of .ci/run: ${missing.join('; ')}` : '';
  }
  // A file of a page that is gone through by a script of its own (scripts/first-hour.ts).
  if ((language !== 'ts' && language !== 'sh') || meta.includes('file=')) return undefined;
  const file = join(WORK, `block-${block.line}.${language}`);
  writeFileSync(file, text);
  const { code, output, errors } = await execute(
    language === 'ts' ? ['node', file] : ['bash', '-euo', 'pipefail', file],
  );
  keep(output);
  return code === 0 ? '' : `exit ${code}\n${output}${errors}`;
}

function execute([command, ...args]: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command as string, args, {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

function markdown(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .toSorted();
}
