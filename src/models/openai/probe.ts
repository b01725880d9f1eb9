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
  type Sampled,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { endpoint } from '../../core/calls/secrets.ts';
import { InvalidOption } from '../../core/index.ts';
import { FORMATS, isRefusal, memoryOf } from './memory.ts';
import { openaiCompatible, optionsOf, type OpenAICompatibleOptions } from './openai-compatible.ts';
import type { Quirks } from './quirks.ts';

/** What was found of one ability, and by what. */
export interface Finding {
  readonly ability: string;
  /** `yes`, `no` or `unknown`; `cut here` where it is done on this side. */
  readonly found: string;
  readonly evidence: string;
}

export interface Probed {
  /** The same model, claiming what was found. */
  readonly model: Model;
  readonly found: Required<
    Pick<Quirks, 'n' | 'logprobs' | 'score' | 'prefix' | 'repeatsPrefix' | 'defaults' | 'countsEnd' | 'jsonSchema'>
  >;
  /** Everything that was tried, with the evidence. */
  readonly findings: readonly Finding[];
  /** What the server claimed or was thought to do, and does not. */
  readonly warnings: readonly Warning[];
  readonly usage: Usage;
}

/** What a probe takes at most: six tries of settings, and the most that each part of it asks for. */
export const PROBE_MOST = { calls: 6 + 2 + 3 + 6 + 3 + 1 + 2 + 6, outputTokens: 26 * 16 + 3 * 64 } as const;

/**
 * Asks the server of a model a few short questions: which neutral settings of the sampler it takes; whether it honours
 * `n`, seed, temperature, the bound of tokens and stop sequences; whether it sends log-probabilities, scores a given text
 * as it scored it when writing it, and continues a prefix. The model that comes back claims just that. An unreachable
 * server or a refused key is an error.
 */
export async function probe(model: Model, run: ContextOptions = {}): Promise<Probed> {
  const given = optionsOf(model);
  if (!given)
    throw new InvalidOption({
      where: 'probe',
      option: 'model',
      rule: 'must come from openaiCompatible or provider',
      value: model.name,
    });
  const { context: scope, close } = rootScope(run);
  // What a journal holds says nothing of the server as it is now.
  const context: Context = { ...scope, journal: undefined };
  const notes = notesOf();
  try {
    const { defaults, asksLogprobs } = await settings(given, fork(context, 'probe/settings'), notes);
    const options = adapted(given, { defaults });
    const { takesN, logprobs, samples } = await first(options, asksLogprobs, fork(context, 'probe/first'), notes);
    const counts = (): Promise<Counts> => counting(options, fork(context, 'probe/count'), notes);
    const { ofN = true, countsEnd } = (await unlessRefused(notes, 'tokens of n', counts)) ?? {};
    const n = takesN && ofN;
    await unlessRefused(notes, 'draws differ', () => draws(options, samples, fork(context, 'probe/draws'), notes));
    const whole =
      (await unlessRefused(notes, 'temperature', () => greedy(options, fork(context, 'probe/greedy'), notes))) ?? '';
    await unlessRefused(notes, 'stop sequences', () => stopping(options, whole, fork(context, 'probe/stop'), notes));
    const score = logprobs ? await scoring(options, samples, fork(context, 'probe/score'), notes) : undefined;
    if (!logprobs) notes.find('score', 'no', 'there are no log-probabilities of samples to check it against');
    if (given.quirks?.score && !logprobs)
      notes.warn(withdrawn(model, 'score', 'there are no log-probabilities of samples to check it against'));
    const { prefix, repeatsPrefix } = await continuation(options, whole, fork(context, 'probe/prefix'), notes);
    if (given.quirks?.prefix && !prefix)
      notes.warn(withdrawn(model, 'continueFrom', 'what it goes on with is not how the whole answer goes on'));
    const schema = (): Promise<Quirks['jsonSchema']> => formatting(options, fork(context, 'probe/format'), notes);
    const jsonSchema = await unlessRefused(notes, 'JSON schema', schema);
    const found = { n, logprobs, score, prefix, repeatsPrefix, defaults, countsEnd, jsonSchema };
    const { findings, warnings } = notes;
    return { model: openaiCompatible(adapted(given, found)), found, findings, warnings, usage: scope.ledger.usage };
  } finally {
    close();
  }
}

