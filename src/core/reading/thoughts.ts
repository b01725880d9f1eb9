/** Thoughts in the text of a model, told from what it says: `<think>`, `<thinking>`, `[THINK]`, the channels of gpt-oss. */

/** A stretch of a text. */
export interface Stretch {
  readonly type: 'reasoning' | 'text';
  readonly text: string;
}

/** What opens and closes a thought: the name of a tag (`think` is `<think>` and `</think>`), or both as they are written. */
export type ThoughtTag = string | readonly [open: string, close: string];

export interface ThoughtOptions {
  /** What opens and closes thoughts (default: think, thinking, [THINK] and channels). */
  readonly tags?: readonly ThoughtTag[] | undefined;
  /** Whether a text begins in a thought, because the template of the prompt opens it (default false). */
  readonly isOpen?: boolean | undefined;
}

const CHANNEL = '<|channel|>';
const BODY = '<|message|>';
const TURNS = ['<|end|>', '<|return|>', '<|call|>', '<|start|>'];
export const THOUGHT_TAGS: readonly ThoughtTag[] = ['think', 'thinking', ['[THINK]', '[/THINK]'], [CHANNEL, '<|end|>']];

export interface ThoughtSplitter {
  /** Takes the next piece of a text and gives what is certain by now. */
  push(delta: string): Stretch[];
  /** The rest, once the text has ended, a last piece included. */
  end(delta?: string): Stretch[];
  /** Whether something closed a thought that nothing had opened: what was given as text before it was a thought. */
  wasOpen(): boolean;
}

/** Longer than this, a text is not held back for a closing tag. */
const MOST_ASIDE = 20_000;
const MOST_HEADER = 80;

/** `aside`: behind a tag in the middle of a line, which opens a thought only if it is closed. `turn`: between two messages. */
type Mode = 'text' | 'thought' | 'aside' | 'header' | 'turn';

/**
 * Splits a text that comes in pieces, wherever they are cut. A tag opens a thought at the beginning of a line outside fenced
 * code, within a line only if it is closed again: a text that speaks of `<think>` stays text. What is never closed is a thought.
 */
