/**
 * `compile` beside DSPy's optimizers, on one task with one model, about as many calls for each, counted at the server, with no cache:
 * `node benchmarks/dspy.ts [--server http://127.0.0.1:8000/v1 --model ID] [--task tickets] [--calls 160] [--seeds 3] [--python FILE]`.
 * Without `--server` it starts `plusx serve` with the embedded model, and the task is `tiny:garbled`.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify } from 'node:util';
import { techniques } from '../src/catalog.ts';
import { compile, load, parseSpace, programOf } from '../src/compile/index.ts';
import { questionOf, type Model } from '../src/core/index.ts';
import { evaluate, intervalOfGrades, mean, pairedDifference } from '../src/evaluate/index.ts';
import { openaiCompatible } from '../src/models/openai/index.ts';
import { loadTask, type Item, type Task } from '../src/tasks/index.ts';
import { counted, type Count, type Counted } from './dspy/counted.ts';
import { INSTRUCTION, tickets } from './dspy/tickets.ts';

const LABELLED = 60;
const HELD = 60;
/** US dollars a million tokens: nominal. */
const PRICE = { input: 0.1, output: 0.4 };
const OPTIMIZERS = ['none', 'BootstrapFewShotWithRandomSearch', 'MIPROv2', 'GEPA'];
const HERE = import.meta.dirname;

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    model: { type: 'string', default: 'plusx:tiny' },
    task: { type: 'string' },
    calls: { type: 'string', default: '160' },
    seeds: { type: 'string', default: '3' },
    held: { type: 'string', default: String(HELD) },
    python: { type: 'string' },
    adapter: { type: 'string', default: 'plain' },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
});
const calls = Number(values.calls);
const address = values.task ?? (values.server === undefined ? 'tiny:garbled' : 'tickets');

/** Where both sides may choose, beyond the instruction: for `compile` as a space. */
interface Setting {
  readonly instruction: string;
  readonly tokens: number;
  readonly lanes: number;
  readonly space: string;
}

const SETTINGS: { readonly [task: string]: Setting } = {
  tickets: {
    instruction: INSTRUCTION,
    tokens: 12,
    lanes: 4,
    space: `prompt(${JSON.stringify(INSTRUCTION)}) + demos(k=[0, 4, 8], set=[0, 1, 2, 3])`,
  },
};
const OF_TINY: Setting = {
  instruction: 'Solve it step by step.',
  tokens: 200,
  lanes: 4,
  space:
    'maybe(temperature(t=[0, 0.5])) + maybe(anyOf(leastToMost, pal, rephraseAndRespond, paraphrase(n=5))) + demos(k=[0, 4]) + maybe(selfConsistency(n=[3, 5]))',
};

interface Run {
  readonly side: string;
  readonly seed: number;
  /** Of each held-out question. */
  readonly grades: readonly number[];
  readonly search: Count;
  readonly test: Count;
  readonly seconds: number;
  readonly note: string;
}

const server = values.server === undefined ? await tinyServer() : { url: values.server, end: () => undefined };
const python = values.python ?? (await environment());
const setting = SETTINGS[address] ?? OF_TINY;
const runs: Run[] = [];
try {
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    const { labelled, held } = await questionsOf(seed);
    const items = new Map([...labelled.items, ...held.items].map((item) => [item.id, item]));
    const front = await counted(server.url, held.metric, items);
    const wanted = values.only ?? [...OPTIMIZERS, 'compile'];
    for (const side of wanted) {
      const run =
        side === 'compile'
          ? await compiled(seed, labelled, held, front)
          : await ofDspy(side, seed, labelled, held, front);
      runs.push(run);
      console.error(
        `${side} seed ${seed}: ${(100 * mean(run.grades)).toFixed(1)}%, ${run.search.calls} calls (${run.search.refused} refused), ${run.seconds.toFixed(0)} s, test ${run.test.calls} calls: ${run.note}`,
      );
    }
    await front.close();
    console.error(table(runs));
  }
} finally {
  server.end();
}
console.log(values.json ? JSON.stringify(runs) : table(runs));

async function questionsOf(seed: number): Promise<{ readonly labelled: Task; readonly held: Task }> {
  const size = Number(values.held);
  if (address === 'tickets') {
    const held = tickets(size, 'held out');
    return { labelled: tickets(LABELLED, `labelled ${seed}`, held.items), held };
  }
  const task = await loadTask(address);
  const first = size + seed * LABELLED;
  return {
    held: { ...task, items: task.items.slice(0, size) },
    labelled: { ...task, items: task.items.slice(first, first + LABELLED) },
  };
}

async function compiled(seed: number, labelled: Task, held: Task, front: Counted): Promise<Run> {
  const name = `compile ${seed}`;
  const on = (part: string): Model =>
    openaiCompatible({
      model: values.model,
      baseURL: front.address(part),
      apiKey: 'none',
      retry: { attempts: 1 },
      settings: address === 'tickets' ? { temperature: 0 } : undefined,
    });
  const space = parseSpace(setting.space, { techniques, model: () => undefined });
  const before = performance.now();
  const found = await compile(space, labelled, { model: on(name), budget: { calls }, seed });
  const seconds = (performance.now() - before) / 1000;
  const model = await load(programOf(found, '0'), { base: on(`${name} test`) });
  const { results } = await evaluate(model, held, { seed });
  return {
    side: 'compile',
    seed,
    grades: results.map(({ grade = 0 }) => grade),
    search: front.of(name),
    test: front.of(`${name} test`),
    seconds,
    note: found.plus || found.report.picked,
  };
}

