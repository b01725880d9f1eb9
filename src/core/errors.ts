/** One class per cause. Every message names the rule, the value and the way out, and is one line. */

/** Base of every error this library raises on purpose. */
export class PlusxError extends Error {
  /** `usage`: the caller asked for something that cannot be; `failure`: the world did not cooperate. */
  readonly kind: 'usage' | 'failure' = 'failure';
  override get name(): string {
    return this.constructor.name;
  }
}

export type LimitName = 'calls' | 'tokens' | 'usd' | 'ms';

/** A call would have gone over the budget, so it was not made. */
export class BudgetExceeded extends PlusxError {
  readonly limit: LimitName;
  readonly allowed: number;
  readonly spent: number;
  readonly needed: number;
  constructor({ limit, allowed, spent, needed }: { limit: LimitName; allowed: number; spent: number; needed: number }) {
    const unit = { calls: 'calls', tokens: 'tokens', usd: 'US dollars', ms: 'ms of wall time' }[limit];
    const round = (x: number): number => Number(x.toPrecision(6));
    super(
      limit === 'ms'
        ? `Budget of ${allowed} ${unit} is used up. Raise \`budget.ms\`.`
        : `Budget of ${allowed} ${unit} would be exceeded: ${round(spent)} spent, the next call may need ${round(needed)}. Raise \`budget.${limit}\`${limit === 'tokens' ? ' or lower `maxOutputTokens`' : limit === 'calls' ? ' or lower `n`' : ''}.`,
    );
    this.limit = limit;
    this.allowed = allowed;
    this.spent = spent;
    this.needed = needed;
  }
}

/** An option of a technique or model breaks its rule. */
export class InvalidOption extends PlusxError {
  override readonly kind = 'usage';
  readonly where: string;
  readonly option: string;
  constructor({
    where,
    option,
    rule,
    value,
    hint,
  }: {
    where: string;
    option: string;
    rule: string;
    value?: unknown;
    hint?: string;
  }) {
    super(`${where}: ${option} ${rule}${value === undefined ? '' : `, got ${show(value)}`}${hint ? `. ${hint}` : ''}`);
    this.where = where;
    this.option = option;
  }
}

/** A formula does not parse, or names something unknown. */
export class FormulaError extends PlusxError {
  override readonly kind = 'usage';
  readonly formula: string;
  /** Index of the offending character. */
  readonly position: number;
  /** What may have been meant. */
  readonly suggestion: string | undefined;
  constructor({
    formula,
    position,
    problem,
    suggestion,
  }: {
    formula: string;
    position: number;
    problem: string;
    suggestion?: string | undefined;
  }) {
    super(
      `${problem} at character ${position + 1} of "${around(formula, position).text}"${suggestion ? `. Did you mean \`${suggestion}\`?` : ''}`,
    );
    this.formula = formula;
    this.position = position;
    this.suggestion = suggestion;
  }
  /** The formula with a caret under the offending character, for a terminal. */
  get pointer(): string {
    const { text, at } = around(this.formula, this.position);
    return `  ${text}\n  ${' '.repeat(at)}^`;
  }
}

/** The part of a long formula that an error shows, and where the character stands in it. */
function around(formula: string, position: number): { readonly text: string; readonly at: number } {
  if (formula.length <= LONGEST_SHOWN) return { text: formula, at: position };
  const from = Math.max(0, Math.min(position - LONGEST_SHOWN / 2, formula.length - LONGEST_SHOWN));
  const before = from > 0 ? '...' : '';
  const behind = from + LONGEST_SHOWN < formula.length ? '...' : '';
  return {
    text: `${before}${formula.slice(from, from + LONGEST_SHOWN)}${behind}`,
    at: position - from + before.length,
  };
}
const LONGEST_SHOWN = 400;

/** A technique needs something of its base that the base cannot do. */
export class CapabilityMissing extends PlusxError {
  override readonly kind = 'usage';
  constructor({ technique, model, needs }: { technique: string; model: string; needs: string }) {
    super(
      `${technique} needs a model with \`${needs}\`, and ${model} has none. Use a model that has it, or another technique.`,
    );
  }
}

/** Every candidate failed, so there is nothing to answer with. */
export class NoCandidates extends PlusxError {
  constructor({ technique, why }: { technique: string; why: string }) {
    super(`${technique}: no candidate to choose from: ${why}`);
  }
}

