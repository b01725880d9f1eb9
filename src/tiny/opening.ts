/**
 * The ways a text can begin with a given prefix. A token may reach over the edge of the prefix: after `The ans` the model
 * would write ` answer` as one token, and reading ` ans` first would hide that from it. So the last word of the prefix is
 * left open, and every spelling that goes through it is found, to the token that reaches the edge or over it. Drawing one
 * of them by its probability and going on from there is the model's law, conditional on the prefix, exactly.
 */
import type { Choice } from '../core/index.ts';
import type { State } from './network/engine.ts';
import { lagOf, lawOf, type Settings } from './law.ts';
import { exp } from './network/math.ts';
import type { Runtime } from './runtime.ts';
import { NO_TAIL, type Tail } from './spelling/spelling.ts';
import { piecesOf } from './spelling/tokenizer.ts';

/** Tokens of a beginning, each with its log-probability. */
export type Given = ReadonlyArray<{ readonly id: number; readonly logprob: number }>;

export interface Opening {
  readonly ways: readonly Given[];
  /** How probable each is, not normalized. */
  readonly weights: readonly number[];
}

interface Place {
  readonly given: Given;
  readonly tail: Tail;
  /** What is left of the prefix, one character a byte. */
  readonly rest: string;
  /** Log-probability of what was written in the open part; at temperature 0 what stands for it. */
  readonly rank: number;
}

/** The law is that of the temperature; truncations apply to what is written after the prefix. */
export async function findOpening(
  { engine, tokenizer, spelling, extend }: Runtime,
  state: State,
  prefix: string,
  { temperature }: Settings,
): Promise<Opening> {
  const { binary } = tokenizer;
  const whole = tokenizer
    .encode(prefix)
    .map((id) => binary[id])
    .join('');
  const closed = tokenizer.spell(whole).slice(0, tokensBefore(tokenizer.spell, whole));
  const found: { readonly given: Given; readonly rank: number }[] = [];

  /** Tries every token that agrees with the rest of the prefix. The state belongs to the caller. */
  const walk = async (state: State, { given, tail, rest, rank }: Place): Promise<void> => {
    const barred = spelling.barred(tail);
    const { logprob } = lawOf(engine, state.logits, { temperature }, barred);
    const inside: Promise<void>[] = [];
    for (const [id, text] of binary.entries()) {
      if (barred[id] || text === '' || !(text.startsWith(rest) || rest.startsWith(text))) continue;
      const more = { id, logprob: logprob(id) };
      const own = temperature === 0 ? lagOf(state.logits, id, barred) : more.logprob;
      const next = { given: [...given, more], rank: rank + own };
      if (text.length >= rest.length) found.push(next);
      else if (state.length < engine.config.context)
        inside.push(step(state, { ...next, tail: spelling.push(tail, id), rest: rest.slice(text.length) }));
    }
    await Promise.all(inside);
  };
  const step = async (state: State, place: Place): Promise<void> => {
    const next = await extend(state, [(place.given.at(-1) as Given[number]).id]);
    try {
      await walk(next, place);
    } finally {
      engine.release(next);
    }
  };

  const given: { id: number; logprob: number }[] = [];
  let tail = NO_TAIL;
  const note = (logits: Float32Array): void => {
    const id = closed[given.length];
    if (id === undefined) return;
    given.push({ id, logprob: lawOf(engine, logits, { temperature }, spelling.barred(tail)).logprob(id) });
    tail = spelling.push(tail, id);
  };
  note(state.logits);
  const rest = whole.slice(closed.reduce((sum, id) => sum + (binary[id] as string).length, 0));
  if (closed.length === 0) await walk(state, { given, tail, rest, rank: 0 });
  else {
    const before = await extend(state, closed, (_, logits) => note(logits));
    try {
      await walk(before, { given, tail, rest, rank: 0 });
    } finally {
      engine.release(before);
    }
  }
  // The order in which walks end must not matter.
  found.sort((a, b) => compare(a.given, b.given));
  const best = Math.max(...found.map(({ rank }) => rank));
  return {
    ways: found.map(({ given }) => given),
    weights: found.map(({ rank }) => (temperature === 0 ? Number(rank === best) : exp(rank - best))),
  };
}

export function chooseWay({ ways, weights }: Opening, choice: Choice): Given {
  return ways[choice.categorical(weights)] as Given;
}

function compare(a: Given, b: Given): number {
  const at = a.findIndex(({ id }, i) => id !== b[i]?.id);
  return (a[at]?.id ?? -1) - (b[at]?.id ?? -1);
}

/** How many tokens stand before the open part: the last piece, and an apostrophe before it that may belong to it. */
function tokensBefore(spell: (binary: string) => number[], whole: string): number {
  const pieces = piecesOf(whole);
  const open = pieces.at(-2) === "'" ? 2 : 1;
  return pieces.slice(0, -open).reduce((sum, piece) => sum + spell(piece).length, 0);
}
