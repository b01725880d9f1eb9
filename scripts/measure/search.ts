/** Measures techniques of the search room on recorded answers of real models, and prints the tables as Markdown. */
import { join } from 'node:path';
import { plus, questionOf, type Model } from '../../src/core/index.ts';
import { curve, evaluate } from '../../src/evaluate/index.ts';
import { adaptiveConsistency, cascade, ensemble, mixture, route, selfConsistency } from '../../src/search/index.ts';
import { loadTask } from '../../src/tasks/index.ts';
import { column, DATA, hasData, matrix, measure, type Row } from './matrix.ts';

export interface Line {
  readonly what: string;
  readonly cells: readonly (number | string)[];
}

const POOLS = [
  'game24_gpt4_standard',
  'game24_gpt4_cot',
  'date_code002_ltm',
  'cruxeval_output_codellama7b',
  'cruxeval_input_codellama7b',
] as const;

/** One sample, the vote of all, the adaptive vote, and a vote of as many samples as that took. */
export async function votes(repeats = 25, pools: readonly string[] = POOLS): Promise<Line[]> {
  const lines: Line[] = [];
  for (const pool of pools) {
    const task = await loadTask(`pool:${join(DATA, `replay/${pool}.jsonl.gz`)}`);
    if (!task.model) throw new Error('a pool brings its model');
    const n = pool.startsWith('game24') ? 100 : pool.startsWith('date') ? 40 : 10;
    const adaptive = await evaluate(plus(task.model, adaptiveConsistency({ n })), task, { repeats });
    const equal = Math.round(adaptive.samplesPerItem);
    const over = { n: [...new Set([1, equal, n])] };
    const points = (await curve(plus(task.model, selfConsistency()), task, { over })).curve;
    const at = (k: number): number => 100 * (points[over.n.indexOf(k)]?.accuracy ?? Number.NaN);
    lines.push({
      what: `${pool}, n=${n}`,
      cells: [at(1), at(n), 100 * adaptive.accuracy, adaptive.samplesPerItem.toFixed(1), at(equal)],
    });
  }
  return lines;
}

const SUFFIXES = ['', ...[1, 2, 3, 4, 5].map((i) => `_exemplarset${i}`)];
const NINE = [
  ...SUFFIXES.map((suffix) => `code002_NL+SL${suffix}`),
  ...[1, 2, 3].map((i) => `code002_prompt_variation${i}`),
];

/** Nine wordings of one prompt: each alone, each once in a vote, and drawn by chance for each vote. */
export async function wordings({ many = true } = {}): Promise<Line[]> {
  const rows = matrix('faithful_cot/matrix_GSM8K');
  const prompts = NINE.map((name) => column(rows, name));
  const alone: number[] = [];
  for (const prompt of prompts) alone.push((await measure(prompt, rows)).accuracy);
  const line = async (what: string, model: Model): Promise<Line> => {
    const { accuracy, calls } = await measure(model, rows);
    return { what, cells: [accuracy, calls.toFixed(1)] };
  };
  return [
    { what: 'the worst of nine wordings', cells: [Math.min(...alone), '1.0'] },
    { what: 'the best of nine wordings', cells: [Math.max(...alone), '1.0'] },
    await line('`mixture` of nine', mixture(prompts)),
    await line('`ensemble` of nine', ensemble(prompts)),
    await line('`ensemble` of the first three', ensemble(prompts.slice(0, 3))),
    await line('`mixture` of nine + `selfConsistency(n=9)`', plus(mixture(prompts), selfConsistency({ n: 9 }))),
    ...(many
      ? [
          await line('`mixture` of nine + `selfConsistency(n=40)`', plus(mixture(prompts), selfConsistency({ n: 40 }))),
          await line('`mixture` of nine + `adaptiveConsistency(n=40)`', plus(mixture(prompts), adaptiveConsistency())),
        ]
      : []),
  ];
}