/** The server could not be reached at all. */
export class Unreachable extends PlusxError {
  readonly url: string;
  /** How often it was tried. */
  readonly tries: number;
  constructor({ url, why, tries = 1, hint }: { url: string; why: string; tries?: number; hint?: string }) {
    const advice = hint ?? 'Check that the server runs and the address is right.';
    super(`Cannot reach ${url}${counted(tries)}: ${sentences(why, advice)}`);
    this.url = url;
    this.tries = tries;
  }
}

/** The server took longer than the caller is willing to wait. */
export class TimedOut extends PlusxError {
  readonly url: string;
  readonly ms: number;
  constructor({
    url,
    ms,
    hint = 'Raise `timeoutMs`, or stream the answer.',
  }: {
    url: string;
    ms: number;
    hint?: string;
  }) {
    super(`${url} gave no sign of life for ${ms} ms. ${hint}`);
    this.url = url;
    this.ms = ms;
  }
}

/** The server answered, and the answer is an error. */
export class UpstreamError extends PlusxError {
  readonly status: number;
  readonly url: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** How often it was tried. */
  readonly tries: number;
  constructor({
    url,
    status,
    body,
    retryable,
    tries = 1,
    hint,
  }: {
    url: string;
    status: number;
    body: string;
    retryable: boolean;
    tries?: number;
    hint?: string;
  }) {
    super(`${url} answered ${status}${counted(tries)}: ${sentences(line(body, 300) || '(empty)', hint)}`);
    this.status = status;
    this.url = url;
    this.retryable = retryable;
    this.tries = tries;
  }
}

/** The server answered with something that is not of the protocol. */
export class MalformedReply extends PlusxError {
  readonly #told: Malformed; // no field of the error, which loggers write out: the body may hold a key
  constructor(told: Malformed) {
    const { url, why, body, hint } = told;
    super(`${url} sent a malformed reply: ${sentences(`${why}: ${line(body, 200)}`, hint)}`);
    this.#told = told;
  }
  /** The same error, with what it quotes of the reply put through `clean`. */
  quoting(clean: (text: string) => string): MalformedReply {
    const { why, body, ...rest } = this.#told;
    return new MalformedReply({ ...rest, why: clean(why), body: clean(body) });
  }
}

interface Malformed {
  readonly url: string;
  readonly why: string;
  /** What came, or the part that is not as it should be. */
  readonly body: string;
  readonly hint?: string;
}

/** The conversation and the answer do not fit the positions a model has. */
export class ContextOverflow extends PlusxError {
  override readonly kind = 'usage';
  readonly tokens: number;
  readonly context: number;
  constructor({ model, tokens, context, hint }: { model: string; tokens: number; context: number; hint?: string }) {
    super(`${model}: ${tokens} tokens do not fit the context of ${context}. ${hint ?? 'Shorten the conversation.'}`);
    this.tokens = tokens;
    this.context = context;
  }
}

/** A key is needed and none is set. */
export class MissingKey extends PlusxError {
  override readonly kind = 'usage';
  constructor({ provider, variable }: { provider: string; variable: string }) {
    super(`No key for ${provider}: set the environment variable ${variable}, or pass \`apiKey\`.`);
  }
}

/** A data file has a line that cannot be used. */
export class DataError extends PlusxError {
  override readonly kind = 'usage';
  readonly file: string;
  readonly line: number | undefined;
  constructor({ file, line, problem }: { file: string; line?: number; problem: string }) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}

/** The store could not read or write; what it had acknowledged is still there. */
export class StoreError extends PlusxError {
  readonly file: string;
  constructor({ file, problem, hint }: { file: string; problem: string; hint: string }) {
    super(`Store ${file}: ${problem}. ${hint}`);
    this.file = file;
  }
}

/** Foreign text on one line, cut between characters. */
const line = (text: string, most: number): string =>
  text
    .slice(0, 20 * most)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed();

/** Two sentences with one full stop between them, whatever ends the first. */
const sentences = (first: string, second: string | undefined): string =>
  second === undefined ? first : `${first}${/[.!?…]["')\]]?$/.test(first) ? '' : '.'} ${second}`;

const counted = (tries: number): string => (tries > 1 ? ` (${tries} tries)` : '');

/** A value as an error names it: short, on one line, and never the whole of something large. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
