/** The model a command line describes: `--model` and `--plus`, read as formulas. */
import {
  NO_USAGE,
  parse,
  parseTransforms,
  plus,
  printName,
  type FormulaScope,
  type Model,
  type Scorer,
} from '../../core/index.ts';
import { termsOf } from '../../core/tokens/terms.ts';
import { techniques } from '../../catalog.ts';
import { wantsLogprobs, withLogprobs } from '../../config/logprobs.ts';
import type { LoadedModel } from '../../config/models.ts';
import type { Priced } from '../../config/prices.ts';
import type { Connect } from '../../models/openai/index.ts';
import { loadOwn, type Own } from '../../extend/index.ts';
import { UsageError } from '../failure.ts';
import { modelsOf, namesLike } from './names.ts';
import { METRIC_NAMES, type RunOptions } from './options.ts';
import { SCORERS } from './scorers.ts';
import { defaultModel } from './server.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';

export interface Composed {
  /** P. */
  readonly base: Model;
  /** P + X. */
  readonly model: Model;
  /** Whether every model in it is a finite distribution, so that all of its paths can be visited. */
  readonly finite: boolean;
  /** Whether every model in it runs here or is played back, so that no call is billed. */
  readonly free: boolean;
  /** The listed prices that it is billed at. */
  readonly prices: readonly Priced[];
}

export interface ComposeOptions extends Pick<RunOptions, 'price' | 'prices' | 'promptCache' | 'save' | 'defaults'> {
  readonly model?: string | undefined;
  readonly plus?: string | undefined;
  /** Tools and other things of the caller's that a formula names. */
  readonly functions?: { readonly [name: string]: unknown } | undefined;
  /** Files whose exports a formula may name. */
  readonly import?: readonly string[] | undefined;
  /** What is done to the settings of a server's model before it is made of them. */
  readonly connect?: Connect | undefined;
}

export interface ComposeSettings {
  /** The model where none is named. */
  readonly fallback?: Model | undefined;
  /** Scorers besides the built-in ones. */
  readonly scorers?: { readonly [name: string]: Scorer };
  /** Whether the model, where it is the address of a file, is fetched. Default `true`. */
  readonly mayFetch?: boolean;
}

/** Reads `--model` and `--plus` apart, so that an error points into the text that was written. */
export async function compose(
  { plus: extension = '', save, ...options }: ComposeOptions,
  terminal: Terminal,
  settings: ComposeSettings = {},
): Promise<Composed> {
  const head = await headOf(options.model, terminal, settings);
  const written = {
    text: `${head} ${extension}`,
    read(known: FormulaScope): void {
      parse(head, known);
      parseTransforms(extension, known);
    },
  };
  const { scope, ...rest } = await openScope(written, options, terminal, settings);
  const base = parse(head, scope);
  const model = plus(base, ...parseTransforms(extension, scope));
  if (save !== undefined) await keep(save, extension.trim() === '' ? head : `${head} + ${extension}`, terminal, scope);
  return { base, model, ...rest };
}

/** The formula of the model that is named, or of the one that stands where none is. */
export async function headOf(
  named: string | undefined,
  terminal: Terminal,
  { fallback }: ComposeSettings = {},
): Promise<string> {
  const name = named ?? fallback?.name ?? (await defaultModel(terminal));
  if (name === undefined) throw new UsageError(NO_MODEL);
  return isFormula(name) || fallback?.name === name ? name : printName(name);
}

/** What was written, and how the names in it are found: it is read once with a scope in which every name is a model. */
export interface Written {
  readonly text: string;
  readonly read: (known: FormulaScope) => void;
}

/** What the names in a text mean, and what is known of the models among them. */
export interface OpenedScope extends Pick<Composed, 'finite' | 'free' | 'prices'> {
  readonly scope: FormulaScope;
}

