/** What a budget limits, and what a call may need of it. */
import { InvalidOption, type LimitName } from '../errors.ts';

/** What may be spent. A limit left out is no limit. */
export interface Limits {
  readonly calls?: number | undefined;
  /** Input plus output tokens. */
  readonly tokens?: number | undefined;
  /** US dollars. */
  readonly usd?: number | undefined;
  /** Milliseconds of wall time. */
  readonly ms?: number | undefined;
}

/** US dollars a token. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Upper bounds of what a call may take, for each of `calls` candidates. */
export interface Need {
  readonly calls: number;
  readonly inputTokens: number;
  /** `undefined`: no bound is known, and the call may take all that is left. */
  readonly outputTokens: number | undefined;
  /** `undefined`: the price is not known, which a budget in money refuses. */
  readonly price: Price | undefined;
}

/** The limits that are counted; wall time is not. */
export const COUNTED = ['calls', 'tokens', 'usd'] as const;
export type Counted = (typeof COUNTED)[number];
export type Amounts = Record<Counted, number>;
/** Upper bounds of one candidate. */
export function perCall({ inputTokens, price }: Need, outputTokens: number): Amounts {
  return {
    calls: 1,
    tokens: inputTokens + outputTokens,
    usd: price ? inputTokens * price.input + outputTokens * price.output : 0,
  };
}

export function checkLimits(limits: Limits): void {
  for (const name of [...COUNTED, 'ms'] as const satisfies readonly LimitName[]) {
    const value = limits[name];
    if (value !== undefined && !(value >= 0))
      throw new InvalidOption({ where: 'budget', option: name, rule: 'must be a number of at least 0', value });
  }
}

export function noPrice(): InvalidOption {
  return new InvalidOption({
    where: 'budget',
    option: 'usd',
    rule: 'needs the price of every model called',
    hint: 'Give the model `price: { input, output }` in US dollars a token, or budget `tokens`',
  });
}
