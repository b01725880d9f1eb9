/** A finite next-token model written down: after each prefix, the distribution of the next token. Exact in every capability. */
import {
  stopSequenceAt,
  fromBackend,
  printName,
  textOf,
  type Candidate,
  type Choice,
  type Message,
  type Model,
  type Process,
  type Request,
  type TokenLogprob,
} from '../../core/index.ts';

export interface EnumerableTokensOptions {
  readonly name?: string;
  /** Texts of the tokens, none the beginning of another, so that a text is written in one way only. */
  readonly tokens: readonly string[];
  /** Weights of every token, and last of the end, after the tokens in `prefix` (indices). */
  readonly next: (prefix: readonly number[], prompt: readonly Message[]) => readonly number[];
  /** The text ends after so many tokens whatever `next` says. */
  readonly maxTokens: number;
}

/** The exact finite token model, which streams token by token. Prompts are counted in characters. `temperature` in a request is that of each token. */
export function enumerableTokens({ name = 'tokens', tokens, next, maxTokens }: EnumerableTokensOptions): Model {
  tokens.forEach((a, i) => {
    if (a === '' || tokens.some((b, j) => i !== j && b.startsWith(a)))
      throw new RangeError(`${name}: the token ${JSON.stringify(a)} begins another one`);
  });
  const end = tokens.length;
  const vocabulary = [...tokens, ''];

  const distribution = ({ prompt, temperature = 1 }: Request, prefix: readonly number[]): number[] => {
    if (prefix.length >= maxTokens) return vocabulary.map((_, i) => (i === end ? 1 : 0));
    const weights = next(prefix, prompt);
    if (weights.length !== vocabulary.length)
      throw new RangeError(`${name}: ${weights.length} weights for ${tokens.length} tokens and the end`);
    const top = Math.max(...weights);
    const tempered = weights.map((weight) =>
      temperature === 0 ? Number(weight === top) : (weight / top) ** (1 / temperature),
    );
    const total = tempered.reduce((sum, weight) => sum + weight, 0);
    return tempered.map((weight) => weight / total);
  };
  const opened = (request: Request, prefix: readonly number[]): Process => ({
    vocabulary,
    end,
    inputTokens: inputOf(request),
    next: async () => Float64Array.from(distribution(request, prefix), Math.log),
    async push(token) {
      if (!(token >= 0 && token < end)) throw new RangeError(`${name}: no token ${token} to push`);
      return opened(request, [...prefix, token]);
    },
  });
  /** The tokens of a text, and what is left where no token fits. */
  const tokenize = (text: string): { readonly ids: number[]; readonly rest: string } => {
    const ids: number[] = [];
    let rest = text;
    for (;;) {
      const found = tokens.findIndex((token) => rest.startsWith(token));
      if (found === -1) return { ids, rest };
      ids.push(found);
      rest = rest.slice((tokens[found] as string).length);
    }
  };
  const logprobOf = (request: Request, ids: readonly number[], ended: boolean): number =>
    [...ids, ...(ended ? [end] : [])].reduce(
      (sum, id, i) => sum + Math.log(distribution(request, ids.slice(0, i))[id] as number),
      0,
    );
  const tokenOf = (request: Request, before: readonly number[], id: number): TokenLogprob => {
    const law = distribution(request, before);
    const named = (index: number): TokenLogprob => ({
      token: vocabulary[index] as string,
      logprob: Math.log(law[index] as number),
    });
    const order = law.map((_, index) => index).filter((index) => (law[index] as number) > 0);
    order.sort((a, b) => (law[b] as number) - (law[a] as number) || a - b);
    return {
      ...named(id),
      ...(typeof request.logprobs === 'number' && { alternatives: order.slice(0, request.logprobs).map(named) }),
    };
  };
  const textOfIds = (ids: readonly number[]): string => ids.map((id) => tokens[id]).join('');
  const draw = function* (
    request: Request,
    choice: Choice,
    start: readonly number[],
  ): Generator<TokenLogprob, Written> {
    const ids = [...start];
    const stops = request.stopSequences ?? [];
    const from = textOfIds(start).length;
    const most = request.maxOutputTokens ?? Infinity;
    const drawn = start.map((id, i) => tokenOf(request, start.slice(0, i), id));
    let ended = false;
    let at = -1; // where a stop sequence begins
    while (!ended && at === -1 && ids.length - start.length < most) {
      const id = choice.categorical(distribution(request, ids));
      const token = tokenOf(request, ids, id);
      drawn.push(token);
      yield token;
      if (id === end) ended = true;
      else ids.push(id);
      if (stops.length > 0) at = stopSequenceAt(textOfIds(ids), stops, from);
    }
    const text = textOfIds(ids);
    const candidate: Candidate = {
      content: [{ type: 'text', text: at === -1 ? text : text.slice(0, at) }],
      finish:
        at !== -1
          ? { unified: 'stop', raw: 'stop-sequence' }
          : ended
            ? { unified: 'stop', raw: 'end' }
            : { unified: 'length', raw: 'length' },
      logprob: logprobOf(request, ids, ended),
      ...(asksLogprobs(request) && { tokens: drawn }),
    };
    return { candidate, count: ids.length - start.length };
  };
  const usage = (inputTokens: number, outputTokens: number) => ({
    inputTokens,
    outputTokens,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    usd: 0,
  });
  return fromBackend({
    name: printName(name),
    can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'drawn from the written distribution' },
    price: { input: 0, output: 0 },
    bound: (request) => ({
      inputTokens: inputOf(request),
      outputTokens: Math.min(maxTokens, request.maxOutputTokens ?? Infinity),
    }),
    async call(request, { choices, prefix = '' }) {
      const { ids, rest } = tokenize(prefix);
      if (rest !== '') throw new RangeError(`${name}: no tokens write ${JSON.stringify(prefix)}`);
      const written = choices.map((choice) => {
        const writing = draw(request, choice, ids);
        let step = writing.next();
        while (!step.done) step = writing.next();
        return step.value;
      });
      const output = written.reduce((sum, { count }) => sum + count, 0);
      const candidates = written.map(({ candidate }) => candidate);
      return { candidates, usage: usage((inputOf(request) + ids.length) * choices.length, output) };
    },
    async *stream(request, { choices }) {
      const writing = draw(request, choices[0] as Choice, []);
      const id = 'text';
      yield { type: 'text-start', id };
      const held: TokenLogprob[] = []; // until it is known that they are not the beginning of a stop sequence
      let step = writing.next();
      for (; !step.done; step = writing.next()) {
        const { token } = step.value;
        if (request.stopSequences?.length) held.push(step.value);
        else if (token)
          yield { type: 'text-delta', id, delta: token, ...(asksLogprobs(request) && { tokens: [step.value] }) };
      }
      const { candidate, count } = step.value;
      if (held.length > 0)
        yield {
          type: 'text-delta',
          id,
          delta: textOf(candidate.content),
          ...(asksLogprobs(request) && { tokens: held }),
        };
      yield { type: 'text-end', id };
      yield { type: 'reply', candidate, usage: usage(inputOf(request), count) };
    },
    async score(request, text) {
      const { ids, rest } = tokenize(text);
      const written = rest === '' && ids.length <= maxTokens;
      return {
        logprob: written ? logprobOf(request, ids, true) : -Infinity,
        usage: usage(inputOf(request) + ids.length, 0),
      };
    },
    open: async (request) => opened(request, []),
  });
}

function inputOf({ prompt }: Request): number {
  return prompt.reduce((sum, { content }) => sum + textOf(content).length, 0);
}

function asksLogprobs({ logprobs = false }: Request): boolean {
  return logprobs !== false;
}

interface Written {
  readonly candidate: Candidate;
  /** Tokens that were drawn, but for the one that ends a text. */
  readonly count: number;
}
