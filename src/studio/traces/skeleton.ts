/** A trace in columns: about 60 bytes a call, whatever was said in it. */
import { textOf, totalTokens, type Message, type Span } from '../../core/index.ts';
import { MOST_TURNS, turnOf } from '../play/turns.ts';
import { STATUSES, type Skeleton, type Step } from './protocol.ts';

const MOST_LETTERS = 200_000;
const MOST_TEXTS = 200;

/** The steps of a trace in the order in which they are shown. */
export function stepsOf(root: Span): readonly { readonly span: Span; readonly parent: number }[] {
  const steps: { readonly span: Span; readonly parent: number }[] = [];
  // By hand, for a trace may be deeper than the stack.
  const waiting: { readonly span: Span; readonly parent: number }[] = [{ span: root, parent: -1 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const parent = steps.push(next) - 1;
    const { children } = next.span;
    for (let i = children.length - 1; i >= 0; i--) waiting.push({ span: children[i] as Span, parent });
  }
  return steps;
}

export function skeletonOf(
  of: Pick<Skeleton, 'id' | 'created' | 'formula'>,
  steps: ReturnType<typeof stepsOf>,
): Skeleton {
  const names = new Map<string, number>();
  const nameOf = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };
  const columns = {
    parent: steps.map(({ parent }) => parent),
    name: steps.map(({ span }) => nameOf(span.name)),
    call: steps.map(({ span }) => (span.kind === 'call' ? 1 : 0)),
    start: steps.map(({ span }) => round(span.start)),
    took: steps.map(({ span }) => (span.end === undefined ? -1 : round(span.end - span.start))),
    tokens: steps.map(({ span }) => (span.usage && totalTokens(span.usage)) ?? null),
    cost: steps.map(({ span: { usage } }) => (usage?.usd === undefined ? null : Math.round(usage.usd * 1e6))),
    status: steps.map(({ span }) => Math.max(0, STATUSES.indexOf(span.status))),
  };
  return { ...of, names: [...names.keys()], ...columns };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** `begun`: when the whole trace was, which times are counted from. */
export function stepOf(span: Span, begun: number): Step {
  const { path, name, kind, status, start, end, usage, facts, said, preview } = span;
  const texts = said?.texts ?? (preview === undefined ? [] : [preview]);
  const prompt = (said?.prompt ?? []).map((message) => ({ role: message.role, text: cut(wordsIn(message)) }));
  const formula = facts?.['formula'];
  const model = typeof formula === 'string' ? formula : kind === 'call' ? name : undefined;
  return {
    path,
    name,
    kind,
    status,
    start: start - begun,
    end: end === undefined ? undefined : end - begun,
    usage: usage && {
      calls: usage.calls,
      replays: usage.replays,
      unreported: usage.unreported,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      usd: usage.usd,
    },
    facts: Object.entries(facts ?? {}).map(([key, value]) => [key, cut(JSON.stringify(value) ?? '')] as const),
    prompt,
    texts: texts.slice(0, MOST_TEXTS).map(cut),
    more: Math.max(0, texts.length - MOST_TEXTS),
    again: model === undefined ? undefined : againOf(model, said?.prompt ?? []),
  };
}

/** A link holds no more letters of what was said before a question than this. */
const MOST_BEFORE = 50_000;

/** What to ask to see a step again: all of it where it is text and ends with the question, else its question alone. */
function againOf(formula: string, prompt: readonly Message[]): Step['again'] {
  const question = prompt.findLast(({ role }) => role === 'user');
  if (!question) return undefined;
  const turns = prompt.slice(0, -1).flatMap((message) => turnOf(message) ?? []);
  const letters = turns.reduce((sum, { text }) => sum + text.length, 0);
  const isAll =
    question === prompt.at(-1) &&
    turnOf(question) !== undefined &&
    turns.length === prompt.length - 1 &&
    turns.length <= MOST_TURNS &&
    letters <= MOST_BEFORE;
  return { formula, question: cut(wordsIn(question)), turns: isAll ? turns : [], isAll };
}

/** The text of a message; of what is no text, its kind and what it holds. */
function wordsIn(message: Message): string {
  if (message.role === 'system') return message.content;
  const others = message.content.flatMap((part) => {
    if (part.type === 'text') return [];
    if (part.type === 'tool-call') return [`${part.toolName}(${JSON.stringify(part.input)})`];
    if (part.type !== 'tool-result') return [`(${part.type})`];
    const { output } = part;
    if (!('value' in output)) return [output.type];
    return [typeof output.value === 'string' ? output.value : JSON.stringify(output.value)];
  });
  return [textOf(message.content), ...others].filter(Boolean).join('\n');
}

const cut = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text);
