/** Lists of prices: what tokens cost, since when, and who says so. */
import { fields, number, table, text, type Read } from './read.ts';

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