/** The five techniques of one model in a vote, good and bad ones alike, and weighed by what the first 100 questions say. */
export async function panels(): Promise<Line[]> {
  const all = matrix('faithful_cot/matrix_GSM8K');
  const [known, rows] = [all.slice(0, 100), all.slice(100)];
  const lines: Line[] = [];
  for (const model of ['code002', 'gpt-3.5-turbo', 'gpt4']) {
    const names = ['standard', 'COT', 'LtM', 'noNL', 'NL+SL'].map((way) => `${model}_${way}`);
    const ways = names.map((name) => column(all, name));
    const weights: number[] = [];
    const alone: number[] = [];
    for (const way of ways) {
      const p = Math.min(0.99, Math.max(0.01, (await measure(way, known)).accuracy / 100));
      weights.push(Math.max(0, Math.log(p / (1 - p))));
      alone.push((await measure(way, rows)).accuracy);
    }
    lines.push({
      what: model,
      cells: [
        alone[1] as number,
        Math.max(...alone),
        (await measure(ensemble(ways), rows)).accuracy,
        (await measure(ensemble(ways, { weights }), rows)).accuracy,
      ],
    });
  }
  return lines;
}

const SIX = ['code001', 'code002', 'text002', 'text003', 'gpt-3.5-turbo', 'gpt4'] as const;

/** One model, five prompts: an answer at once, a chain of thought, least to most, a program, and a program with its reasons. */
export async function prompts(sets: readonly string[] = ['GSM8K', 'StrategyQA']): Promise<Line[]> {
  const lines: Line[] = [];
  for (const set of sets) {
    const rows = matrix(`faithful_cot/matrix_${set}`);
    for (const model of SIX) {
      const cells: (number | string)[] = [];
      for (const way of WAYS) {
        const name = `${model}_${way}`;
        const known = rows.filter(({ answers }) => answers.has(name));
        cells.push(known.length === rows.length ? (await measure(column(rows, name), rows)).accuracy : '');
      }
      if (cells.some((cell) => cell !== '')) lines.push({ what: `${set}, ${model}`, cells });
    }
  }
  return lines;
}

interface Climb {
  readonly file: string;
  readonly cheap: readonly string[];
  readonly dear: string;
  readonly threshold: number;
}

const CLIMBS: readonly Climb[] = [
  ...[0.5, 0.6, 1].map((threshold) => ({
    file: 'zeroeval/matrix_gsm',
    cheap: ['gemma-2-9b-it', 'Meta-Llama-3.1-8B-Instruct', 'Qwen2-7B-Instruct'],
    dear: 'gpt-4o-2024-08-06',
    threshold,
  })),
  ...[0.6, 1].map((threshold) => ({
    file: 'zeroeval/matrix_crux',
    cheap: ['gpt-4o-mini-2024-07-18', 'Qwen2.5-32B-Instruct', 'claude-3-5-haiku-20241022'],
    dear: 'o1-mini-2024-09-12',
    threshold,
  })),
  {
    file: 'zeroeval/matrix_crux',
    cheap: ['gemma-2-2b-it', 'Qwen2.5-3B-Instruct', 'Meta-Llama-3-8B-Instruct'],
    dear: 'o1-mini-2024-09-12',
    threshold: 0.6,
  },
  {
    file: 'faithful_cot/matrix_GSM8K',
    cheap: ['gpt-3.5-turbo_COT', 'gpt-3.5-turbo_noNL', 'gpt-3.5-turbo_NL+SL'],
    dear: 'gpt4_COT',
    threshold: 1,
  },
];

/** A cascade from a panel of cheap models to a dear one, and the same share of questions sent up by chance. */
export async function cascades(climbs: readonly Climb[] = CLIMBS): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { file, cheap, dear, threshold } of climbs) {
    const rows = matrix(file);
    const panel = ensemble(cheap.map((name) => column(rows, name)));
    const last = column(rows, dear);
    const climbed = await measure(cascade([panel, last], { threshold }), rows);
    const [low, high] = [(await measure(panel, rows)).accuracy, (await measure(last, rows)).accuracy];
    const up = (climbed.by[last.name] ?? 0) / 100;
    lines.push({
      what: `${cheap.join(', ')} → ${dear}, share ${threshold}`,
      cells: [low, high, climbed.accuracy, `${(100 * up).toFixed(0)}%`, low + up * (high - low)],
    });
  }
  return lines;
}

