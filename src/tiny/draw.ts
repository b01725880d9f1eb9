/** Draws one text, a token at a time. Candidates drawn side by side share their batches and nothing else. */
import type { Choice, TokenLogprob } from '../core/index.ts';
import type { State } from './network/engine.ts';
import { lawOf, type Law, type Settings } from './law.ts';
import type { Runtime } from './runtime.ts';
import { NO_TAIL } from './spelling/spelling.ts';
import type { Tokenizer } from './spelling/tokenizer.ts';
import { createWriter } from './spelling/writer.ts';

export interface Drawing {
  /** Where to go on; the drawing gives it back. */
  readonly state: State;
  /** Tokens that are the beginning of the text, read by `state` already, each with its log-probability. */
  readonly given: ReadonlyArray<{ readonly id: number; readonly logprob: number }>;
  /** How many characters of the text were asked for: no stop sequence is looked for in them. */
  readonly fixed: number;
  readonly settings: Settings;
  readonly choice: Choice;
  /** Most tokens to draw. */
  readonly most: number;
  readonly stop: readonly string[];
  /** How many alternatives to note with every token. */
  readonly alternatives: number;
  readonly signal: AbortSignal;
}

export interface Drawn {
  readonly text: string;
  /** Why it ended: the end token, a stop sequence, the limit asked for or by the context. */
  readonly end: 'end' | 'stop-sequence' | 'limit';
  /** Of all tokens, the end token included. */
  readonly logprob: number;
  /** Their texts joined are the text; the end token and what a stop sequence took away are empty. */
  readonly tokens: readonly TokenLogprob[];
  /** Tokens drawn, the end token included. */
  readonly count: number;
}

/** Text as soon as it is certain, and the tokens drawn since the last one. */
export interface Written {
  readonly text: string;
  readonly tokens: readonly TokenLogprob[];
}

/** Yields what is written as it is written, and returns the whole. */
export async function* draw(runtime: Runtime, drawing: Drawing): AsyncGenerator<Written, Drawn> {
  const { engine, tokenizer, spelling, extend } = runtime;
  const { settings, choice, most, stop, alternatives, signal } = drawing;
  const writer = createWriter(tokenizer, stop, drawing.fixed);
  const tokens: TokenLogprob[] = [];
  let { state } = drawing;
  let tail = drawing.given.reduce((tail, { id }) => spelling.push(tail, id), NO_TAIL);
  let logprob = 0;
  let told = 0;
  const note = (token: string, own: number, law?: Law): void => {
    logprob += own;
    const others = law && alternatives > 0 ? { alternatives: likeliest(law, tokenizer, alternatives) } : {};
    tokens.push({ token, logprob: own, ...others });
  };
  const finish = (end: Drawn['end'], count: number): Drawn => {
    const rest = writer.close();
    const { text } = writer;
    let left = text.length;
    const trimmed = tokens.map((each, i) => {
      const token = `${each.token}${i === tokens.length - 1 ? rest : ''}`.slice(0, left);
      left -= token.length;
      return { ...each, token };
    });
    return { text, end, logprob, tokens: trimmed, count };
  };
  try {
    for (const { id, logprob } of drawing.given) note(writer.push(id), logprob);
    if (writer.stopped) return finish('stop-sequence', 0);
    for (let count = 1; ; count++) {
      signal.throwIfAborted();
      const shown = writer.show();
      if (shown) {
        yield { text: shown, tokens: tokens.slice(told) };
        told = tokens.length;
      }
      const law = lawOf(engine, state.logits, settings, spelling.barred(tail));
      const token = choice.categorical(law.weights);
      const own = law.logprob(token);
      if (token === tokenizer.end) {
        note('', own, law);
        return finish('end', count);
      }
      note(writer.push(token), own, law);
      if (writer.stopped) return finish('stop-sequence', count);
      if (count >= most) return finish('limit', count);
      tail = spelling.push(tail, token);
      const next = await extend(state, [token]);
      engine.release(state);
      state = next;
    }
  } finally {
    engine.release(state);
  }
}

function likeliest({ weights, logprob }: Law, tokenizer: Tokenizer, count: number): TokenLogprob[] {
  const order = weights.map((_, token) => token).filter((token) => (weights[token] as number) > 0);
  order.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  return order.slice(0, count).map((token) => ({ token: tokenizer.decode([token]), logprob: logprob(token) }));
}
