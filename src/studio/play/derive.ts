/** How one draw came about, and what could come next: a draw has one address, so it is made again and is the same. */
import {
  ask,
  extractAnswer,
  memoryJournal,
  rootScope,
  textOf,
  type AnswerFormat,
  type Process,
  type Span,
} from '../../core/index.ts';
import { baseOf } from './check.ts';
import type { Asked, Derived, DerivedStep, NextTokens } from './protocol.ts';
import { requestOf, type Running } from './run.ts';

const MOST_CHILDREN = 64;
const MOST_DEEP = 32;
const MOST_LETTERS = 4000;
const MOST_TEXTS = 16;
const MOST_TOKENS = 12;

/** Makes draw `index` of a formula again, with all of its steps. Where a journal has the calls, nothing is asked anew. */
export async function derive(
  asked: Asked,
  index: number,
  { compose, signal, host, journal }: Running,
): Promise<{ readonly derived: Omit<Derived, 'trace'>; readonly root: Span }> {
  const model = await compose(asked.formulas[0] ?? '');
  const request = { ...requestOf(asked), from: index };
  const { sample, trace } = await ask(model, request, {
    seed: asked.seed,
    signal,
    host,
    journal: journal ?? memoryJournal(),
    trace: 'texts',
    ...(asked.calls !== undefined && { budget: { calls: asked.calls } }),
  });
  const root = trace as Span;
  root.facts = { formula: model.name };
  root.said = { prompt: request.prompt, texts: [textOf(sample.content)] };
  return {
    root,
    derived: {
      text: cut(textOf(sample.content)),
      answer: extractAnswer(sample, request, (asked.answers ?? 'auto') as AnswerFormat),
      root: stepOf(root, model.name, 0),
    },
  };
}

function stepOf(span: Span, name: string, depth: number): DerivedStep {
  const shown = depth < MOST_DEEP ? span.children.slice(0, MOST_CHILDREN) : [];
  const texts = span.said?.texts ?? (span.preview === undefined ? [] : [span.preview]);
  return {
    name: name || span.name,
    kind: span.kind,
    status: span.status,
    said: texts.slice(0, MOST_TEXTS).map(cut),
    children: shown.map((child) => stepOf(child, child.name, depth + 1)),
    more: span.children.length - shown.length,
  };
}

const cut = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text);

/** The next token of the base and of the formula, after the first `position` tokens of a text of the base. */
export async function nextTokens(
  asked: Asked,
  text: string,
  position: number,
  { compose, signal }: Running,
): Promise<NextTokens> {
  const model = await compose(asked.formulas[0] ?? '');
  const base = baseOf(model);
  const request = requestOf(asked);
  const { context, close } = rootScope({ seed: asked.seed, signal });
  try {
    if (!model.open || !base.open) throw new Error(`${model.name} does not say what its next token can be.`);
    const before = await base.open(request, context);
    const after = await model.open(request, context);
    const tokens = spelled(before.vocabulary, text).slice(0, position);
    const [p, q] = await Promise.all([pushed(before, tokens), pushed(after, tokens)].map(probabilities));
    return {
      prefix: tokens.map((token) => before.vocabulary[token]).join(''),
      rows: [...(p as Float64Array).keys()]
        .map((token) => ({
          token: token === before.end ? END : (before.vocabulary[token] ?? ''),
          before: p?.[token] ?? 0,
          after: q?.[token] ?? 0,
        }))
        .toSorted((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after))
        .slice(0, MOST_TOKENS),
    };
  } finally {
    close();
  }
}

/** How the end of the text is shown. */
const END = '(end)';

async function pushed(process: Process, tokens: readonly number[]): Promise<Process> {
  let at = process;
  for (const token of tokens) at = await at.push(token);
  return at;
}

async function probabilities(process: Promise<Process>): Promise<Float64Array> {
  const logs = await (await process).next();
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** A text in the longest tokens there are, from its beginning. Ends where no token fits. */
function spelled(vocabulary: readonly string[], text: string): readonly number[] {
  const byText = new Map(vocabulary.map((token, i) => [token, i]));
  const longest = vocabulary.reduce((most, { length }) => Math.max(most, length), 0);
  const tokens: number[] = [];
  for (let at = 0; at < text.length;) {
    let length = Math.min(longest, text.length - at);
    while (length > 0 && !byText.has(text.slice(at, at + length))) length--;
    if (length === 0) break;
    tokens.push(byText.get(text.slice(at, at + length)) as number);
    at += length;
  }
  return tokens;
}
