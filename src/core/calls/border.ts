/**
 * The border of a model: thoughts that it wrote into its text are told from what it says, whole or while they are written. What
 * goes by the raw text (tokens, log-probabilities, the beginning of a continuation) goes by `written`.
 */
import { textOf, type Content } from '../message.ts';
import { splitThoughts, thoughtSplitter, type Stretch, type ThoughtOptions } from '../reading/thoughts.ts';
import type { TokenLogprob } from '../sample.ts';
import type { Thoughts } from '../tokens/terms.ts';
import type { BackendStreamPart } from './backend.ts';
import type { Candidate } from './journal.ts';

/** A candidate with its thoughts in parts of their own; the same candidate where it wrote none into its text. */
export function split<C extends Written>(candidate: C, thoughts: Thoughts = {}): C {
  if (thoughts === false || candidate.written !== undefined) return candidate;
  let first = true;
  let found = false;
  const content = candidate.content.flatMap((part): Content[] => {
    if (part.type !== 'text') return [part];
    const stretches = splitThoughts(part.text, forPart(thoughts, first));
    first = false;
    if (stretches.every(({ type }) => type === 'text')) return [part];
    found = true;
    return stretches.map((one) => ({ ...part, ...one }));
  });
  return found ? { ...candidate, content, written: textOf(candidate.content) } : candidate;
}

/** A sample with another text in place of its own, which is what scores and continuations go by from then on. */
export function rewritten<C extends Written>({ written, ...sample }: C, text: string): Omit<C, 'written'> & Written {
  const others = sample.content.filter(
    ({ type }) => type !== 'text' && (written === undefined || type !== 'reasoning'),
  );
  return split({ ...sample, content: [...others, { type: 'text', text }] });
}

type Written = Pick<Candidate, 'content' | 'written'>;

/** A text that opens in a thought does so once. */
const forPart = (thoughts: ThoughtOptions, isFirst: boolean): ThoughtOptions =>
  isFirst ? thoughts : { ...thoughts, isOpen: false };

type Part = Exclude<BackendStreamPart, { type: 'reply' }>;
type Edge = Extract<Part, { type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end' }>;
type Delta = Extract<Part, { type: 'text-delta' | 'reasoning-delta' }>;

/**
 * The same for a stream: a text part becomes one part for each stretch. Its beginning is told at once, so that a text which turns
 * out to open with a thought leaves an empty part. What could be the beginning of a tag is held back until it is known. Where a
 * closing tag tells late that all before it was a thought, that was streamed as text; the finished sample has it right.
 */
export async function* splitStream(
  parts: AsyncIterable<BackendStreamPart> | Iterable<Part>,
  thoughts: Thoughts = {},
): AsyncGenerator<BackendStreamPart> {
  if (thoughts === false) {
    yield* parts;
    return;
  }
  let open: ReturnType<typeof textPart> | undefined;
  let first = true;
  for await (const part of parts) {
    if (part.type === 'text-start') {
      open = textPart(part, forPart(thoughts, first));
      first = false;
      yield part;
    } else if (open && part.type === 'text-delta' && part.id === open.id) yield* open.push(part);
    else if (open && part.type === 'text-end' && part.id === open.id) {
      yield* open.end(part);
      open = undefined;
    } else yield part;
  }
}

/** One text part of a stream. */
function textPart(start: Edge, options: ThoughtOptions) {
  const splitter = thoughtSplitter(options);
  let shown: { readonly type: Stretch['type']; readonly id: string } = { type: 'text', id: start.id };
  let count = 0;
  let tokens: readonly TokenLogprob[] = []; // written, and not handed on yet
  function* say({ type, text }: Stretch, more: Partial<Delta> = {}): Generator<Part> {
    if (shown.type !== type) {
      yield { type: `${shown.type}-end`, id: shown.id };
      shown = { type, id: `${start.id}/${++count}` };
      yield { ...start, type: `${type}-start`, id: shown.id };
    }
    const { tokens: _tokens, ...facts } = more;
    yield { ...facts, type: `${type}-delta`, id: shown.id, delta: text, ...(tokens.length > 0 && { tokens }) };
    tokens = [];
  }
  return {
    id: start.id,
    *push(part: Delta): Generator<Part> {
      tokens = part.tokens ? [...tokens, ...part.tokens] : tokens;
      for (const stretch of splitter.push(part.delta)) yield* say(stretch, part);
    },
    *end(part: Edge): Generator<Part> {
      for (const stretch of splitter.end()) yield* say(stretch);
      if (tokens.length > 0) yield* say({ ...shown, text: '' });
      yield { ...part, type: `${shown.type}-end`, id: shown.id };
    },
  };
}
