/**
 * Votes by confidence beside plain votes, on samples of the embedded model that are drawn once and dealt again in many orders:
 * prints the tables of docs/measurements/confidence.md. node scripts/measure/confidence.ts [--items 150] [--samples 48] [--orders 20]
 */
import { parseArgs } from 'node:util';
import {
  ask,
  fork,
  fromBackend,
  plus,
  rootScope,
  seeded,
  textOf,
  type Model,
  type Request,
  type Sample,
  type Transform,
} from '../../src/core/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { deepConf, selfConsistency } from '../../src/search/index.ts';
import { tinyTask } from '../../src/tasks/index.ts';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '150' },
    samples: { type: 'string', default: '48' },
    orders: { type: 'string', default: '20' },
  },
});
const [items, size, orders] = [Number(values.items), Number(values.samples), Number(values.orders)];

interface Pool {
  readonly request: Request;
  readonly samples: readonly Sample[];
  /** By answer text: right or not. */
  readonly grades: ReadonlyMap<string, number>;
}
const task = await tinyTask('steps');
const { context, close } = rootScope({ seed: 5 });
const pools: Pool[] = [];
for (const item of task.items.slice(0, items)) {
  const at = fork(context, `item/${item.id}`);
  const { samples } = await tiny().sample({ ...item.request, n: size, logprobs: 5 }, at);
  const grades = new Map<string, number>();
  for (const sample of samples) grades.set(textOf(sample.content), await task.metric.grade(sample, item, at));
  pools.push({ request: item.request, samples, grades });
}
close();

/** The samples of a pool in an order of their own, streamed token by token: those left early are not written on. */
function dealt({ samples }: Pool, order: number): Model {
  const choice = seeded(`order ${order}`);
  const left = [...samples];
  const deck = samples.map(() => left.splice(choice.categorical(left.map(() => 1)), 1)[0] as Sample);
  let next = 0;
  const usage = { inputTokens: 0, outputTokens: 0, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 };
  return fromBackend({
    name: 'dealt',
    can: { logprobs: true, continueFrom: false, score: false, next: false, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'samples drawn before, dealt without replacement' },
    bound: () => ({ inputTokens: 0, outputTokens: 0 }),
    async call(_request, { choices }) {
      return { candidates: choices.map(() => deck[next++] as Sample), usage };
    },
    async *stream() {
      const candidate = deck[next++] as Sample;
      for (const token of candidate.tokens ?? [])
        yield { type: 'text-delta', id: 't', delta: token.token, tokens: [token] };
      yield { type: 'reply', candidate, usage };
    },
  });
}

/** Accuracy in per cent, and tokens written for an item, over all orders. */
async function measure(x: Transform): Promise<{ readonly right: number; readonly tokens: number }> {
  let [right, tokens] = [0, 0];
  for (const pool of pools)
    for (let order = 0; order < orders; order++) {
      const { sample } = await ask(plus(dealt(pool, order), x), pool.request, { seed: order });
      right += pool.grades.get(textOf(sample.content)) ?? Number.NaN;
      const facts = sample.providerMetadata?.['plusx'];
      const drawn = facts?.['tokens'] ?? Number.NaN;
      tokens += Number(drawn);
    }
  return { right: (100 * right) / (pools.length * orders), tokens: tokens / (pools.length * orders) };
}
const perSample =
  pools.flatMap(({ samples }) => samples).reduce((sum, { tokens = [] }) => sum + tokens.length, 0) /
  pools.reduce((sum, { samples }) => sum + samples.length, 0);

const votes: { readonly n: number; readonly right: number }[] = [];
console.log('| vote of | right | tokens |\n|---|---|---|');
for (const n of [1, 3, 4, 6, 8, 12, 16, 24, 32].filter((count) => count <= size)) {
  const { right } = await measure(selfConsistency({ n }));
  votes.push({ n, right });
  console.log(`| ${n} | ${right.toFixed(1)} | ${(n * perSample).toFixed(0)} |`);
}
const own = { alternatives: 0, window: 16, keep: 0.1 } as const;
const ROWS: readonly (readonly [string, Transform])[] = [
  ...[3, 4, 6, 8].map((n) => [`n=${n}, keep=0.1, alternatives=0, window=16`, deepConf({ ...own, n })] as const),
  ['n=16, warmup=4, alternatives=0, window=4', deepConf({ n: 16, warmup: 4, alternatives: 0, window: 4 })],
  ["n=8, the paper's measure: alternatives=5", deepConf({ n: 8, window: 16 })],
  ["n=8, the paper's measure, keep=0.1", deepConf({ n: 8, keep: 0.1, window: 16 })],
];
console.log('\n| deepConf | right | tokens | the smallest vote as right | fewer tokens |\n|---|---|---|---|---|');
for (const [name, x] of ROWS) {
  const { right, tokens } = await measure(x);
  const equal = votes.find((vote) => vote.right >= right - 0.05);
  const times = equal ? `${((equal.n * perSample) / tokens).toFixed(1)}x` : 'more than all of these';
  console.log(`| ${name} | ${right.toFixed(1)} | ${tokens.toFixed(0)} | ${equal?.n ?? 'none'} | ${times} |`);
}
