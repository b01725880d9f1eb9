/**
 * Draws a picture for the page of each technique, from what it does: the calls of one answer, round by round, on a model that
 * says what the technique listens for; and for techniques that work token by token, the exact distribution of a small model's
 * texts before and after. `node scripts/pictures.ts` writes docs/pictures/techniques, `--check` says whether they are up to date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { techniques } from '../src/catalog.ts';
import { distributionSvg } from '../src/cli/verbs/show-svg.ts';
import {
  NO_USAGE,
  rootScope,
  scorer,
  textOf,
  user,
  type AnyTechnique,
  type Clock,
  type Model,
  type Span,
} from '../src/core/index.ts';
import { escaped, svg, SVG_WIDTH } from '../src/evaluate/picture/svg.ts';
import { enumerableTokens } from '../src/models/written/index.ts';
import { exact } from '../src/testing/laws/exact.ts';
import { exampleOf, host, LATENCY } from './examples.ts';

interface Call {
  readonly round: number;
  readonly label: string;
}

/** The calls of one answer, as boxes: what stands in one column is in flight together. */
async function calls(technique: AnyTechnique): Promise<string> {
  const { name, summary } = technique.definition;
  const example = exampleOf(technique);
  if (!example) throw new Error(`${name} has no row in scripts/examples.ts`);
  const { context, close } = rootScope({ host, trace: true, clock: waitingClock() });
  await example.model.sample({ prompt: [user('How much is 2 + 2?')] }, context);
  close();
  const found: Call[] = [];
  const visit = (span: Span): void => {
    if (span.kind === 'call') found.push({ round: Math.round(span.start / LATENCY), label: labelOf(span.path, name) });
    span.children.forEach(visit);
  };
  if (context.span) visit(context.span);
  const rounds = [...new Set(found.map(({ round }) => round))].toSorted((a, b) => a - b);
  const columns = rounds.map((round) => found.filter((call) => call.round === round).map(({ label }) => label));
  return flow(name, summary, columns);
}

/** Time that passes only while everything waits: every call takes its latency, and nothing else takes any. */
function waitingClock(): Clock {
  let now = 0;
  const timers = new Map<() => void, number>();
  const pass = (): void => {
    const next = Math.min(...timers.values());
    if (next === Infinity) return;
    now = next;
    for (const [action, at] of timers) if (at === next && timers.delete(action)) action();
    setTimeout(pass, 5); // everything that was set going by then waits again
  };
  return {
    now: () => now,
    after(ms, action) {
      const due = (): void => action();
      if (timers.size === 0) setTimeout(pass, 5);
      timers.set(due, now + ms);
      return () => void timers.delete(due);
    },
  };
}

/** `draw/0 > selfRefine > round/1 > critique > draw/0` is the critique of round 1. */
function labelOf(path: string, technique: string): string {
  const keys = path.split(' > ').slice(1);
  const own = keys.filter((key) => key !== technique && !/^draw\/0$/.test(key));
  return (own.join(' ') || 'answer').replaceAll('/', ' ');
}

const MOST_COLUMNS = 7;
const MOST_ROWS = 7;
const TOP = 74;
const PITCH = 34;

function flow(name: string, summary: string, columns: readonly (readonly string[])[]): string {
  const kept =
    columns.length > MOST_COLUMNS
      ? [...columns.slice(0, MOST_COLUMNS - 1), [`${columns.length - MOST_COLUMNS + 1} more rounds`]]
      : columns;
  const rows = kept.map((labels) =>
    labels.length > MOST_ROWS ? [...labels.slice(0, MOST_ROWS - 1), `${labels.length - MOST_ROWS + 1} more`] : labels,
  );
  const tallest = Math.max(...rows.map((labels) => labels.length));
  const count = rows.length + 1; // and the answer
  const width = (SVG_WIDTH - 32) / count;
  const middle = TOP + (tallest * PITCH) / 2;
  const yOf = (i: number, of: number): number => middle + (i - (of - 1) / 2) * PITCH;
  const boxWidth = width - 22;
  const box = (column: number, y: number, label: string, kind: string): string => {
    const x = 16 + column * width;
    return `<rect class="${kind}" x="${x.toFixed(1)}" y="${(y - 12).toFixed(1)}" width="${boxWidth.toFixed(1)}" height="24" rx="4"/><text x="${(x + boxWidth / 2).toFixed(1)}" y="${(y + 4).toFixed(1)}" text-anchor="middle" font-size="11">${escaped(clip(label, Math.floor(boxWidth / 6)))}</text>`;
  };
  const boxes = rows.flatMap((labels, column) =>
    labels.map((label, i) => box(column, yOf(i, labels.length), label, 'call')),
  );
  const lines = rows.flatMap((labels, column) => {
    const next = rows[column + 1]?.length ?? 1;
    const from = 16 + column * width + boxWidth;
    const to = 16 + (column + 1) * width;
    return labels.flatMap((_, i) =>
      Array.from(
        { length: next },
        (__, j) =>
          `<path class="line" d="M${from.toFixed(1)} ${yOf(i, labels.length).toFixed(1)}L${to.toFixed(1)} ${yOf(j, next).toFixed(1)}"/>`,
      ),
    );
  });
  const total = columns.reduce((sum, labels) => sum + labels.length, 0);
  const told = `${total} ${total === 1 ? 'call' : 'calls'} in ${columns.length} ${columns.length === 1 ? 'round' : 'rounds'}`;
  return svg({
    heading: name,
    shown: name,
    description: `${summary}. ${told}: ${columns.map((labels) => labels.join(', ')).join('; then ')}.`,
    height: TOP + tallest * PITCH + 16,
    style: '.call{fill:#dbe7f5;stroke:#2f6fb5}.answer{fill:#dff0df;stroke:#3a8a3a}.line{stroke:#8b93a1;fill:none}',
    darkStyle: '.call{fill:#22354a;stroke:#6ea8e6}.answer{fill:#1f3d24;stroke:#6fbf73}.line{stroke:#6f7989}',
    body: [
      `<text class="quiet" x="16" y="48">${escaped(`${summary}: ${told}`)}</text>`,
      ...lines,
      ...boxes,
      box(rows.length, middle, 'answer', 'answer'),
    ],
  });
}

