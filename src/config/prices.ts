/** Lists of prices: what tokens cost, since when, and who says so. */
import { stat } from 'node:fs/promises';
import { PRICES_BYTES } from '../core/bounds.ts';
import type { Price } from '../core/index.ts';
import { readBounded } from './files.ts';
import { ConfigError, fields, number, table, text, whole, type Read } from './read.ts';

/** US dollars for a million tokens. */
export interface ListedPrice {
  readonly input: number;
  readonly output: number;
  /** Input that the provider had in its cache. Default: what other input costs. */
  readonly cachedInput?: number | undefined;
  /** Input that the provider writes to its cache. Where it is left out, the cost of a call that wrote there is unknown. */
  readonly cacheWriteInput?: number | undefined;
  /** The day on which it was looked up, where that is not the day of the list. */
  readonly date?: string | undefined;
}

/** Prices by the names of models, such as `openai/gpt-5-mini`. */
export interface PriceList {
  /** The day on which they were looked up: `2026-11-28`. */
  readonly date: string;
  /** Who says so, such as an address. */
  readonly source?: string | undefined;
  readonly models: { readonly [model: string]: ListedPrice };
}

const DAY = text({ rule: 'must be a day such as 2026-11-28', matches: /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])$/ });
const DOLLARS = number({ min: 0 });

const PRICE = fields<ListedPrice>(
  { input: DOLLARS, output: DOLLARS, cachedInput: DOLLARS, cacheWriteInput: DOLLARS, date: DAY },
  { required: ['input', 'output'] },
);

const MODEL_NAME = text({ rule: 'must be the name of a model, such as openai/gpt-5-mini', most: 512 });

/** Checks a list of prices. */
export const checkPriceList: Read<PriceList> = fields<PriceList>(
  {
    date: DAY,
    source: text({ most: 2000 }),
    models: table(PRICE, { name: MODEL_NAME, most: 50_000 }),
  },
  { required: ['date', 'models'] },
);

/** What a model costs, since when, and who says so. */
export interface Priced {
  readonly price: Price;
  readonly date: string;
  readonly source: string;
}

export type PriceOf = (model: string) => Priced | undefined;

/** Looks prices up by the names of models; of several lists the first that knows a model counts. Reads files now. Throws ConfigError. */
export async function openPrices(sources: readonly (string | PriceList)[]): Promise<PriceOf> {
  const lists = await Promise.all(
    sources.map(async (one) => (typeof one === 'string' ? readPrices(one) : own(one, 'configuration'))),
  );
  return (model) => {
    for (const name of namesOf(model))
      for (const list of lists) {
        const found = list.get(name);
        if (found) return found;
      }
    return undefined;
  };
}

/** The names under which a model may be listed, the most exact first: a package's model also as its maker's. */
function namesOf(model: string): string[] {
  const [, vendor, id] = /^ai-sdk:@ai-sdk\/([^/]+)\/(.+)$/s.exec(model) ?? [];
  return vendor === undefined ? [model] : [model, `${vendor === 'amazon-bedrock' ? 'bedrock' : vendor}/${id}`];
}

type Prices = ReadonlyMap<string, Priced>;

async function readPrices(file: string): Promise<Prices> {
  const content = await readBounded(file, PRICES_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new ConfigError({ file, problem: 'is no JSON' });
  }
  const isOwn = typeof value === 'object' && value !== null && ('models' in value || 'date' in value);
  if (isOwn) return own(checkPriceList(value, whole(file)), file);
  const listed = foreign(value, { date: (await stat(file)).mtime.toISOString().slice(0, 10), source: file });
  if (listed.size > 0) return listed;
  throw new ConfigError({
    file,
    problem: 'is no list of prices',
    hint: 'Write { "date": "2026-11-28", "models": { "openai/gpt-5-mini": { "input": 0.25, "output": 2 } } }, or use the list of LiteLLM',
  });
}

function own({ date, source, models }: PriceList, file: string): Prices {
  const perToken = (dollars: number | undefined): number | undefined =>
    dollars === undefined ? undefined : dollars / 1e6;
  return new Map(
    Object.entries(models).map(([name, listed]) => [
      name,
      {
        price: {
          input: listed.input / 1e6,
          output: listed.output / 1e6,
          cachedInput: perToken(listed.cachedInput),
          cacheWriteInput: perToken(listed.cacheWriteInput),
        },
        date: listed.date ?? date,
        source: source ?? file,
      },
    ]),
  );
}

/** The providers of LiteLLM's list whose names are others here. */
const PROVIDERS: { readonly [theirs: string]: string } = {
  together_ai: 'together',
  gemini: 'google',
  fireworks_ai: 'fireworks',
  bedrock_converse: 'bedrock',
};

/** LiteLLM's `model_prices_and_context_window.json`: dollars a token, without a date of its own. What has no such price is left out. */
function foreign(value: unknown, { date, source }: Omit<Priced, 'price'>): Prices {
  const found = new Map<string, Priced>();
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const exact: [string, Priced][] = [];
  for (const [name, entry] of entries as [string, unknown][]) {
    const said = (typeof entry === 'object' && entry !== null ? entry : {}) as { readonly [field: string]: unknown };
    const [input, output] = [dollars(said['input_cost_per_token']), dollars(said['output_cost_per_token'])];
    if (name === 'sample_spec' || input === undefined || output === undefined) continue;
    const priced: Priced = {
      price: {
        input,
        output,
        cachedInput: dollars(said['cache_read_input_token_cost']),
        cacheWriteInput: dollars(said['cache_creation_input_token_cost']),
        ...longer(said),
      },
      date,
      source,
    };
    exact.push([name, priced]);
    const theirs = typeof said['litellm_provider'] === 'string' ? said['litellm_provider'] : '';
    const id = name.startsWith(`${theirs}/`) ? name.slice(theirs.length + 1) : name;
    const ours = Object.hasOwn(PROVIDERS, theirs) ? PROVIDERS[theirs] : theirs;
    if (ours) found.set(`${ours}/${id}`, priced);
  }
  for (const [name, priced] of exact) found.set(name, priced);
  return found;
}

const LONG = /^input_cost_per_token_above_(\d+)k_tokens$/;

/** What a call costs whose input is longer than a number of tokens. */
function longer(said: { readonly [field: string]: unknown }): Pick<Price, 'long'> {
  const [above] = Object.keys(said)
    .flatMap((field) => LONG.exec(field)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  if (above === undefined) return {};
  const at = (field: string): number | undefined => dollars(said[`${field}_above_${above}k_tokens`]);
  const [input, output] = [
    at('input_cost_per_token'),
    at('output_cost_per_token') ?? dollars(said['output_cost_per_token']),
  ];
  if (input === undefined || output === undefined) return {};
  return {
    long: {
      above: above * 1000,
      input,
      output,
      cachedInput: at('cache_read_input_token_cost'),
      cacheWriteInput: at('cache_creation_input_token_cost'),
    },
  };
}

function dollars(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined;
}
