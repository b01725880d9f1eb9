/**
 * One question with a deep search, done by one worker and by two, beside one process that does it without workers. The model is a server
 * on the loopback interface that answers after `--ms`: what is measured is how much of the waiting is shared.
 *
 *     node benchmarks/branches.ts [--search vote|dvts|beam] [--branches 32] [--rounds 6] [--ms 300] [--in-flight 8]
 *
 * A vote over refined answers, the subtrees of a diverse search, or a beam, whose branches are handed out on each step.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noPostgres, postgres } from '../src/store/test-support/postgres.ts';
import { upstream } from './serve/processes.ts';

const { values } = parseArgs({
  options: {
    search: { type: 'string', default: 'vote' },
    branches: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '6' },
    ms: { type: 'string', default: '300' },
    'in-flight': { type: 'string', default: '8' },
  },
});
const CLI = join(import.meta.dirname, '../src/cli/main.ts');
const [rounds, branches] = [Number(values.rounds), Number(values.branches)];
const ms = Number(values.ms);
const BEAM = `beams=${branches}, width=8, steps=${rounds}, by="prompt", separator=" ", score=length`;
/** What is asked, and how many calls one of its branches makes one after the other. */
const SEARCHES = {
  vote: { plus: `selfRefine(rounds=${rounds}) + selfConsistency(n=${branches})`, depth: 1 + 2 * rounds },
  dvts: { plus: `beamSearch(variant="dvts", ${BEAM})`, depth: rounds },
  beam: { plus: `beamSearch(${BEAM})`, depth: rounds },
};
const { plus, depth: calls } = SEARCHES[values.search as keyof typeof SEARCHES];

if (noPostgres !== undefined) {
  console.log(`skipped: ${noPostgres}`);
  process.exit(0);
}
const server = await postgres({ settings: { synchronous_commit: 'on' } });
const provider = await upstream();
const folder = mkdtempSync(join(tmpdir(), 'plusx-branches-'));
const children: ChildProcess[] = [];
const start = (args: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, PLUSX_BASE_URL: `http://127.0.0.1:${provider.port}/${values.ms}/v1`, PLUSX_MODEL: 'm' },
    stdio: ['ignore', 'ignore', args[0] === 'worker' ? 'pipe' : 'inherit'],
  });
  children.push(child);
  return child;
};
/** Seconds of one question, from the command to its report. Each run has a seed of its own, so that none finds another's draws. */
const seconds = async (seed: number, ...more: string[]): Promise<number> => {
  const before = performance.now();
  const asked = ['eval', 'task.jsonl', '-p', plus, '--metric', 'numeric', '--seed', String(seed), '--quiet', '--yes'];
  const [code] = (await once(start([...asked, ...more]), 'exit')) as [number];
  if (code !== 0) throw new Error(`eval ended with ${code}`);
  return (performance.now() - before) / 1000;
};
const end = async (child: ChildProcess): Promise<void> => {
  child.kill();
  await once(child, 'exit');
};

try {
  writeFileSync(join(folder, 'task.jsonl'), '{"id":"q","input":"Question?","expected":"42"}\n');
  const shared = ['--workers', '--split', 'branches', '--store', server.url];
  const worker = async (): Promise<ChildProcess> => {
    const child = start(['worker', '--concurrency', values['in-flight'], '--store', server.url]);
    if (child.stderr) await once(child.stderr, 'data'); // it says that it works
    return child;
  };
  const depth = (calls * ms) / 1000;
  const waves = Math.ceil(branches / Number(values['in-flight']));
  console.log(
    `${plus}: ${branches} branches of ${depth.toFixed(1)} s of waiting each, ${values['in-flight']} at one time a worker`,
  );
  const one = await worker();
  await seconds(0, ...shared); // the tables are made, and the code is loaded
  const alone = await seconds(1, ...shared);
  const other = await worker();
  const both = await seconds(2, ...shared);
  console.log(`one process  ${(await seconds(3)).toFixed(1)} s, which makes all calls that it can at one time`);
  console.log(`one worker   ${alone.toFixed(1)} s, of which ${(waves * depth).toFixed(1)} s is the waiting itself`);
  console.log(`two workers  ${both.toFixed(1)} s: ${(alone / both).toFixed(2)} times as fast`);
  await Promise.all([one, other].map(end));
} finally {
  for (const child of children) child.kill();
  provider.end();
  await server.close();
  rmSync(folder, { recursive: true });
}
