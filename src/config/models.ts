/** From a name to a model: the names of the configuration, its providers, files, packages of the AI SDK, and the names that plusx has. */
import { dirname, resolve } from 'node:path';
import { FORMULA_LENGTH } from '../core/bounds.ts';
import {
  FormulaError,
  InvalidOption,
  NO_USAGE,
  parse,
  type FormulaScope,
  type Model,
  type Price,
  type PromptCache,
} from '../core/index.ts';
import { techniques } from '../catalog.ts';
import { installedModel, PackageNeeded, splitInstalled, VENDORS } from '../models/installed/index.ts';
import { modelNamed, PROVIDERS, type Connect } from '../models/openai/index.ts';
import { absoluteAddress, type LoadedConfig } from './load.ts';
import { wantsLogprobs, withLogprobs } from './logprobs.ts';
import { openPrices, type Priced, type PriceOf } from './prices.ts';
import { modelOfPackage, modelOfServer } from './providers.ts';
import { ConfigError, inside, whole, type Place } from './read.ts';
import { isModel, type PlusxConfig } from './schema.ts';
import { withStandby } from './standby/index.ts';
import type { Environment } from './variables.ts';

/** A model, and what is known of it beyond what a model says of itself. */
export interface LoadedModel {
  readonly model: Model;
  /** Whether it is a finite distribution whose every answer can be visited. */
  readonly finite: boolean;
  /** Whether it runs here or is played back, so that no call of it is billed. */
  readonly free: boolean;
}

export interface OpenModelsOptions {
  /** Where keys are looked up, such as the environment with what `.env` adds. */
  readonly env?: Environment | undefined;
  /** Where files and packages of a caller's own names are looked for. Default: the current folder. */
  readonly folder?: string | undefined;
  /** What formulas may name besides models: techniques instead of all of them, scorers, functions. */
  readonly scope?: Partial<Pick<FormulaScope, 'techniques' | 'scorers' | 'functions'>> | undefined;
  /** Models by name that come before the names that plusx has, at the listed price. */
  readonly own?: ((name: string, price: Price | undefined) => Promise<LoadedModel | undefined>) | undefined;
  /** What is known of the servers of models, such as what a probe found. */
  readonly asFound?: ((model: Model) => Model | Promise<Model>) | undefined;
  /** Lists of prices that come before those of the configuration. */
  readonly prices?: readonly string[] | undefined;
  /** The price of every model, instead of the listed ones. */
  readonly price?: Price | undefined;
  /** Which endpoint of a server is asked. Default `chat`. */
  readonly api?: 'chat' | 'completions' | undefined;
  /** Uses the caches of prompts that providers have, where a provider says nothing of its own. Default: not. */
  readonly promptCache?: PromptCache | undefined;
  /** What is done to the settings of a server's model before it is made of them. */
  readonly connect?: Connect | undefined;
}

export interface NamedOptions {
  /**
   * Whether the name comes from somebody else, such as a request to a server. It then reaches the models and providers of the
   * configuration, the known providers and `plusx:tiny`: no file, and no package that the configuration does not name.
   */
  readonly foreign?: boolean | undefined;
}

export interface Models {
  /** The names of the configuration, with a line about each and the models that its formula names. */
  readonly listed: readonly { readonly name: string; readonly about: string; readonly models: readonly string[] }[];
  /** What the lists of prices say of a model. */
  readonly priceOf: PriceOf;
  /** The listed prices that models have been made with, by the name of the model. */
  readonly priced: ReadonlyMap<string, Priced>;
  /** Names that may be meant by one that no model has. */
  like(name: string): readonly string[];
  /** The model of one name, or nothing where no model is called so. Throws where the name is known and something else is missing. */
  named(name: string, options?: NamedOptions): Promise<LoadedModel | undefined>;
  /** The model of a formula, or of a name. Throws FormulaError, or ConfigError where a formula of the configuration is wrong. */
  model(formula: string, options?: NamedOptions): Promise<Model>;
}