/** Opens the models that a text names. */
export async function openScope(
  { text, read }: Written,
  { model: named, functions: tools, import: files, ...how }: Omit<ComposeOptions, 'plus' | 'save'>,
  terminal: Terminal,
  { fallback, scorers: more, mayFetch = true }: ComposeSettings = {},
): Promise<OpenedScope> {
  const own = await ownOf(files, terminal);
  const scorers = { ...SCORERS, ...own.scorers, ...more };
  const functions = { ...own.functions, ...tools };
  const known = { techniques: [...techniques, ...own.techniques], scorers, functions };
  const { price, prices, promptCache, defaults, connect } = how;
  const ownModels = Object.fromEntries(Object.entries(own.models).map(([key, model]) => [key, loadedModel(model)]));
  const opened = { price, prices, promptCache, defaults, fetches: mayFetch ? named : undefined, own: ownModels };
  let connected = 0;
  const counting: Connect | undefined = connect && ((settings) => (connected++, connect(settings)));
  const models = await modelsOf(terminal, { ...opened, connect: counting, scope: known });
  const names = new Set<string>();
  read({ ...known, model: (name) => (names.add(name), PLACEHOLDER) });
  const loaded = new Map<string, LoadedModel | undefined>();
  for (const one of names)
    if (Object.hasOwn(ownModels, one)) loaded.set(one, ownModels[one]);
    else if (fallback && printName(one) === fallback.name)
      loaded.set(one, { model: fallback, finite: true, free: true });
    else loaded.set(one, await models.named(one));
  const unknown = [...names].filter((one) => !loaded.get(one));
  if (connect && connected === 0 && unknown.length === 0)
    throw new UsageError(
      `--batch is for models of servers that speak OpenAI's protocol, and ${oneLine([...names].join(', '))} is none. Leave it out.`,
    );
  const modelNames = unknown.flatMap((one) => namesLike(one, models));
  const wanted = wantsLogprobs(text);
  const modelOf = (asked: string): Model | undefined => {
    const found = loaded.get(asked);
    return found && wanted && !found.finite ? withLogprobs(found.model) : found?.model;
  };
  return {
    scope: { ...known, modelNames: [...modelNames, ...Object.keys(own.models)], model: modelOf },
    finite: [...loaded.values()].every((one) => one?.finite === true),
    free: [...loaded.values()].every((one) => one?.free === true),
    prices: [...models.priced.values()],
  };
}

/** Keeps the formula under a name, and says where. */
async function keep(name: string, formula: string, { loaded, err }: Terminal, scope: FormulaScope): Promise<void> {
  const { saveModel } = await import('../../config/save.ts');
  const file = await saveModel(name, formula, { loaded, scope });
  err.write(`${err.paint('dim', `kept as ${name} in ${oneLine(file)}: use it with -m ${name}`)}\n`);
}

/** What the files of `--import` and of the configuration export. */
export function ownOf(files: readonly string[] = [], { loaded }: Pick<Terminal, 'loaded'>): Promise<Own> {
  const taken = {
    techniques: techniques.map(({ definition }) => definition.name),
    scorers: [...Object.keys(SCORERS), 'judge', 'recorded', 'oracle'],
    metrics: METRIC_NAMES,
  };
  return loadOwn([...new Set([...(loaded?.config.imports ?? []), ...files])], taken);
}

/** A model of the user's own: free where its back end says so. */
export function loadedModel(model: Model): LoadedModel {
  const { price } = termsOf(model) ?? {};
  return { model, finite: false, free: price?.input === 0 && price.output === 0 };
}

/** `a + b(c)` is a formula; anything else is one name, whatever characters its path has. */
function isFormula(text: string): boolean {
  return /\s\+\s|^[A-Za-z]\w*\(|^["(]/.test(text);
}

/** Stands for every model while names are collected. */
const PLACEHOLDER: Model = {
  name: 'model',
  can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 1 },
  sample: async () => ({ samples: [], usage: NO_USAGE, warnings: [] }),
};

const NO_MODEL =
  'No model is named. Use --model NAME (`plusx models` lists them), or set PLUSX_BASE_URL to the address of a server.';