const SETS = ['GSM8K', 'ASDiv', 'MultiArith', 'AQUA', 'StrategyQA', 'date', 'sports'] as const;
const WAYS = ['standard', 'COT', 'LtM', 'noNL', 'NL+SL'] as const;

/** One technique for all data sets, or one for each, chosen on the first 50 questions of each: a router that knows the set. */
export async function routes(): Promise<Line[]> {
  const sets = SETS.map((set) =>
    matrix(`faithful_cot/matrix_${set}`).map((row): Row => ({ ...row, id: `${set}/${row.id}` })),
  );
  const lines: Line[] = [];
  for (const model of ['code002', 'text003', 'gpt-3.5-turbo', 'gpt4']) {
    const used = sets.filter(([row]) => WAYS.every((way) => row?.answers.has(`${model}_${way}`)));
    const rows = used.flatMap((set) => set.slice(50));
    const ways = WAYS.map((way) => column(used.flat(), `${model}_${way}`));
    const bestOf = async (of: readonly Row[]): Promise<number> => {
      const seen: number[] = [];
      for (const way of ways) seen.push((await measure(way, of)).accuracy);
      return seen.indexOf(Math.max(...seen));
    };
    const routed = async (known: (set: readonly Row[]) => readonly Row[]): Promise<number> => {
      const best = new Map<string, number>();
      for (const set of used) best.set(setOf(set[0]?.id ?? ''), await bestOf(known(set)));
      return (await measure(route(ways, { pick: ({ prompt }) => best.get(setOf(questionOf(prompt))) ?? 0 }), rows))
        .accuracy;
    };
    const forAll = await bestOf(used.flatMap((set) => set.slice(0, 50)));
    const oracle = rows.filter((row) => WAYS.some((way) => row.right.get(`${model}_${way}`)));
    lines.push({
      what: `${model}, ${used.length} sets, ${rows.length} questions`,
      cells: [
        (await measure(mixture(ways), rows)).accuracy,
        (await measure(ways[forAll] as Model, rows)).accuracy,
        await routed((set) => set.slice(0, 50)),
        await routed((set) => set.slice(50)),
        (100 * oracle.length) / rows.length,
      ],
    });
  }
  return lines;
}

const setOf = (id: string): string => id.split('/')[0] as string;
function print(title: string, heads: readonly string[], lines: readonly Line[]): void {
  const cell = (value: number | string): string => (typeof value === 'number' ? value.toFixed(2) : value);
  console.log(`\n## ${title}\n\n| ${heads.join(' | ')} |\n|${'---|'.repeat(heads.length)}`);
  for (const { what, cells } of lines) console.log(`| ${[what, ...cells.map(cell)].join(' | ')} |`);
}

if (import.meta.main) {
  if (!hasData) console.log('measure/search: skipped, there is no ../shared/data/matrices');
  else {
    print('Votes', ['pool', '1 sample', 'vote of n', 'adaptive', 'samples', 'vote of as many'], await votes());
    print('Wordings', ['GSM8K, code-davinci-002', 'accuracy', 'calls'], await wordings());
    print('Techniques of one model', ['GSM8K', 'COT', 'best alone', '`ensemble` of 5', 'weighted'], await panels());
    print(
      'One model, five prompts',
      ['data set, model', 'at once', 'chain of thought', 'least to most', 'program', 'program with reasons'],
      await prompts(),
    );
    print('Cascades', ['cheap → dear', 'cheap', 'dear', '`cascade`', 'sent up', 'by chance'], await cascades());
    print(
      'Routes',
      ['model', '`mixture`', 'one for all', '`route` by set', 'the same in hindsight', 'oracle'],
      await routes(),
    );
  }
}
