/** A finite language model written down: for each prompt, every answer and its probability. Exact in every capability. */
import {
  stopSequenceAt,
  fromBackend,
  printName,
  questionOf,
  textOf,
  type Candidate,
  type Message,
  type Model,
  type Request,
} from '../../core/index.ts';

/** Answers with their weights (normalized by their sum). */
export type Distribution = { readonly [answer: string]: number };

export interface EnumerableOptions {
  readonly name?: string;
  /** The distribution of answers given the prompt: a table by the text of the last user message, or a function. `'*'` in a table is any other prompt. */
  readonly answers: { readonly [question: string]: Distribution } | ((prompt: readonly Message[]) => Distribution);
}

/**
 * The exact finite model: P(answer | prompt) as given. It can be sampled, scored and continued from a prefix, and the
 * enumerator visits all of it. Tokens are counted as characters.
 */
export function enumerable({ name = 'enumerable', answers }: EnumerableOptions): Model {
  const lookUp = ({ prompt }: Request): Distribution => {
    if (typeof answers === 'function') return answers(prompt);
    const question = questionOf(prompt);
    const found = Object.hasOwn(answers, question) ? answers[question] : answers['*'];
    if (!found)
      throw new RangeError(
        `${name}: no distribution for the question ${JSON.stringify(question.slice(0, 80))}. Add it, or '*' for any other.`,
      );
    return found;
  };
  const outcomes = (
    request: Request,
    prefix = '',
  ): { texts: string[]; weights: number[]; logprob: (text: string) => number } => {
    const tempered = temper(lookUp(request), request.temperature);
    const total = tempered.reduce((sum, [, weight]) => sum + weight, 0);
    const kept = tempered.filter(([text]) => text.startsWith(prefix));
    if (kept.length === 0) throw new RangeError(`${name}: no answer starts with ${JSON.stringify(prefix)}`);
    const all = new Map(tempered);
    return {
      texts: kept.map(([text]) => text),
      weights: kept.map(([, w]) => w),
      logprob: (text) => Math.log((all.get(text) ?? 0) / total),
    };
  };
  const inputTokens = (request: Request): number =>
    request.prompt.reduce((sum, message) => sum + textOf(message.content).length, 0);
  const usage = (input: number, output: number) => ({
    inputTokens: input,
    outputTokens: output,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    usd: 0,
  });
  return fromBackend({
    name: printName(name),
    can: { logprobs: true, continueFrom: true, score: true, next: false, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'drawn from the written distribution' },
    price: { input: 0, output: 0 },
    bound: (request) => ({
      inputTokens: inputTokens(request),
      outputTokens: Math.max(...Object.keys(lookUp(request)).map((text) => text.length)),
    }),
    async call(request, { choices, prefix = '' }) {
      const { texts, weights, logprob } = outcomes(request, prefix);
      const stops = request.stopSequences ?? [];
      const cutOf = (text: string): string => {
        const at = stopSequenceAt(text, stops, prefix.length);
        return at === -1 ? text : text.slice(0, at);
      };
      const candidates = choices.map((choice): Candidate => {
        const whole = texts[choice.categorical(weights)] as string;
        const text = cutOf(whole);
        const raw = stops.length === 0 ? 'stop' : text === whole ? 'end' : 'stop-sequence';
        const alike = stops.length === 0 ? [whole] : texts.filter((other) => cutOf(other) === text);
        return {
          content: [{ type: 'text', text }],
          finish: { unified: 'stop', raw },
          logprob: logOfSum(alike, logprob),
        };
      });
      // A prefix is read, and only what comes after it is written.
      const written = candidates.reduce((sum, { content }) => sum + textOf(content).length - prefix.length, 0);
      return { candidates, usage: usage((inputTokens(request) + prefix.length) * choices.length, written) };
    },
    score: async (request, text) => ({
      logprob: outcomes(request).logprob(text),
      usage: usage(inputTokens(request) + text.length, 0),
    }),
  });
}

function logOfSum(texts: readonly string[], logprob: (text: string) => number): number {
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return logprob(only);
  return Math.log(texts.reduce((sum, text) => sum + Math.exp(logprob(text)), 0));
}

/** P^(1/T), the sequence-level temperature; T = 0 keeps the most likely answers. */
function temper(distribution: Distribution, temperature = 1): (readonly [string, number])[] {
  const entries = Object.entries(distribution).filter(([, weight]) => weight > 0);
  if (temperature === 1) return entries;
  const top = Math.max(...entries.map(([, weight]) => weight));
  if (temperature === 0) return entries.filter(([, weight]) => weight === top).map(([text]) => [text, 1]);
  return entries.map(([text, weight]) => [text, (weight / top) ** (1 / temperature)]);
}
