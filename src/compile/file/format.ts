/** The file of a compiled model, `x.plusx.json`: data that is read field by field. Reading it runs nothing. */
import type { Limits } from '../../core/index.ts';
import {
  fields,
  inside,
  integer,
  json,
  list,
  number,
  refuse,
  table,
  text,
  whole,
  type Read,
} from '../../config/read.ts';
import type { Demonstration } from '../demos.ts';
import type { Gate } from '../route/gate.ts';
import type { MadeRouter } from '../route/panel-model.ts';

/** The number of this form. A file of a later one is refused. */
export const FORMAT = 1;

/** A composed model as data. */
export interface Program {
  /** The form of the file. */
  readonly plusx: number;
  /** The model that it was made for, by name. */
  readonly model: string;
  /** What is added to it, as a formula; empty for the model itself. */
  readonly plus: string;
  /** What `demos(k=...)` of the formula puts before a question, best first. */
  readonly demonstrations?: readonly Demonstration[] | undefined;
  /** Members that are asked in turn: then `plus` is empty. */
  readonly router?: MadeRouter | undefined;
  /** What one answer may take. */
  readonly perQuestion?: Limits | undefined;
  readonly provenance?: Provenance | undefined;
}

/** Where it comes from. */
export interface Provenance {
  readonly task: string;
  readonly metric: string;
  /** The space that was searched. */
  readonly space: string;
  /** SHA-256 of questions, expected answers and metric. */
  readonly data: string;
  readonly seed: number | string;
  readonly budget: Limits;
  /** What the search was charged. */
  readonly spent: { readonly calls: number; readonly tokens?: number | undefined; readonly usd?: number | undefined };
  /** Of plusx, and of whatever else took part. */
  readonly versions: { readonly plusx: string };
  readonly scores: Scores;
}

export interface Scores {
  /** On the items that it was picked by. */
  readonly dev: number;
  readonly test: number;
  readonly ci95: readonly [number, number];
  /** The model alone on the test. */
  readonly base: number;
  readonly improved: boolean;
}

const limits = fields<Limits>({
  calls: number({ min: 0 }),
  tokens: number({ min: 0 }),
  usd: number({ min: 0 }),
  ms: number({ min: 0 }),
});
const any: Read<string> = (value, place) => (value === '' ? '' : text({ most: 1_000_000 })(value, place));
const share = number({ min: -1, max: 1 });

const readSeed: Read<number | string> = (value, place) =>
  typeof value === 'string' ? any(value, place) : number()(value, place);

const readInterval: Read<readonly [number, number]> = (value, place) => {
  const [lo, hi, ...more] = list(share)(value, place);
  return lo === undefined || hi === undefined || more.length > 0 ? refuse(place, 'must hold two numbers') : [lo, hi];
};

const readFlag: Read<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : refuse(place, 'must be true or false', { value });

const real = list(number(), { most: 64 });
const readGate = fields<Gate>(
  { bias: number(), weights: real, centre: real, scale: real },
  { required: ['bias', 'weights', 'centre', 'scale'] },
);
const readRouter = fields<MadeRouter>(
  {
    name: text({ matches: /^[A-Za-z]\w*(?:\.\d+)?$/, rule: 'must be a word', most: 64 }),
    members: list(any, { most: 64 }),
    gate: readGate,
    threshold: number(),
    weights: list(number({ min: 0 }), { most: 64 }),
  },
  { required: ['name', 'members', 'gate', 'threshold', 'weights'] },
);

const readProgram = fields<Program>(
  {
    plusx: integer({ min: 1 }),
    model: text(),
    plus: any,
    demonstrations: list(fields<Demonstration>({ question: any, answer: any }, { required: ['question', 'answer'] }), {
      most: 1000,
    }),
    router: readRouter,
    perQuestion: limits,
    provenance: fields<Provenance>({
      task: any,
      metric: any,
      space: any,
      data: any,
      seed: readSeed,
      budget: limits,
      spent: fields({ calls: number({ min: 0 }), tokens: number({ min: 0 }), usd: number({ min: 0 }) }),
      versions: fields({ plusx: text() }),
      scores: fields<Scores>({ dev: share, test: share, ci95: readInterval, base: share, improved: readFlag }),
    }),
  },
  { required: ['plusx', 'model', 'plus'] },
);

/** A program of what a file holds. Throws ConfigError, which names the file and the field. */
export function checkProgram(value: unknown, file: string): Program {
  const place = whole(file);
  const { plusx: version } = table(json())(value, place);
  if (version === undefined)
    refuse(place, 'is no file of a compiled model: it has no field plusx', {
      hint: '`plusx compile ... --out x.plusx.json` writes one',
    });
  if (typeof version === 'number' && version > FORMAT)
    refuse(place, `is of form ${version}, and this plusx reads form ${FORMAT}`, { hint: 'Update plusx' });
  const program = readProgram(value, place);
  const { router } = program;
  if (router && router.members.length !== router.weights.length)
    refuse(inside(inside(place, 'router'), 'weights'), `must be ${router.members.length}, one a member`);
  if (router && (router.members.length === 0 || program.plus !== ''))
    refuse(inside(place, 'router'), 'needs members, and an empty plus');
  return program;
}