type Named = NonNullable<PlusxConfig['models']>[string];
type Scope = Omit<FormulaScope, 'model'>;

/** Opens the models of a configuration, or of none. Reads its lists of prices. Throws ConfigError. */
export async function openModels(
  loaded: LoadedConfig | undefined,
  {
    env = {},
    folder = '.',
    scope: given = {},
    own,
    asFound = (model) => model,
    prices: first,
    price,
    api,
    promptCache,
    connect,
  }: OpenModelsOptions = {},
): Promise<Models> {
  const { models = {}, providers = {}, prices = [] } = loaded?.config ?? {};
  const home = loaded?.folder ?? folder;
  const scope: Scope = { techniques, ...given };
  const placeOf = (name: string): Place => inside(inside(whole(loaded?.file ?? 'configuration'), 'models'), name);
  const priceOf = await openPrices([...(first ?? []), ...(Array.isArray(prices) ? prices : [prices])]);
  const priced = new Map<string, Priced>();
  const costOf = (name: string, same = name): Price | undefined => {
    const listed = price ? undefined : (priceOf(name) ?? priceOf(same));
    if (listed) priced.set(name, listed);
    return price ?? listed?.price;
  };
  for (const name of Object.keys(models))
    if (scope.techniques.some(({ definition }) => definition.name === name))
      throw new ConfigError({ ...placeOf(name), problem: 'is the name of a technique', hint: 'Choose another' });

  const partsOf = (name: string, value: Named): readonly string[] => [
    ...new Set(formulasOf(value).flatMap((one) => located(placeOf(name), () => namesInFormula(one, scope)))),
  ];

  /** Names that are made of each other are found before any is made: two of them would wait for each other for ever. */
  const checkRound = (name: string, above: readonly string[] = [], done = new Set<string>()): void => {
    const value = Object.hasOwn(models, name) ? models[name] : undefined;
    if (value === undefined || done.has(name)) return;
    if (above.includes(name)) {
      const round = [...above.slice(above.indexOf(name)), name].join(' -> ');
      throw new ConfigError({ ...placeOf(name), problem: `is made of itself: ${round}` });
    }
    for (const part of partsOf(name, value)) checkRound(part, [...above, name], done);
    done.add(name);
  };

  const kept = new Map<string, Promise<LoadedModel>>();
  const configured = async (name: string, value: Named): Promise<LoadedModel> => {
    const known = kept.get(name);
    if (known) return known;
    checkRound(name);
    const made = make(name, value);
    kept.set(name, made);
    made.catch(() => kept.delete(name)); // a file that was missing may be there the next time
    return made;
  };

  const make = async (name: string, value: Named): Promise<LoadedModel> => {
    if (isModel(value)) return { model: value, finite: false, free: false };
    const parts = await found(partsOf(name, value), (part) => find(part, home));
    const read = (formula: string): Model => located(placeOf(name), () => parse(formula, meaning(formula, parts)));
    const model = located(placeOf(name), () => standing(read(formulaOf(value)), value, read));
    if (model.name.length > FORMULA_LENGTH)
      throw new ConfigError({
        ...placeOf(name),
        problem: `stands for a formula of ${model.name.length} characters, and may have ${FORMULA_LENGTH}`,
      });
    const all = [...parts.values()].flatMap((part) => part ?? []);
    return { model, finite: all.every(({ finite }) => finite), free: all.every(({ free }) => free) };
  };

  const find = async (written: string, from: string, foreign = false): Promise<LoadedModel | undefined> => {
    const isFile = OF_FILE.test(written) || COMPILED.test(written);
    const name = from === folder || !isFile ? written : absoluteAddress(written, from);
    const value = Object.hasOwn(models, name) ? models[name] : undefined;
    if (value !== undefined) return configured(name, value);
    const provided = await ofProvider(name);
    if (provided || foreign) return provided ?? common(name);
    return (await own?.(name, costOf(name))) ?? (await local(name, from)) ?? (await common(name)) ?? packageOf(name);
  };

  const ofProvider = async (name: string): Promise<LoadedModel | undefined> => {
    const [, before = '', id = ''] = /^([^/]*)\/(.+)$/s.exec(name) ?? [];
    const provider = Object.hasOwn(providers, before) ? providers[before] : undefined;
    if (!provider || id === '') return undefined;
    if ('package' in provider) {
      const cost = costOf(name, `${PACKAGES}${provider.package}/${id}`);
      return billed(await modelOfPackage(before, id, provider, { env, price: cost, promptCache, folder: home }));
    }
    const settings = { env, price: costOf(name), promptCache, api, connect };
    return billed(await asFound(modelOfServer(before, id, provider, settings)));
  };

  /** What is a file or a package of this machine's. */
  const local = async (name: string, from: string): Promise<LoadedModel | undefined> => {
    if (name.startsWith(PACKAGES)) {
      const { name: of, model: id } = splitInstalled(name.slice(PACKAGES.length));
      return billed(await installedModel(of, id, { folder: from, env, price: costOf(name), promptCache }));
    }
    if (COMPILED.test(name)) return compiled(absoluteAddress(name, resolve(from)));
    return ofFile(name, resolve(from));
  };

  /** A composition that `plusx compile` found, on the model that its file names. */
  const compiled = async (file: string): Promise<LoadedModel> => {
    const { DEMOS, formulasOf, modelOf, readProgramFile } = await import('../compile/file/load.ts');
    const program = await readProgramFile(file);
    const { model: head } = program;
    const place = { file, pointer: program.router ? '/router/members' : '/plus', name: 'plus' };
    const formulas = formulasOf(program);
    const known = { ...scope, techniques: [...scope.techniques, DEMOS] };
    const names = [...new Set(located(place, () => formulas.flatMap((one) => namesInFormula(one, known))))];
    const formula = formulas.join(' ');
    if (names.some((name) => COMPILED.test(name)))
      throw new ConfigError({ file, pointer: '/model', problem: 'names the file of another compiled model' });
    const parts = await found(names, (part) => find(part, dirname(file)));
    const base = located({ file, pointer: '/model', name: 'model' }, () => parse(head, meaning(formula, parts)));
    const model = located(place, () => modelOf(program, { base, scope: meaning(formula, parts) }));
    const all = [...parts.values()].flatMap((part) => part ?? []);
    return { model, finite: all.every(({ finite }) => finite), free: all.every(({ free }) => free) };
  };

  const common = async (name: string): Promise<LoadedModel | undefined> => {
    if (name === 'plusx:tiny')
      return { model: (await import('../models/tiny/index.ts')).tiny(), finite: false, free: true };
    const model = modelNamed(name, { env, price: costOf(name), promptCache, api, connect });
    return model && billed(await asFound(model));
  };

  const like = (name: string): string[] => {
    const [, id = ''] = /^[^/]*\/(.+)$/s.exec(name) ?? [];
    const before = id === '' ? [] : [...Object.keys(providers), ...Object.keys(PROVIDERS)];
    return [...Object.keys(models), 'plusx:tiny', ...before.map((one) => `${one}/${id}`)];
  };

  /** The parts of a formula by name, and the names that are offered where one is misspelt. */
  const meaning = (formula: string, parts: ReadonlyMap<string, LoadedModel | undefined>): FormulaScope => ({
    ...scope,
    model(name) {
      const part = parts.get(name);
      return part && wantsLogprobs(formula) && !part.finite ? withLogprobs(part.model) : part?.model;
    },
    modelNames: [...parts].flatMap(([name, part]) => (part ? [] : like(name))),
  });

  return {
    get listed() {
      return Object.entries(models).map(([name, value]) => ({
        name,
        about: aboutOf(value),
        models: partsOf(name, value),
      }));
    },
    priceOf,
    priced,
    like,
    named: (name, { foreign } = {}) => find(name, folder, foreign),
    async model(formula, { foreign } = {}) {
      const parts = await found(namesInFormula(formula, scope), (part) => find(part, folder, foreign));
      return parse(formula, meaning(formula, parts));
    },
  };
}