export function thoughtSplitter({ tags = THOUGHT_TAGS, isOpen = false }: ThoughtOptions = {}): ThoughtSplitter {
  const pairs = tags.map((tag) => (typeof tag === 'string' ? ([`<${tag}>`, `</${tag}>`] as const) : tag));
  const tagged = pairs.filter(([open]) => open !== CHANNEL).map((pair) => pair.map((tag) => tag.toLowerCase()));
  const opens = new Set(tagged.map(([open]) => open));
  const closes = new Set(tagged.map(([, close]) => close)); // models close <think> by </thinking>
  const known = [...opens, ...closes, ...(tagged.length < pairs.length ? [CHANNEL, BODY, ...TURNS] : [])].filter(
    (tag) => tag !== undefined,
  );
  const token = new RegExp(known.map((tag) => tag.replaceAll(/[^\w\s]/g, String.raw`\$&`)).join('|') || '(?!)', 'gi');
  let mode: Mode = isOpen ? 'thought' : 'text';
  let held = '';
  let scanned = 0; // of what is held
  let aside = 0; // where in it the tag in the middle of a line ends
  let behind = ''; // the character in front of it
  let blank = ''; // blanks that nothing but a thought may follow
  let hasThought = isOpen;
  let isBehindThought = false;
  let hasChannel = false;
  let isFresh = true; // nothing said since the last tag
  let wasOpen = false;
  let head = ''; // how the line begins
  let isFenced = false;
  let header = ''; // how a channel's header begins
  let out: Stretch[] = [];

  const give = (type: Stretch['type'], text: string): void => {
    const last = out.at(-1);
    if (last?.type === type) out[out.length - 1] = { type, text: last.text + text };
    else if (text !== '') out.push({ type, text });
  };
  const say = (text: string): void => {
    const body = isFresh ? text.trimStart() : text;
    blank += isFresh ? text.slice(0, text.length - body.length) : '';
    if (body === '') return;
    for (const [i, line] of body.split('\n').entries()) {
      if (i > 0) head = '';
      const before = head.length;
      if (before < 3) head = (head + line).trimStart().slice(0, 3);
      if (before < 3 && (head === '```' || head === '~~~')) isFenced = !isFenced;
    }
    give('text', (hasThought ? '' : blank) + body);
    [isFresh, isBehindThought, blank] = [false, false, ''];
  };
  const think = (text: string): void => {
    const body = isFresh ? text.trimStart() : text;
    if (body === '') return;
    give('reasoning', isFresh && isBehindThought ? `\n\n${body}` : body);
    [isFresh, isBehindThought] = [false, true];
  };
  /** Gives what is held up to there, in the mode it came in. */
  const flush = (to: number): void => {
    const text = held.slice(0, to);
    if (mode === 'header') header = (header + text).slice(0, MOST_HEADER);
    if (mode === 'text') say(text);
    else if (mode === 'thought') think(text);
    behind = text.at(-1) ?? behind;
    held = held.slice(to);
    scanned = 0;
  };
  /** Goes on behind a tag, in another mode. */
  const enter = (next: Mode, length: number): void => {
    held = held.slice(length);
    [mode, isFresh, scanned, head, header] = [next, true, 0, '', ''];
    if (next === 'thought') hasThought = true;
  };
  /** The mode that a tag at the beginning of what is held leads to; none where it is text like any other. */
  const after = (tag: string): Mode | undefined => {
    if (behind === '`') return undefined;
    const isTurn = TURNS.includes(tag);
    if (mode === 'turn') return tag === CHANNEL ? 'header' : tag === BODY ? 'text' : 'turn';
    if (tag === CHANNEL || isTurn) {
      hasChannel ||= isFresh && mode === 'text' && (tag === CHANNEL || tag === '<|start|>');
      return hasChannel ? (isTurn ? 'turn' : 'header') : undefined;
    }
    if (mode === 'thought') return closes.has(tag) ? 'text' : undefined;
    if (isFenced || (!closes.has(tag) && !opens.has(tag))) return undefined;
    if (opens.has(tag)) return isFresh || head === '' ? 'thought' : 'aside';
    if (!hasThought && behind === ' ' && held[tag.length] === ' ') return undefined;
    out = out.map(({ text }) => ({ type: 'reasoning', text }));
    [wasOpen, hasThought] = [true, true];
    return 'text';
  };
  const run = (isLast: boolean): Stretch[] => {
    out = [];
    for (;;) {
      token.lastIndex = scanned;
      const found = token.exec(held);
      if (!found) break;
      const [{ length }, at, tag] = [found[0], found.index, found[0].toLowerCase()];
      if (!isLast && at + length === held.length) break; // what follows may make it another
      if (mode === 'aside') {
        scanned = at + length;
        if (!closes.has(tag)) continue;
        const thought = held.slice(aside, at);
        enter('thought', at + length);
        think(thought);
        enter('text', 0);
      } else if (mode === 'header' && tag === BODY) {
        const isFinal = /^\s*final/.test(header + held);
        enter(isFinal ? 'text' : 'thought', at + length);
        hasThought = true;
      } else if (mode === 'header') scanned = at + length;
      else {
        if (mode === 'turn') held = held.slice(at);
        else flush(at);
        const next = after(tag);
        if (next === 'aside') [mode, aside, scanned] = [next, length, length];
        else if (next === undefined) scanned = length;
        else enter(next, length);
      }
    }
    if (isLast) {
      if (mode === 'aside') mode = 'text';
      if (isFresh && mode === 'text' && held.trim() === '' && !hasThought) give('text', blank + held);
      else flush(held.length);
    } else if (mode !== 'aside') flush(certain());
    else if (held.length > MOST_ASIDE) mode = 'text';
    return out;
  };
  /** How much of what is held cannot be the beginning of a tag. */
  const certain = (): number => {
    const longest = Math.max(0, ...known.map(({ length }) => length));
    for (let from = Math.max(0, held.length - longest); from < held.length; from++) {
      const tail = held.slice(from).toLowerCase();
      if (known.some((tag) => tag.startsWith(tail))) return from;
    }
    return held.length;
  };
  return {
    push(delta) {
      held += delta;
      return run(false);
    },
    end(delta = '') {
      held += delta;
      return run(true);
    },
    wasOpen: () => wasOpen,
  };
}

/** A whole text in stretches. A closing tag that nothing opened makes all before it a thought. */
export function splitThoughts(text: string, options: ThoughtOptions = {}): Stretch[] {
  const [begin = ''] = (!text.includes('<|') && /^\s*analysis(?=\S)/.exec(text)) || [];
  const bare = begin ? text.lastIndexOf('assistantfinal') : -1; // channels whose signs were lost
  if (bare !== -1)
    return [
      { type: 'reasoning', text: text.slice(begin.length, bare) },
      ...splitThoughts(text.slice(bare + 14), options),
    ];
  return thoughtSplitter(options).end(text);
}

/** What a text says, without its thoughts. */
export function said(text: string, options: ThoughtOptions = {}): string {
  return splitThoughts(text, options)
    .map((one) => (one.type === 'text' ? one.text : ''))
    .join('');
}
