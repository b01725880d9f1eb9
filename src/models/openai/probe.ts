/** Finds out what a server can do by asking it, and believes no claim that its own numbers contradict. */
import {
  fork,
  PlusxError,
  rootScope,
  textOf,
  user,
  type Context,
  type ContextOptions,
  type Model,
  type Request,
  type Sample,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { InvalidOption } from '../../core/index.ts';
import { openaiCompatible, optionsOf, type OpenAICompatibleOptions } from './openai-compatible.ts';
import type { Quirks } from './quirks.ts';

export interface Probed {
  /** The same model, claiming what was found. */
  readonly model: Model;
  readonly found: Required<Pick<Quirks, 'n' | 'logprobs' | 'score' | 'prefix'>>;
  /** What the server claimed or was thought to do, and does not. */
  readonly warnings: readonly Warning[];
  readonly usage: Usage;
}

/**
 * Asks the server of a model a few short questions: whether it honours `n`, sends log-probabilities, scores a given
 * text as it scored it when writing it, and continues a prefix. The model that comes back claims just that. An
 * unreachable server or a refused key is an error.
 */
export async function probe(model: Model, run: ContextOptions = {}): Promise<Probed> {
  const options = optionsOf(model);
  if (!options)
    throw new InvalidOption({
      where: 'probe',
      option: 'model',
      rule: 'must come from openaiCompatible or provider',
      value: model.name,
    });
  const { context, close } = rootScope(run);
  const warnings: Warning[] = [];
  try {
    const { n, logprobs, samples } = await first(options, fork(context, 'probe/first'), warnings);
    const score = logprobs ? await scoring(options, samples, fork(context, 'probe/score'), warnings) : undefined;
    if (options.quirks?.score && !logprobs)
      warnings.push(withdrawn(model, 'score', 'there are no log-probabilities of samples to check it against'));
    const prefix = await continuation(options, fork(context, 'probe/prefix'));
    if (options.quirks?.prefix && !prefix)
      warnings.push(withdrawn(model, 'continueFrom', 'what it goes on with is not how the whole answer goes on'));
    const found = { n, logprobs, score, prefix };
    return { model: openaiCompatible(adapted(options, found)), found, warnings, usage: context.ledger.usage };
  } finally {
    close();
  }
}

/** Short, and at the model's own distribution, so that a reported log-probability is that of the draw. */
const REQUEST: Request = {
  prompt: [user('Write one short sentence about the sea.')],
  maxOutputTokens: 16,
  temperature: 1,
};

const adapted = (options: OpenAICompatibleOptions, more: Quirks): OpenAICompatibleOptions => ({
  ...options,
  quirks: { ...options.quirks, ...more },
});

/** Two candidates with log-probabilities; where the server refuses those, without. */
async function first(
  options: OpenAICompatibleOptions,
  context: Context,
  warnings: Warning[],
): Promise<{ n: boolean; logprobs: boolean; samples: readonly Sample[] }> {
  const claimed = options.quirks?.logprobs;
  const ask = (logprobs: boolean) =>
    openaiCompatible(adapted(options, { n: options.quirks?.n, logprobs: undefined, score: undefined })).sample(
      { ...REQUEST, n: 2, ...(logprobs && { logprobs: true }) },
      context,
    );
  const { samples, warnings: met } = await ask(true).catch((error: unknown) => {
    if (error instanceof PlusxError && 'status' in error && error.status === 400) return ask(false);
    throw error;
  });
  const n = options.quirks?.n !== false && !met.some(({ code }) => code === 'n-ignored');
  const logprobs = samples.every(({ tokens }) => tokens !== undefined);
  warnings.push(...met.filter(({ code }) => code === 'n-ignored'));
  if (claimed && !logprobs)
    warnings.push({ code: 'logprobs-withdrawn', message: `${options.model} sends no log-probabilities` });
  return { n, logprobs, samples };
}

/** Servers compute in few bits, and not in the same order each time: this much a token is noise. */
const NOISE = 0.03;

async function scoring(
  options: OpenAICompatibleOptions,
  samples: readonly Sample[],
  context: Context,
  warnings: Warning[],
): Promise<Quirks['score']> {
  const way = options.api === 'completions' ? 'echo' : 'prompt_logprobs';
  const trial = openaiCompatible(adapted(options, { score: way }));
  for (const [i, { content, tokens = [] }] of samples.entries()) {
    const text = textOf(content);
    const own = ownScore(tokens, text);
    if (text === '' || own === undefined) continue;
    try {
      const scored = await trial.score?.(REQUEST, text, fork(context, `sample/${i}`));
      const off = Math.abs((scored?.logprob ?? Number.NaN) - own);
      if (off <= 0.05 + NOISE * tokens.length) continue;
      warnings.push(
        withdrawn(trial, 'score', `score(sample) is ${scored?.logprob}, the sample's own log-probability ${own}`),
      );
    } catch (error) {
      if (!(error instanceof PlusxError) || error.kind !== 'failure') throw error;
      if (options.quirks?.score) warnings.push(withdrawn(trial, 'score', error.message));
    }
    return undefined;
  }
  return way;
}

/** The log-probability of the tokens that make up the text, without the one that ends it. */
function ownScore(tokens: NonNullable<Sample['tokens']>, text: string): number | undefined {
  let spelt = '';
  let sum = 0;
  for (const { token, logprob } of tokens) {
    if (spelt.length >= text.length) break;
    spelt += token;
    sum += logprob;
  }
  return spelt === text ? sum : undefined;
}

/** The most likely answer, cut after its first half, must go on to the same answer. */
async function continuation(options: OpenAICompatibleOptions, context: Context): Promise<Quirks['prefix']> {
  if (options.api === 'completions') return undefined;
  const trial = openaiCompatible(adapted(options, { prefix: options.quirks?.prefix ?? 'continue_final_message' }));
  const greedy: Request = { ...REQUEST, temperature: 0 };
  try {
    const whole = textOf((await trial.sample(greedy, context)).samples[0]?.content ?? '');
    const words = whole.match(/\s*\S+/g) ?? [];
    const half = words.slice(0, Math.ceil(words.length / 2)).join('');
    if (words.length < 2) return undefined;
    const more = await trial.continueFrom?.(greedy, half, context);
    const text = textOf(more?.samples[0]?.content ?? '');
    // The continuation may be longer: it has as many tokens to itself as the whole had.
    return text.startsWith(whole.trimEnd()) ? (options.quirks?.prefix ?? 'continue_final_message') : undefined;
  } catch (error) {
    if (error instanceof PlusxError && error.kind === 'failure') return undefined;
    throw error;
  }
}

function withdrawn({ name }: Model, what: string, why: string): Warning {
  return { code: `${what}-withdrawn`, message: `${name} does not keep to its \`${what}\`, which is withdrawn: ${why}` };
}