const PACKAGES = 'ai-sdk:';

/** The names of files. */
const OF_FILE = /^(pool|recorded|gguf):./s;
/** The names of files of compiled models. */
const COMPILED = /.\.plusx\.json$/s;

/** Says how the models of a maker are reached that has a package and no server of OpenAI's protocol here. */
function packageOf(name: string): undefined {
  const [, maker, id] = /^([^/]+)\/(.+)$/s.exec(name) ?? [];
  const [found] = Object.entries(VENDORS).find(([, { short }]) => short === maker) ?? [];
  if (found !== undefined) throw new PackageNeeded({ name, instead: `${PACKAGES}${found}/${id}`, package: found });
}

const billed = (model: Model): LoadedModel => ({ model, finite: false, free: false });

/** A model with what the configuration says that stands by for it. */
function standing(model: Model, value: Exclude<Named, Model>, read: (formula: string) => Model): Model {
  if (typeof value === 'string') return model;
  const { fallback, hedge } = value;
  return withStandby(model, {
    fallback: fallback?.map(({ to, on }) => ({ model: read(to), on })),
    hedge: hedge && { ...hedge, with: hedge.with.map(read) },
  });
}

/** Every formula that a name of the configuration is made of. */
const formulasOf = (value: Named): readonly string[] =>
  isModel(value)
    ? []
    : typeof value === 'string'
      ? [value]
      : [value.formula, ...(value.fallback ?? []).map(({ to }) => to), ...(value.hedge?.with ?? [])];

