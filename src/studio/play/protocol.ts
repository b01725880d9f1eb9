/** What the playground asks, and what it is answered. */
import type { AnswerRow } from '../../evaluate/distribution/rows.ts';
import type { WorstCase } from '../../evaluate/worst-case.ts';
import type { Turn } from './turns.ts';

/** A technique, as far as one chooses and writes it. */
export interface TechniqueFacts {
  readonly name: string;
  readonly room: string;
  readonly summary: string;
  /** `many`: it takes models in brackets, as in `fusion(a, b)`. */
  readonly takes: 'one' | 'many';
  /** Calls of the base for one answer, in words over the options. */
  readonly calls: string;
  /** Capabilities of the base. */
  readonly needs: readonly string[];
  readonly paper: string | undefined;
  readonly options: readonly OptionFacts[];
}

export interface OptionFacts {
  readonly name: string;
  readonly kind: string;
  readonly doc: string;
  readonly required: boolean;
  /** As a formula writes it. */
  readonly default: string | undefined;
  readonly values: readonly string[];
}

/** All there is to compose with. */
export interface Facts {
  readonly techniques: readonly TechniqueFacts[];
  readonly models: readonly string[];
  readonly scorers: readonly string[];
  readonly tasks: readonly string[];
}

/** A formula as a tree: the base below what is made of it. */
export interface Part {
  readonly name: string;
  readonly kind: 'technique' | 'model';
  /** Those that are not at their default, as written. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly bases: readonly Part[];
  /** Models that an option names: a judge, a draft model. */
  readonly helpers: readonly Part[];
}

/** What a formula is, or why it is none. */
export type Checked =
  | {
      readonly ok: true;
      /** As it prints. */
      readonly formula: string;
      /** The model that the first bar is of. */
      readonly base: string;
      readonly tree: Part;
      /** Capabilities that it lacks. */
      readonly lacks: readonly string[];
      readonly semantics: {
        readonly kind: string;
        readonly target: string | undefined;
        readonly why: string | undefined;
      };
      /** Whether every path through it can be visited. */
      readonly finite: boolean;
      /** One answer, at most. */
      readonly worst: WorstCase;
      /** One answer of the base, at most. */
      readonly worstOfBase: WorstCase;
      /** Whether the next token can be looked at before and after. */
      readonly opens: boolean;
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** Index of the character that is wrong, where it is one. */
      readonly position: number | undefined;
      /** What to write there instead. */
      readonly suggestion: string | undefined;
    };

/** Questions, formulas and seeds are data: nothing of them is read as anything else. */
export interface Asked {
  readonly question: string;
  /** What was said before it. */
  readonly turns?: readonly Turn[] | undefined;
  /** One, or two that are compared on the same draws. */
  readonly formulas: readonly string[];
  readonly seed: number;
  readonly samples: number;
  /** How an answer is found in a text; default `auto`. */
  readonly answers?: string | undefined;
  /** The most calls. Needed where nothing bounds what a formula may take. */
  readonly calls?: number | undefined;
  readonly temperature?: number | undefined;
}

/** How one side stands. */
export interface Side {
  readonly formula: string;
  readonly exact: boolean;
  readonly paths: number | undefined;
  readonly samples: number | undefined;
  readonly callsPerAnswer: number | undefined;
}

export interface Spent {
  readonly calls: number;
  readonly replayed: number;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly usd: number | undefined;
}

export type PlayEvent =
  | {
      readonly kind: 'state';
      /** The base first, then each formula that is not the base itself. */
      readonly sides: readonly Side[];
      readonly rows: readonly AnswerRow[];
      /** Between the base and each formula: half the summed differences. */
      readonly apart: readonly number[];
      readonly spent: Spent;
      readonly over: boolean;
      /** Why it ended before all samples were there. */
      readonly ended: string | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'failed'; readonly message: string };

/** How one draw came about. */
export interface Derived {
  /** Where the trace is kept: `#/traces/ID`. */
  readonly trace: string | undefined;
  readonly text: string;
  readonly answer: string | null;
  readonly root: DerivedStep;
}

export interface DerivedStep {
  readonly name: string;
  readonly kind: 'technique' | 'call';
  readonly status: string;
  readonly said: readonly string[];
  readonly children: readonly DerivedStep[];
  /** Steps that are left out because there are too many. */
  readonly more: number;
}

/** The next token after a beginning of an answer. */
export interface NextTokens {
  /** What stands before it. */
  readonly prefix: string;
  readonly rows: readonly { readonly token: string; readonly before: number; readonly after: number }[];
}

export interface TaskItem {
  readonly id: string;
  readonly question: string;
  readonly expected: string | undefined;
}
