/**
 * What the tables of lifts cannot say of token-by-token techniques on the embedded model: node scripts/measure/decode.ts [--items 200]
 * How many texts keep to a form, what steering by a potential adds, and how much of a draft is kept.
 */
import { parseArgs } from 'node:util';
import {
  ask,
  fromBackend,
  plus,
  rootScope,
  scorer,
  textOf,
  type Context,
  type Model,
  type Process,
  type Request,
} from '../../src/core/index.ts';
import { constrained, speculative, temperature, tokenSmc } from '../../src/decode/index.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { bestOfN } from '../../src/search/index.ts';
import { equations, tinyTask, type Task } from '../../src/tasks/index.ts';

const { values } = parseArgs({ options: { items: { type: 'string', default: '200' } } });
const items = Number(values.items);
const task = await tinyTask('steps');
const percent = (share: number): string => (100 * share).toFixed(1);
const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

/** In percent, and tokens an item. */
async function share(model: Model, graded: Task): Promise<readonly [string, number]> {
  const { accuracy, tokensPerItem } = await evaluate(model, graded, { seed: 0, limit: items, concurrency: 16 });
  return [percent(accuracy), Math.round(tokensPerItem ?? Number.NaN)];
}

const STEPS = String.raw`(\d+[-+*/]\d+=\d+\n)+Answer: \d+`;
const ANSWER = String.raw`Answer: \d+`;
const SCHEMA =
  '{"type":"object","properties":{"answer":{"type":"integer"}},"required":["answer"],"additionalProperties":false}';
const FORMS = [
  {
    what: 'steps, then the answer (as taught)',
    by: { regex: STEPS },
    is: (text: string) => new RegExp(`^${STEPS}$`).test(text),
  },
  { what: 'the answer alone', by: { regex: ANSWER }, is: (text: string) => new RegExp(`^${ANSWER}$`).test(text) },
  { what: 'JSON with an integer `answer`', by: { json: SCHEMA }, is: (text: string) => answerIn(text) !== undefined },
] as const;

function answerIn(text: string): number | undefined {
  try {
    const { answer } = JSON.parse(text) as { readonly answer?: unknown };
    return Number.isInteger(answer) ? (answer as number) : undefined;
  } catch {
    return undefined;
  }
}

async function forms(): Promise<void> {
  row(
    'form',
    'temperature',
    'in the form',
    'in the form and right',
    'masked: in the form',
    'masked: in the form and right',
  );
  row(...Array.from({ length: 6 }, () => '---'));
  for (const { what, by, is } of FORMS)
    for (const t of [1, 1.5]) {
      const base = t === 1 ? tiny() : plus(tiny(), temperature({ t }));
      const kept: Task = { ...task, metric: { name: 'kept', grade: ({ content }) => Number(is(textOf(content))) } };
      const right: Task = {
        ...task,
        metric: {
          name: 'right',
          grade({ content }, { expected }) {
            const text = textOf(content);
            const answer = answerIn(text) ?? /Answer: (\d+)$/.exec(text)?.[1];
            return Number(is(text) && String(answer) === expected);
          },
        },
      };
      const shares: string[] = [];
      for (const model of [base, plus(base, constrained(by))])
        for (const graded of [kept, right]) shares.push((await share(model, graded))[0]);
      row(what, t, ...shares);
    }
}

/** Small where a whole line of the text so far is a wrong equation. */
const soFar = scorer('soFar', async (sample, request, context) => {
  const lines = textOf(sample.content).split('\n');
  const whole = sample.finish.raw === 'unfinished' ? lines.slice(0, -1) : lines;
  const text = whole.join('\n');
  if (!/=/.test(text)) return 1;
  const content = [{ type: 'text' as const, text }];
  return (await equations.score({ ...sample, content }, request, context)) === 1 ? 1 : 0.01;
});

async function steering(): Promise<void> {
  row('steps', 'right', 'tokens');
  row('---', '---', '---');
  row('one sample', ...(await share(tiny(), task)));
  for (const n of [2, 4, 8]) {
    row(
      `\`tokenSmc(n=${n})\`, potential: no wrong equation so far`,
      ...(await share(plus(tiny(), tokenSmc({ n, potential: soFar })), task)),
    );
    row(`\`bestOfN(n=${n}, score=equations)\``, ...(await share(plus(tiny(), bestOfN({ n, score: equations })), task)));
  }
}

