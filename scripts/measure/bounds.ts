/**
 * What large and hostile data costs, in seconds of processor: `node scripts/measure/bounds.ts`. Each case runs in a process of its
 * own, so that its memory is its own too.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openaiCompatible } from '../../src/models/openai/index.ts';
import { stream } from '../../src/core/index.ts';
import { startOf } from '../../src/decode/constrained/grammar.ts';
import { parseSchema } from '../../src/decode/constrained/json-schema.ts';
import { parseRegex } from '../../src/decode/constrained/regex.ts';
import { htmlSections } from '../../src/store/documents/html.ts';

const CASES: { readonly [name: string]: () => unknown } = {
  'a whole number of a schema, as Zod writes it (`z.int()`)': () =>
    startOf(parseSchema({ type: 'integer', minimum: -(2 ** 53 - 1), maximum: 2 ** 53 - 1 })),
  'a regular expression of 1 MB': () => startOf(parseRegex('word '.repeat(200_000))),
  'a line of 32 MB in a stream': async () => {
    for await (const _ of stream(longLine(32 * 2 ** 20), 'q'));
  },
  'a page of 1 MB of nested tags': () => htmlSections('<div>'.repeat(200_000)),
  'a page of 1 MB of comments that never end': () => htmlSections('<!--'.repeat(250_000)),
};
const VOTE = ['ask', 'What is 17 * 24?', '-m', 'enumerable', '-p', 'selfConsistency(n=1000000)', '--quiet'];
const CLI = join(import.meta.dirname, '../../dist/cli/main.js');

async function all(): Promise<void> {
  console.log('| | seconds of processor | memory, MB |\n|---|---|---|');
  const idle = measured([import.meta.filename, 'nothing']);
  for (const name of Object.keys(CASES)) {
    const { seconds, megabytes } = measured([import.meta.filename, name]);
    console.log(`| ${name} | ${Math.max(0, seconds - idle.seconds).toFixed(2)} | ${megabytes.toFixed(0)} |`);
  }
  const { seconds, megabytes } = measured([CLI, ...VOTE, '--budget', 'calls=50']);
  console.log(
    `| a vote of 10^6 under a budget of 50 calls, the whole command | ${seconds.toFixed(2)} | ${megabytes.toFixed(0)} |`,
  );
  console.log(
    `| the same without a budget: from Ctrl-C to the end of the command | ${(await heard()).toFixed(2)} (wall) | |`,
  );
}

/** The processor time and the peak memory of a command that runs to its end. */
function measured(args: readonly string[]): { readonly seconds: number; readonly megabytes: number } {
  const script = `process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); require('node:fs').writeSync(3, JSON.stringify([userCPUTime + systemCPUTime, maxRSS])); });`;
  const { output } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(module(script))}`, ...args],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    },
  );
  const [microseconds = 0, kilobytes = 0] = JSON.parse(output[3] ?? '[]') as number[];
  return { seconds: microseconds / 1e6, megabytes: kilobytes / 1024 };
}

const module = (script: string): string =>
  `import { createRequire } from 'node:module'; const require = createRequire('file:///'); ${script}`;

/** How long a command of a million draws goes on after it was asked to end, in seconds. */
async function heard(): Promise<number> {
  const child = spawn(process.execPath, [CLI, ...VOTE], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const start = performance.now();
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  return (performance.now() - start) / 1000;
}

function longLine(length: number) {
  const line = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(length) } }] })}\n\n`;
  const bytes = new TextEncoder().encode(
    `${line}data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
  );
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, (at += 65_536)));
    },
  });
  return openaiCompatible({
    model: 'm',
    baseURL: 'http://127.0.0.1:9/v1',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  });
}

const [asked] = process.argv.slice(2);
if (asked === undefined) await all();
else await CASES[asked]?.();
