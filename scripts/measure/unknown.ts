/**
 * How well the embedded model tells what it cannot know: `node scripts/measure/unknown.ts`. Prints what questions cost it in nats a
 * byte: its held-out questions by task, word problems without their frame, and questions from elsewhere (those in
 * `../shared/data/tasks`, where they are there). The first half of each held-out task chooses nothing here: the limit in
 * `src/models/tiny/familiar.ts` stands in the middle of the gap of the first halves, and the rates are those of the second.
 */
import { readFileSync } from 'node:fs';
import { costOf, MOST_NATS } from '../../src/models/tiny/familiar.ts';
import { TINY_TASKS } from '../../src/tasks/tiny-names.ts';
import { tinyTask } from '../../src/tasks/index.ts';
import { textOf } from '../../src/core/index.ts';
import { createRuntime, parseWeights, readWeights } from '../../src/tiny/index.ts';

const MOST = 200;
const OTHERS = {
  'gsm8k (school problems)': ['gsm8k/test.jsonl', 'question'],
  'strategyqa (yes or no)': ['strategyqa/dev.json', 'question'],
  'math500 (competitions)': ['math500/test500.jsonl', 'problem'],
  'ifeval (instructions)': ['ifeval/input_data.jsonl', 'prompt'],
} as const;

const runtime = createRuntime(parseWeights(readWeights(undefined)));

async function costsOf(texts: readonly string[]): Promise<number[]> {
  const costs: number[] = [];
  for (const text of texts) costs.push(await costOf(runtime, [{ role: 'user', text }]));
  return costs.toSorted((a, b) => a - b);
}

function row(name: string, costs: readonly number[]): void {
  const at = (share: number): string => (costs[Math.floor(share * (costs.length - 1))] ?? Number.NaN).toFixed(2);
  const over = costs.filter((cost) => cost > MOST_NATS).length;
  console.log(`| ${name} | ${costs.length} | ${at(0)} | ${at(0.5)} | ${at(1)} | ${over} |`);
}

function elsewhere(file: string, field: string): string[] {
  let text: string;
  try {
    text = readFileSync(new URL(`../../../shared/data/tasks/${file}`, import.meta.url), 'utf8');
  } catch {
    console.error(`${file} is not there, and left out`);
    return [];
  }
  const items = file.endsWith('.jsonl')
    ? text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { [field: string]: unknown })
    : (JSON.parse(text) as { [field: string]: unknown }[]);
  return items.slice(0, MOST).flatMap((item) => (typeof item[field] === 'string' ? [item[field]] : []));
}

console.log(
  `The limit is ${MOST_NATS} nats a byte.\n\n| questions | | least | median | most | over |\n|---|--:|--:|--:|--:|--:|`,
);
for (const name of Object.keys(TINY_TASKS)) {
  const texts = (await tinyTask(name)).items
    .slice(-MOST)
    .map(({ request: { prompt } }) => textOf(prompt[0]?.content ?? ''));
  row(`${name}, held out`, await costsOf(texts));
  if (name === 'steps') {
    const bare = texts.map((text) => text.replace('Question: ', '').replace('\nSolve it step by step.', ''));
    row('steps, the problem alone', await costsOf(bare));
  }
}
for (const [name, [file, field]] of Object.entries(OTHERS)) {
  const costs = await costsOf(elsewhere(file, field));
  if (costs.length > 0) row(name, costs);
}