/** Counts how often the next tokens are asked for; what is asked for together is one round. */
function counted(model: Model): { readonly model: Model; readonly rounds: () => number } {
  let [rounds, pending] = [0, 0];
  const watch = (state: Process): Process => ({
    ...state,
    async next() {
      if (pending++ === 0) rounds++;
      try {
        return await state.next();
      } finally {
        pending--;
      }
    },
    push: async (token) => watch(await state.push(token)),
  });
  const open = async (request: Request, context: Context): Promise<Process> =>
    watch((await model.open?.(request, context)) as Process);
  return { model: { ...model, open }, rounds: () => rounds };
}

/** What follows two tokens, as counted in texts of the model itself on other questions; it reads no prompt. */
async function trigrams(model: Model, texts: number): Promise<Model> {
  const { context, close } = rootScope({ seed: 0 });
  const opened = await model.open?.(task.items[0]?.request as Request, context);
  close();
  if (!opened) throw new TypeError(`${model.name} cannot be opened`);
  const { vocabulary, end } = opened;
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const counts = new Map<string, Map<number, number>>();
  for (const { request } of task.items.slice(-texts)) {
    const { sample } = await ask(model, { ...request, logprobs: true }, { seed: 'trigrams' });
    const text = [
      ...(sample.tokens ?? []).flatMap(({ token }) => ids.get(token) ?? []).filter((id) => id !== end),
      end,
    ];
    for (const [i, id] of text.entries())
      for (const key of [`${text[i - 2]} ${text[i - 1]}`, `${text[i - 1]}`]) {
        const after = counts.get(key) ?? new Map<number, number>();
        counts.set(key, after.set(id, (after.get(id) ?? 0) + 1));
      }
  }
  const law = (before: readonly (number | undefined)[]): Float64Array => {
    const p = new Float64Array(vocabulary.length).fill(0.02 / vocabulary.length);
    for (const [key, weight] of [
      [before.join(' '), 0.9],
      [`${before[1]}`, 0.08],
    ] as const) {
      const after = counts.get(key);
      const total = [...(after?.values() ?? [])].reduce((sum, count) => sum + count, 0);
      for (const [id, count] of after ?? []) p[id] = (p[id] as number) + (weight * count) / total;
    }
    return p.map(Math.log);
  };
  const process = (before: readonly [number | undefined, number | undefined]): Process => ({
    vocabulary,
    end,
    inputTokens: 0,
    next: async () => law(before),
    push: async (token) => process([before[1], token]),
  });
  return fromBackend({
    name: 'trigrams',
    can: { logprobs: false, continueFrom: false, score: false, next: true, concurrency: 64 },
    semantics: { kind: 'exact', target: 'P', why: 'counted' },
    bound: () => ({ inputTokens: 0, outputTokens: Infinity }),
    call: () => Promise.reject(new TypeError('trigrams are only drawn from token by token')),
    open: async () => process([undefined, undefined]),
  });
}
async function drafting(): Promise<void> {
  row('draft', 'tokens per round of the base', 'right', 'time, relative to no draft');
  row('---', '---', '---', '---');
  const drafts: readonly (readonly [string, Model])[] = [
    ['the base itself', tiny()],
    ['the base at temperature 0.5', plus(tiny(), temperature({ t: 0.5 }))],
    ['the base at temperature 2', plus(tiny(), temperature({ t: 2 }))],
    ['trigrams of 150 texts of the base', await trigrams(tiny(), 150)],
  ];
  const run = async (over: (base: Model) => Model): Promise<readonly [number, number, number]> => {
    const { model, rounds } = counted(tiny());
    const texts: string[] = [];
    let right = 0;
    const start = performance.now();
    for (const item of task.items.slice(0, items)) {
      const { text } = await ask(over(model), item.request, { seed: item.id });
      texts.push(text);
      right += Number(/Answer: (\d+)$/.exec(text)?.[1] === item.expected);
    }
    const time = performance.now() - start;
    let tokens = 0;
    for (const text of texts) tokens += await lengthOf(text);
    return [tokens / rounds(), right / items, time];
  };
  const [, , alone] = await run((base) => plus(base, temperature({ t: 1 })));
  for (const [name, draft] of drafts) {
    const [perRound, right, time] = await run((base) => plus(base, speculative({ draft })));
    row(name, perRound.toFixed(2), percent(right), (time / alone).toFixed(2));
  }
}

/** Tokens of a text, the end among them. */
async function lengthOf(text: string): Promise<number> {
  const { context, close } = rootScope({ seed: 0 });
  const found = await tiny().score?.(task.items[0]?.request as Request, text, context);
  close();
  return found?.tokens?.length ?? Number.NaN;
}

await forms();
console.log();
await steering();
console.log();
await drafting();
