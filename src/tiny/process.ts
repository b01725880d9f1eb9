/** The next-token process: immutable, lazy, and what is asked of several processes in one turn is one batch. */
import { notePossible, type Process } from '../core/index.ts';
import type { State } from './network/engine.ts';
import { lawOf } from './law.ts';
import type { Runtime } from './runtime.ts';
import { NO_TAIL, type Tail } from './spelling/spelling.ts';
import type { Tokenizer } from './spelling/tokenizer.ts';

/**
 * The process from a state on. Its law is the model's own, at temperature 1: whoever draws from it decides how.
 * @param pushed told of every token pushed.
 */
export function openProcess(runtime: Runtime, start: State, pushed: () => void): Process {
  const { engine, tokenizer, spelling, extend } = runtime;
  const vocabulary = vocabularyOf(tokenizer);
  const after = (state: State, pending: readonly number[], tail: Tail): Process => {
    let reading: Promise<State> | undefined;
    const read = (): Promise<State> =>
      (reading ??= pending.length === 0 ? Promise.resolve(state) : extend(state, pending));
    const process: Process = {
      vocabulary,
      end: tokenizer.end,
      async next() {
        const { logits } = await read();
        const { logprob } = lawOf(engine, logits, { temperature: 1 }, spelling.barred(tail));
        const logprobs = new Float64Array(logits.length);
        for (let token = 0; token < logprobs.length; token++) logprobs[token] = logprob(token);
        return logprobs;
      },
      async push(token) {
        if (!tokenizer.binary[token])
          throw new RangeError(`push: ${token} adds nothing to a text: it must be a token other than control tokens`);
        pushed();
        const next = spelling.push(tail, token);
        return reading ? after(await reading, [token], next) : after(state, [...pending, token], next);
      },
    };
    return notePossible(process, spelling.possible(tail));
  };
  return after(start, [], NO_TAIL);
}

const vocabularies = new WeakMap<Tokenizer, readonly string[]>();

/** Text of each token; a byte that is no letter by itself is U+FFFD, a control token is empty. */
function vocabularyOf(tokenizer: Tokenizer): readonly string[] {
  const known = vocabularies.get(tokenizer);
  if (known) return known;
  const vocabulary = tokenizer.bytes.map((_, token) => tokenizer.decode([token]));
  vocabularies.set(tokenizer, vocabulary);
  return vocabulary;
}