const formulaOf = (value: Exclude<Named, Model>): string => (typeof value === 'string' ? value : value.formula);

function aboutOf(value: Named): string {
  if (isModel(value)) return value.name;
  const formula = formulaOf(value);
  return typeof value === 'string' || value.about === undefined ? formula : `${value.about}: ${formula}`;
}

async function found<T>(
  names: readonly string[],
  find: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T | undefined>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await find(name)] as const)));
}

async function ofFile(name: string, folder: string): Promise<LoadedModel | undefined> {
  const [, scheme] = OF_FILE.exec(name) ?? [];
  if (scheme === undefined) return undefined;
  const file = absoluteAddress(name, folder).slice(scheme.length + 1);
  if (scheme === 'pool') {
    const { loadPool, poolModel } = await import('../models/pool/index.ts');
    return { model: poolModel(await loadPool(file)), finite: true, free: true };
  }
  if (scheme === 'recorded') {
    const { recorded } = await import('../models/recorded/index.ts');
    return { model: recorded(file), finite: false, free: true };
  }
  const { gguf } = await import('../models/gguf/index.ts');
  return { model: await gguf(file), finite: false, free: true };
}

/** Says of a formula that is wrong where in the configuration it stands. */
function located<T>(place: Place, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormulaError || error instanceof InvalidOption)) throw error;
    throw new ConfigError({ ...place, problem: error.message });
  }
}

/** The names of the models in a formula: they are loaded before it is read. */
export function namesInFormula(formula: string, scope: Scope): string[] {
  const names = new Set<string>();
  parse(formula, { ...scope, model: (name) => (names.add(name), PLACEHOLDER) });
  return [...names];
}

/** Stands for every model while names are collected. */
const PLACEHOLDER: Model = {
  name: 'model',
  can: { logprobs: true, continueFrom: true, score: true, next: true, concurrency: 1 },
  sample: async () => ({ samples: [], usage: NO_USAGE, warnings: [] }),
};