async function ofDspy(optimizer: string, seed: number, labelled: Task, held: Task, front: Counted): Promise<Run> {
  const name = `${optimizer} ${seed}`;
  const row = (item: Item): object => ({
    id: item.id,
    question: questionOf(item.request.prompt),
    answer: typeof item.expected === 'string' ? item.expected : JSON.stringify(item.expected),
  });
  const job = {
    optimizer,
    seed,
    calls,
    model: values.model,
    search: front.address(name),
    test: front.address(`${name} test`),
    grading: front.grading,
    adapter: values.adapter,
    instruction: setting.instruction,
    temperature: 0,
    tokens: setting.tokens,
    lanes: setting.lanes,
    labelled: labelled.items.map(row),
    held: held.items.map(row),
  };
  const { answers, seconds, error, unread, instruction, demonstrations } = await python3(job);
  const grades = await Promise.all(
    held.items.map(async ({ id }, i) => {
      const body = JSON.stringify({ id, text: answers[i] ?? '' });
      const { grade } = (await (await fetch(front.grading, { method: 'POST', body })).json()) as {
        readonly grade: number;
      };
      return grade;
    }),
  );
  return {
    side: `DSPy ${optimizer}`,
    seed,
    grades,
    search: front.of(name),
    test: front.of(`${name} test`),
    seconds,
    note: error ?? `${demonstrations} demonstrations, ${unread} unread, ${JSON.stringify(instruction.slice(0, 60))}`,
  };
}

interface Answered {
  readonly answers: readonly string[];
  readonly unread: number;
  readonly seconds: number;
  readonly error: string | null;
  readonly instruction: string;
  readonly demonstrations: number;
}

function python3(job: object): Promise<Answered> {
  const child = spawn(python, [join(HERE, 'dspy/optimize.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(job));
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (data: Buffer) => out.push(data.toString()));
  child.stderr.on('data', (data: Buffer) => err.push(data.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(JSON.parse(out.join('').trim().split('\n').at(-1) ?? '') as Answered)
        : reject(new Error(err.join('').slice(-2000))),
    );
  });
}

/** The pinned DSPy, made once in a virtual environment beside this file. */
async function environment(): Promise<string> {
  const folder = join(HERE, 'dspy/.venv');
  const found = join(folder, 'bin/python');
  const run = promisify(execFile);
  if (!existsSync(found)) {
    await run('python3', ['-m', 'venv', folder]);
    await run(found, ['-m', 'pip', 'install', '-q', '-r', join(HERE, 'dspy/requirements.txt')], { timeout: 1_200_000 });
  }
  return found;
}

/** `plusx serve` with the embedded model. */
async function tinyServer(): Promise<{ readonly url: string; readonly end: () => void }> {
  const command = [join(HERE, '../src/cli/main.ts'), 'serve', '--port', '0', '--model', 'plusx:tiny'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    for await (const line of createInterface({ input: stream })) {
      const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) return { url: `http://127.0.0.1:${port}/v1`, end: () => void child.kill() };
    }
  throw new Error('plusx serve did not say where it listens');
}

function table(all: readonly Run[]): string {
  const sides = [...Map.groupBy(all, ({ side }) => side)];
  const byItem = (of: readonly Run[]): number[] =>
    (of[0]?.grades ?? []).map((_, i) => mean(of.map(({ grades }) => grades[i] as number)));
  const ours = sides.find(([side]) => side === 'compile')?.[1];
  const percent = (value: number): string => (100 * value).toFixed(1);
  const usd = ({ inputTokens, outputTokens }: Count): number =>
    (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;
  const rows = sides.map(([side, of]) => {
    const grades = byItem(of);
    const [lo, hi] = intervalOfGrades(grades);
    const less = ours && side !== 'compile' ? pairedDifference(grades, byItem(ours)) : undefined;
    return [
      side,
      `${percent(mean(grades))} (${percent(lo)} to ${percent(hi)})`,
      of.map((run) => percent(mean(run.grades))).join(', '),
      less ? `${percent(less.difference)} (${percent(less.ci95[0])} to ${percent(less.ci95[1])})` : '',
      of.map(({ search }) => search.calls).join(', '),
      mean(of.map(({ seconds }) => seconds)).toFixed(0),
      mean(of.map(({ search }) => usd(search))).toFixed(5),
      mean(of.map(({ test, grades: { length } }) => test.calls / length)).toFixed(2),
      (1000 * mean(of.map(({ test, grades: { length } }) => usd(test) / length))).toFixed(4),
    ];
  });
  const head = [
    'side',
    'right on held-out questions, 95%',
    'by seed',
    'compile less this, 95%',
    'calls of the search',
    'seconds',
    'dollars',
    'calls a question',
    'dollars for 1,000 questions',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
