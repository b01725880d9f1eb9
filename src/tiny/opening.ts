/**
 * The ways a text can begin with a given prefix. A token may reach over the edge of the prefix: after `The ans` the model
 * would write ` answer` as one token, and reading ` ans` first would hide that from it. So the last word of the prefix is
 * left open: the text either follows its usual tokens to the edge, or leaves them for one token that covers the rest of the
 * prefix and goes beyond. These ways exclude each other, and each has its probability under the model, so drawing among
 * them and then going on is the model's law, conditional on them. (Spellings of the prefix in unusual tokens are left out.)
 */
import type { Choice } from '../core/index.ts';
import type { State } from './engine.ts';
import { lagOf, lawOf, type Settings } from './law.ts';
import { exp } from './math.ts';
import type { Runtime } from './runtime.ts';

export interface Opening {
  /** The prefix in its usual tokens, with their log-probabilities. */
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
  readonly ways: readonly Way[];
}

/** The first `kept` tokens of the prefix and then `token`, or all of them where there is no token. */
interface Way {
  readonly kept: number;
  readonly token: number | undefined;
  readonly logprob: number;
  readonly weight: number;
}

/** The law is that of the temperature; truncations apply to what is written after the prefix. */
export async function findOpening(
  { engine, tokenizer, extend }: Runtime,
  state: State,
  prefix: string,
  { temperature }: Settings,
): Promise<Opening> {
  const ids = tokenizer.encode(prefix);
  const open = lastWord(tokenizer.bytes, ids);
  const logprobs: number[] = [];
  const ways: { kept: number; token: number | undefined; logprob: number; rank: number }[] = [];
  let rank = 0; // log-probability of the open tokens so far; at temperature 0 what stands for it
  const look = (kept: number, logits: Float32Array): void => {
    const law = lawOf(engine, logits, { temperature }, tokenizer.silent);
    const rankOf = (token: number): number =>
      temperature === 0 ? lagOf(logits, token, tokenizer.silent) : law.logprob(token);
    const id = ids[kept];
    if (kept >= open && id !== undefined) {
      const rest = tokenizer.decodeBytes(ids.slice(kept));
      for (const [token, bytes] of tokenizer.bytes.entries()) {
        if (bytes.length > rest.length && rest.every((byte, i) => byte === bytes[i]))
          ways.push({ kept, token, logprob: law.logprob(token), rank: rank + rankOf(token) });
      }
      rank += rankOf(id);
    }
    if (id !== undefined) logprobs.push(law.logprob(id));
    else ways.push({ kept, token: undefined, logprob: 0, rank });
  };
  look(0, state.logits);
  if (ids.length > 0) {
    engine.release(await extend(state, ids, (index, logits) => look(index + 1, logits)));
  }
  const best = Math.max(...ways.map((way) => way.rank));
  const weigh = (rank: number): number => (temperature === 0 ? Number(rank === best) : exp(rank - best));
  return {
    ids,
    logprobs,
    ways: ways.map(({ kept, token, logprob, rank }) => ({ kept, token, logprob, weight: weigh(rank) })),
  };
}

/** Draws one of the ways: the tokens to go on from. */
export function chooseWay({ ids, logprobs, ways }: Opening, choice: Choice): { id: number; logprob: number }[] {
  const { kept, token, logprob } = ways[choice.categorical(ways.map(({ weight }) => weight))] as Way;
  const given = ids.slice(0, kept).map((id, i) => ({ id, logprob: logprobs[i] as number }));
  return token === undefined ? given : [...given, { id: token, logprob }];
}

/** Index of the token that the last word begins with: the last one that begins with a space or after something else. */
function lastWord(bytes: readonly Uint8Array[], ids: readonly number[]): number {
  let first = Math.max(0, ids.length - 1);
  const letter = (byte: number | undefined): boolean =>
    byte !== undefined && (((byte | 32) >= 97 && (byte | 32) <= 122) || byte > 127);
  while (first > 0 && letter(bytes[ids[first] as number]?.[0]) && letter(bytes[ids[first - 1] as number]?.at(-1)))
    first--;
  return first;
}