interface Notes {
  readonly findings: Finding[];
  readonly warnings: Warning[];
  find(ability: string, found: string, evidence: string): void;
  warn(warning: Warning): void;
}

function notesOf(): Notes {
  const findings: Finding[] = [];
  const warnings: Warning[] = [];
  return {
    findings,
    warnings,
    find: (ability, found, evidence) => void findings.push({ ability, found, evidence }),
    warn: (warning) => void warnings.push(warning),
  };
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

/** Fields of many servers, all neutral. A server that knows one is undone by it; one that knows none drops them, or refuses. */
const EVERYWHERE = {
  temperature: 1,
  top_p: 1,
  min_p: 0,
  typical_p: 1,
  repeat_penalty: 1,
  repetition_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  dry_multiplier: 0,
  xtc_probability: 0,
};
const NEUTRAL: readonly Quirks['defaults'][] = [
  { ...EVERYWHERE, top_k: -1 },
  { ...EVERYWHERE, top_k: 0 },
  { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0 },
  { temperature: 1, top_p: 1 },
  {},
];

/** A part of the probe. What the server refuses is not known of it. */
async function unlessRefused<T>(notes: Notes, ability: string, part: () => Promise<T>): Promise<T | undefined> {
  try {
    return await part();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    notes.find(ability, 'unknown', error.message);
    return undefined;
  }
}

/** The first of the neutral settings that the server takes, with log-probabilities where it takes those. */
async function settings(
  options: OpenAICompatibleOptions,
  context: Context,
  notes: Notes,
): Promise<{ defaults: Quirks['defaults']; asksLogprobs: boolean }> {
  const own = options.quirks?.defaults;
  const { temperature: _temperature, ...request } = REQUEST;
  const tries = (own ? [own] : NEUTRAL).flatMap((defaults) => [
    { defaults, asksLogprobs: true },
    ...(own || defaults === NEUTRAL.at(-1) ? [{ defaults, asksLogprobs: false }] : []),
  ]);
  let refusal: unknown;
  for (const { defaults, asksLogprobs } of tries) {
    try {
      const trial = openaiCompatible(adapted(options, { ...PLAIN, defaults }));
      await trial.sample({ ...request, ...(asksLogprobs && { logprobs: true }) }, context);
      const fields = Object.keys(defaults ?? {});
      const evidence = fields.length > 0 ? `it takes ${fields.join(', ')}` : 'it refuses every one that was tried';
      notes.find('neutral settings', fields.length > 0 ? 'yes' : 'unknown', evidence);
      return { defaults, asksLogprobs };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Claims nothing, so that what is sent is what is asked for. */
const PLAIN: Quirks = { logprobs: undefined, score: undefined, prefix: undefined };

/** Two candidates, with log-probabilities where the server takes them. */
async function first(
  options: OpenAICompatibleOptions,
  asksLogprobs: boolean,
  context: Context,
  notes: Notes,
): Promise<{ takesN: boolean; logprobs: boolean; samples: readonly Sample[] }> {
  const trial = openaiCompatible(adapted(options, PLAIN));
  const { samples, warnings } = await trial.sample(
    { ...REQUEST, n: 2, ...(asksLogprobs && { logprobs: true }) },
    context,
  );
  named(options, samples, notes);
  const ignored = warnings.filter(({ code }) => code === 'n-ignored');
  const takesN = options.quirks?.n !== false && ignored.length === 0;
  notes.warnings.push(...ignored);
  notes.find(
    'n',
    takesN ? 'yes' : 'no',
    ignored[0]?.message ?? (takesN ? '2 candidates of one request' : 'it is known not to be taken, and not asked for'),
  );
  const logprobs = samples.length > 0 && samples.every(({ tokens }) => tokens !== undefined);
  notes.find(
    'log-probabilities',
    logprobs ? 'yes' : 'no',
    logprobs
      ? `${samples.map(({ tokens = [] }) => tokens.length).join(' and ')} tokens${samples.every(({ logprob }) => logprob !== undefined) ? ' that spell the texts' : `, but ${warnings.find(({ code }) => code === 'logprob-unknown')?.message ?? 'none of the whole texts'}`}`
      : asksLogprobs
        ? 'asked for, and none came'
        : 'it refuses to be asked for them',
  );
  if (options.quirks?.logprobs && !logprobs)
    notes.warn({ code: 'logprobs-withdrawn', message: `${options.model} sends no log-probabilities` });
  return { takesN, logprobs, samples };
}

/** Whether the reply is of the model that was asked for. Some servers have one model, and answer to any name. */
function named(
  { model, provider = 'openaiCompatible' }: OpenAICompatibleOptions,
  [sample]: readonly Sample[],
  notes: Notes,
): void {
  const other = sample?.providerMetadata?.[provider]?.['model'];
  if (typeof other !== 'string') return notes.find('model', 'unknown', 'the reply does not say of which model it is');
  const isSame = other.startsWith(model);
  notes.find('model', isSame ? 'yes' : 'unknown', isSame ? other : `asked for ${model}, and the reply says ${other}`);
}

interface Counts {
  readonly ofN: boolean;
  readonly countsEnd: boolean | undefined;
}

/** Whether the tokens of two candidates are counted: at temperature 0 they are the same, and twice those of one. */
async function counting(options: OpenAICompatibleOptions, context: Context, notes: Notes): Promise<Counts> {
  const trial = openaiCompatible(adapted(options, { ...PLAIN, countsEnd: undefined }));
  const long: Request = { ...REQUEST, temperature: 0, maxOutputTokens: 64 };
  const alone = await trial.sample(long, fork(context, 'one'));
  const one = alone.usage.outputTokens;
  const countsEnd = await endCounted(trial, alone, long, fork(context, 'end'), notes);
  const { usage, samples, warnings } = await trial.sample({ ...long, n: 2 }, fork(context, 'two'));
  const both = usage.outputTokens;
  const isSame = new Set(samples.map(said)).size === 1 && !warnings.some(({ code }) => code === 'n-ignored');
  const isWrong = one !== undefined && both !== undefined && isSame && both < 1.5 * one;
  const known = one !== undefined && both !== undefined && isSame;
  notes.find(
    'tokens of n',
    isWrong ? 'no' : known ? 'yes' : 'unknown',
    `${one ?? 'unknown'} tokens reported for one answer, ${both ?? 'unknown'} for two of it`,
  );
  if (isWrong)
    notes.warn({
      code: 'n-miscounted',
      message: `${options.model} reports ${both} tokens for two candidates of ${one} each: candidates are asked for one by one`,
    });
  return { ofN: !isWrong, countsEnd };
}

/** Whether the token that ends a text is counted: then one token less is room enough for all the text there is. */
async function endCounted(
  trial: Model,
  { samples: [whole], usage: { outputTokens: all } }: Sampled,
  request: Request,
  context: Context,
  notes: Notes,
): Promise<boolean | undefined> {
  if (whole?.finish.unified !== 'stop' || all === undefined || all < 3) {
    notes.find('end of a text counted', 'unknown', 'no short answer came to its end with a number of tokens');
    return undefined;
  }
  const { samples } = await trial.sample({ ...request, maxOutputTokens: all - 1 }, context);
  const [least] = samples;
  const told = `${all} tokens reported for a text, and ${all - 1} are`;
  if (said(least) === said(whole)) {
    notes.find('end of a text counted', 'yes', `${told} room enough for it`);
    return true;
  }
  const isCut = least?.finish.unified === 'length' && said(whole).startsWith(said(least).trimEnd());
  notes.find('end of a text counted', isCut ? 'no' : 'unknown', `${told} ${isCut ? 'not enough' : 'another text'}`);
  return isCut ? false : undefined;
}

/** Nobody answers so who is not made to. */
const SCHEMA = { type: 'object', properties: { sentence: { type: 'string' } }, required: ['sentence'] };
const BEGUN = /^\s*\{\s*(?:"(?:sentence"\s*:.*)?)?$/s;

/** Whether a JSON schema is kept, and how it is asked for. */
async function formatting(
  options: OpenAICompatibleOptions,
  context: Context,
  notes: Notes,
): Promise<Quirks['jsonSchema']> {
  const { model, api, quirks, baseURL } = options;
  if (api !== 'completions' && quirks?.jsonSchema === false) {
    notes.find('JSON schema', 'no', 'it is known not to be taken, and not asked for');
    return false;
  }
  const asked: Request = { ...REQUEST, temperature: 0, responseFormat: { type: 'json', schema: SCHEMA } };
  const ways = new Set(
    api === 'completions' ? ([quirks?.jsonSchema || true, 'json_schema'] as const) : [quirks?.jsonSchema],
  );
  const evidence: string[] = [];
  for (const jsonSchema of ways) {
    const trial = openaiCompatible(adapted(options, { ...PLAIN, jsonSchema }));
    const work = trial.sample(asked, fork(context, String(jsonSchema)));
    const sampled = await work.catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      evidence.push(error.message);
    });
    if (!sampled) continue;
    const text = said(sampled.samples[0]);
    const isKept = BEGUN.test(text) && !sampled.warnings.some(({ code }) => code === 'format-ignored');
    const isOther = FORMATS[memoryOf(endpoint(baseURL).shown, model).format] === 'json_object';
    const way = isOther && api !== 'completions' ? (jsonSchema ?? 'json_object') : jsonSchema;
    if (isKept) {
      notes.find(
        'JSON schema',
        'yes',
        `${JSON.stringify(text.slice(0, 40))}${typeof way === 'string' ? `, asked for as ${way}` : ''}`,
      );
      return way;
    }
    evidence.push(`it writes ${JSON.stringify(text.slice(0, 40))}`);
  }
  notes.find('JSON schema', 'no', evidence.join('; '));
  if (api !== 'completions' && !evidence.some((one) => !one.startsWith('it writes')))
    notes.warn({
      code: 'format-ignored',
      message: `${model} does not keep to a JSON schema: each reply is checked for it`,
    });
  return quirks?.jsonSchema;
}

const said = (sample: Sample | undefined): string => textOf(sample?.content ?? '');

/** Whether a seed is kept, and whether draws differ at all. */
async function draws(
  options: OpenAICompatibleOptions,
  samples: readonly Sample[],
  context: Context,
  notes: Notes,
): Promise<void> {
  const { model, quirks } = options;
  const trial = openaiCompatible(adapted(options, PLAIN));
  const draw = async (place: string, request: Request = REQUEST): Promise<Sample | undefined> =>
    (await trial.sample(request, fork(context, place))).samples[0];
  // One after the other: some servers keep a seed only while nobody else asks.
  const one = await draw('seed');
  const others = [await draw('seed'), await draw('seed')];
  const again = others.find((sample) => said(sample) !== said(one));
  const texts = [...samples, one].map(said);
  const differ = new Set([...texts, ...others.map(said)]).size > 1;
  if (again) {
    notes.find('seed', 'no', `one seed, two texts: ${quoted(one)} and ${quoted(again)}`);
    if (quirks?.seed !== false)
      notes.warn({
        code: 'seed-ignored',
        message: `${model} answers one seed with two texts: only a journal makes a run repeatable`,
      });
  } else if (differ) {
    notes.find('seed', 'yes', `one seed three times, one text; ${texts.length} seeds, ${new Set(texts).size} texts`);
    await sideBySide(options, draw, notes);
  }
  if (differ) {
    notes.find('draws differ', 'yes', `${texts.length} seeds, ${new Set(texts).size} texts`);
    return;
  }
  // A model may be nearly certain of its answer. A flatter distribution tells that from one that is not drawn from.
  const flat: Request = { ...REQUEST, temperature: 2 };
  const more = [await draw('flat/0', flat), await draw('flat/1', flat), await draw('flat/2', flat)];
  const all = new Set([...texts, ...more.map(said)]);
  const evidence = `${texts.length + more.length} seeds, ${all.size} texts, 3 of them at temperature 2: ${quoted(one)}`;
  if (all.size > 1) {
    notes.find('seed', 'yes', 'one seed three times, one text');
    notes.find('draws differ', 'yes', evidence);
    return;
  }
  notes.find('seed', 'unknown', 'all draws are the same');
  notes.find('draws differ', 'no', evidence);
  notes.warn({
    code: 'draws-identical',
    message: `${model} gives the same text whatever seed and temperature it is sent: several draws are copies of one`,
  });
}

/** Whether seeds are kept where calls run side by side. Some servers have one source of chance for all of them. */
async function sideBySide(
  { model, quirks }: OpenAICompatibleOptions,
  draw: (place: string) => Promise<Sample | undefined>,
  notes: Notes,
): Promise<void> {
  const places = ['side/0', 'side/1', 'side/2', 'side/3'];
  const both = (await Promise.all([...places, ...places].map((place) => draw(place)))).map(said);
  const kept = places.filter((_, i) => both[i] === both[i + places.length]).length;
  const evidence = `${kept} of ${places.length} seeds gave one text where eight calls ran side by side`;
  notes.find('seeds side by side', kept === places.length ? 'yes' : 'no', evidence);
  if (kept < places.length && quirks?.seed !== false)
    notes.warn({
      code: 'seed-crossed',
      message: `${model} keeps a seed for one call after another, and not for calls side by side: only a journal, or one call at a time, makes a run repeatable`,
    });
}

const quoted = (sample: Sample | undefined): string => JSON.stringify(said(sample).slice(0, 40));

const FEW = 4;

/** The likeliest text; a second, shorter draw of it tells whether temperature and the bound of tokens are kept. */
async function greedy(options: OpenAICompatibleOptions, context: Context, notes: Notes): Promise<string> {
  const { model } = options;
  const trial = openaiCompatible(adapted(options, PLAIN));
  const at0: Request = { ...REQUEST, temperature: 0 };
  const [long] = (await trial.sample(at0, fork(context, 'long'))).samples;
  const few: Request = { ...at0, maxOutputTokens: FEW };
  const [short] = (await trial.sample(few, fork(context, 'short'))).samples;
  const [other] = (await trial.sample(few, fork(context, 'other'))).samples;
  const [whole, start] = [said(long), said(short)];
  const odd = [short, other].find((sample) => !isStart(said(sample), whole));
  const evidence = 'three seeds at temperature 0';
  notes.find(
    'temperature',
    odd ? 'no' : 'yes',
    odd ? `${evidence}: ${quoted(long)} and ${quoted(odd)}` : `${evidence}, one text`,
  );
  if (odd)
    notes.warn({ code: 'temperature-ignored', message: `${model} gives two texts for two seeds at temperature 0` });
  const counted = short?.usage?.outputTokens ?? short?.tokens?.length;
  const words = start.match(/\S+/g)?.length ?? 0;
  const tooLong = counted === undefined ? words > FEW : counted > FEW || (words > counted && words > FEW);
  notes.find(
    'bound of tokens',
    tooLong ? 'no' : 'yes',
    `asked for ${FEW} tokens, got ${counted ?? 'an unknown number'}: ${quoted(short)}`,
  );
  if (tooLong)
    notes.warn({
      code: 'max-tokens-ignored',
      message: `${model} writes more tokens than it is allowed: a budget can be overrun by its answers`,
    });
  return whole;
}

/** Whether a text is the start of another, or all of it. One that stops in the middle of a character is. */
const isStart = (start: string, whole: string): boolean =>
  whole.startsWith(start.trimEnd().replace(/\uFFFD+$/, '')) || start.startsWith(whole.trimEnd());

/** Whether a text ends before a stop sequence. */
async function stopping(
  options: OpenAICompatibleOptions,
  whole: string,
  context: Context,
  notes: Notes,
): Promise<void> {
  const [, second] = whole.match(/\S+/g) ?? [];
  const at = second === undefined ? -1 : whole.indexOf(second);
  if (second === undefined || at < 1)
    return notes.find('stop sequences', 'unknown', 'the answer has fewer than two words');
  const trial = openaiCompatible(adapted(options, PLAIN));
  const stopped: Request = { ...REQUEST, temperature: 0, stopSequences: [second] };
  const { samples, warnings } = await trial.sample(stopped, context);
  const left = warnings.some(({ code }) => code === 'stop-left-in');
  const raw = samples[0]?.finish.raw;
  notes.find(
    'stop sequences',
    left ? 'cut here' : 'yes',
    `${left ? 'left in, or not heeded' : 'it ends before'} ${JSON.stringify(second)}, and calls that ${JSON.stringify(raw ?? null)}`,
  );
}

/** Servers compute in few bits, and not in the same order each time: this much a token is noise. */
const NOISE = 0.03;

async function scoring(
  options: OpenAICompatibleOptions,
  samples: readonly Sample[],
  context: Context,
  notes: Notes,
): Promise<Quirks['score']> {
  const way = options.api === 'completions' ? 'echo' : 'prompt_logprobs';
  const trial = openaiCompatible(adapted(options, { score: way }));
  let checked = 0;
  for (const [i, { content, tokens = [] }] of samples.entries()) {
    const text = textOf(content);
    const own = ownScore(tokens, text);
    if (text === '' || own === undefined) continue;
    try {
      const scored = await trial.score?.(REQUEST, text, fork(context, `sample/${i}`));
      const off = Math.abs((scored?.logprob ?? Number.NaN) - own);
      checked++;
      if (off <= 0.05 + NOISE * tokens.length) continue;
      const why = `score(sample) is ${scored?.logprob}, the sample's own log-probability ${own}`;
      notes.find('score', 'no', why);
      notes.warn(withdrawn(trial, 'score', why));
    } catch (error) {
      if (!(error instanceof PlusxError) || error.kind !== 'failure') throw error;
      notes.find('score', 'no', /it cannot score: [^:]+/.exec(error.message)?.[0] ?? error.message);
      if (options.quirks?.score) notes.warn(withdrawn(trial, 'score', error.message));
    }
    return undefined;
  }
  if (checked === 0) {
    notes.find('score', 'unknown', 'no sample has tokens that spell its text');
    return undefined;
  }
  notes.find('score', 'yes', `${checked} samples scored by ${way} as they were when they were written`);
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

/** The most likely answer, cut after its first half, must go on to the same answer: behind that half, or with it said again. */
async function continuation(
  options: OpenAICompatibleOptions,
  whole: string,
  context: Context,
  notes: Notes,
): Promise<Pick<Quirks, 'prefix' | 'repeatsPrefix'>> {
  const none = { prefix: undefined, repeatsPrefix: undefined };
  if (options.api === 'completions') {
    notes.find('continuation', 'yes', 'a completions endpoint goes on from any text');
    return none;
  }
  const words = whole.match(/\s*\S+/g) ?? [];
  if (words.length < 2) {
    notes.find('continuation', 'unknown', 'the answer has fewer than two words');
    return none;
  }
  const half = words.slice(0, Math.ceil(words.length / 2)).join('');
  const evidence: string[] = [];
  const ways = new Set([options.quirks?.prefix, 'continue_final_message', 'trailing'] as const);
  for (const prefix of ways) {
    if (prefix === undefined) continue;
    const trial = openaiCompatible(adapted(options, { ...PLAIN, prefix, repeatsPrefix: false }));
    try {
      const more = await trial.continueFrom?.({ ...REQUEST, temperature: 0 }, half, fork(context, prefix));
      // The continuation may be longer: it has as many tokens to itself as the whole had.
      const added = said(more?.samples[0]).slice(half.length);
      const goal = whole.trimEnd();
      const goesOn = (half + added).startsWith(goal);
      // A new answer from the start is the likeliest one too: only a beginning that is not likely tells a repeat from it.
      const repeatsPrefix = !goesOn && added.startsWith(goal) && (await repeats(trial, fork(context, `${prefix}/odd`)));
      if (goesOn || repeatsPrefix) {
        const how = repeatsPrefix ? ', and says the beginning again' : '';
        notes.find(
          'continuation',
          'yes',
          `by ${prefix}, ${JSON.stringify(half)} goes on to the likeliest answer${how}`,
        );
        return { prefix, repeatsPrefix };
      }
      evidence.push(`${prefix}: ${JSON.stringify(half)} goes on with ${JSON.stringify(added.slice(0, 40))}`);
    } catch (error) {
      if (!(error instanceof PlusxError) || error.kind !== 'failure') throw error;
      evidence.push(`${prefix}: ${error.message}`);
    }
  }
  notes.find('continuation', 'no', evidence.join('; '));
  return none;
}

const ODD = 'Seven purple kettles';

/** Whether a reply to the beginning of an answer that no model gives says that beginning again. */
async function repeats(trial: Model, context: Context): Promise<boolean> {
  const more = await trial.continueFrom?.({ ...REQUEST, temperature: 0 }, ODD, context);
  return said(more?.samples[0]).slice(ODD.length).startsWith(ODD);
}

function withdrawn({ name }: Model, what: string, why: string): Warning {
  return { code: `${what}-withdrawn`, message: `${name} does not keep to its \`${what}\`, which is withdrawn: ${why}` };
}