const clip = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(1, columns - 1))}…` : text;

type Rows = readonly (readonly number[])[];
const ROWS: Rows = [
  [5, 3, 1.5, 0.5],
  [1, 1, 0, 4],
  [2, 0.5, 0.5, 3],
  [1, 1, 1, 1],
];
const OTHERS: Rows = [
  [2, 3, 2, 1],
  [1, 2, 0, 2],
  [1, 1, 1, 2],
  [2, 1, 1, 1],
];

/** A small token model, two tokens at most: what it writes depends on the token before, and on whether there is a question. */
const small = (name: string, rows: Rows): Model =>
  enumerableTokens({
    name,
    tokens: ['a', 'b', 'c'],
    next: (prefix, prompt) => {
      const known = JSON.stringify(prompt).includes('question') ? rows : OTHERS;
      return known[prefix.length === 0 ? 0 : (prefix.at(-1) as number) + 1] as readonly number[];
    },
    maxTokens: 2,
  });

/** The texts of a small model before and after, exactly. */
async function tokens(technique: AnyTechnique): Promise<string> {
  const base = small('base', ROWS);
  const other = small('other', OTHERS);
  const likesB = scorer('likesB', ({ content }) => 1 + 3 * (textOf(content).match(/b/g)?.length ?? 0));
  const { name } = technique.definition;
  const OPTIONS: { readonly [technique: string]: { readonly [option: string]: unknown } } = {
    classifierFreeGuidance: { scale: 2 },
    constrained: { regex: 'b.?' },
    contrastiveDecoding: { amateur: other },
    minP: { p: 0.3 },
    powerSampling: { alpha: 2, steps: 2 },
    speculative: { draft: other },
    temperature: { t: 0.5 },
    tokenSmc: { n: 2, potential: likesB },
    topK: { k: 2 },
    topNSigma: { n: 0.5 },
    topP: { p: 0.7 },
  };
  if (technique.takes !== 'one') throw new Error(`${name} combines models`);
  const model = technique(OPTIONS[name] ?? {})(base);
  const shares = async (of: Model) =>
    [...(await exact(of, 'question'))].map(([answer, probability]) => ({
      answer: answer || '(empty)',
      probability,
      ci95: undefined,
    }));
  const distribution = async (of: Model) => ({
    exact: true,
    paths: undefined,
    samples: undefined,
    answers: (await shares(of)).toSorted((a, b) => b.probability - a.probability),
    callsPerAnswer: undefined,
    tokensPerAnswer: undefined,
    usdPerAnswer: undefined,
  });
  return distributionSvg({
    question: `${name}: every text of a small model, exactly`,
    model: 'base',
    formula: model.name,
    before: await distribution(base),
    after: await distribution(model),
    totalVariation: undefined,
    usage: NO_USAGE,
    seed: 0,
  } as never);
}

const FOLDER = new URL('../docs/pictures/techniques/', import.meta.url);
const check = process.argv.includes('--check');
const stale: string[] = [];
mkdirSync(FOLDER, { recursive: true });
for (const technique of techniques) {
  const { name, room } = technique.definition;
  const picture = room === 'decode' ? await tokens(technique) : await calls(technique);
  const file = new URL(`${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.svg`, FOLDER);
  if (!check) writeFileSync(file, picture);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== picture) stale.push(name);
}
if (stale.length > 0) {
  console.error(`Pictures out of date: ${stale.join(', ')}. Run \`node scripts/pictures.ts\`.`);
  process.exit(1);
}
