import {
  InvalidOption,
  NoCandidates,
  notePossible,
  option,
  possibleOf,
  type Process,
  type Request,
} from '../../core/index.ts';
import { GRAMMAR_LENGTH } from '../../core/bounds.ts';
import { normalized } from '../shared/logprobs.ts';
import { oneOf, type Expression } from './expression.ts';
import { startOf, type Place } from './grammar.ts';
import { parseSchema } from './json-schema.ts';
import { EVERYTHING, lookahead, type Lookahead } from './lookahead.ts';
import { parseRegex } from './regex.ts';
import { Unsupported } from './unsupported.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';

/**
 * Writes a text of a set and nothing else: one of the given texts, one that matches a regular expression as a whole, or
 * JSON that meets a schema. A token is masked where no way leads from it to an end within the set.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · 1[some text of the set starts with prefix v]
 *
 * Every token is normalized where it stands, so this is not P(y | y in the set): a token is taken as likely as it looks,
 * however little probability lies behind it. For P(y | y in the set) itself, up to its number of particles, use tokenSmc
 * with the set as potential; rejection gives it exactly where the base meets the set often enough.
 *
 * With none of its options it keeps to the request's responseFormat. Under maxOutputTokens it leaves room to end. Tokens
 * that are parts of a character are not used. Errors: InvalidOption naming what of an expression or a schema is not
 * supported or too large; NoCandidates where the base rules out every way on.
 *
 * Cost: 1 call. Source: Willard and Louf, "Efficient guided generation for large language models", 2023.
 */
export const constrained = nextTokenTechnique({
  name: 'constrained',
  summary: 'write one of the given texts, a regular expression or JSON, and nothing else',
  paper: 'Willard and Louf, 2023',
  options: {
    choices: option.text({ doc: 'the texts, separated by |, such as yes|no', optional: true }),
    regex: option.text({ doc: 'a regular expression that the whole text matches', optional: true }),
    json: option.text({ doc: "a JSON schema; default the request's responseFormat", optional: true }),
  },
  calls: '1',
  rounds: '1',
  check: (given) => {
    const named = (['choices', 'regex', 'json'] as const).filter((name) => given[name] !== undefined);
    const [first, second] = named;
    if (second) return { option: second, rule: `cannot be given beside ${first}` };
    try {
      return void (first && setOf(given));
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      return { option: first as 'regex', rule: `cannot be kept to: ${error.message}` };
    }
  },
  semantics: ({ choices, regex, json }) => ({
    kind: 'heuristic',
    target: `P(y | y in ${choices ?? (regex === undefined ? (json ?? 'the format asked for') : `/${regex}/`)})`,
    why: 'each token is normalized where it stands, whatever lies behind it',
  }),
  make: ([base], given, request) =>
    keptTo(() => {
      const set = setOf((given.choices ?? given.regex ?? given.json) ? given : { json: formatOf(request) });
      const ahead = lookahead(base.vocabulary, base.end);
      const left = request.maxOutputTokens ?? Infinity;
      const needed = ahead.reach(set, possibleOf(base) ?? EVERYTHING);
      if (needed > left && needed < Infinity)
        throw new InvalidOption({
          where: 'constrained',
          option: 'maxOutputTokens',
          rule: `must leave room for a whole text: ${needed} tokens`,
          value: left,
        });
      return masked(base, ahead, set, left);
    }),
});

/** What is found to be too large only while it is kept to is told as what it is: an option that asks for too much. */
function keptTo<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    throw new InvalidOption({
      where: 'constrained',
      option: 'its set of texts',
      rule: `cannot be kept to: ${error.message}`,
    });
  }
}

interface Given {
  readonly choices?: string | undefined;
  readonly regex?: string | undefined;
  readonly json?: string | undefined;
}

/** The set, read once for equal options. */
function setOf({ choices, regex, json }: Given): Place {
  const key = JSON.stringify([choices, regex, json]);
  const before = sets.get(key);
  if (before) return before;
  const start = startOf(expressionOf({ choices, regex, json }));
  if (!start) throw new Unsupported('no text is in it');
  if (sets.size >= MOST_SETS) sets.clear();
  sets.set(key, start);
  return start;
}

function expressionOf({ choices, regex, json = '{}' }: Given): Expression {
  if ((choices ?? regex ?? json).length > GRAMMAR_LENGTH)
    throw new Unsupported(`it has more than ${GRAMMAR_LENGTH} letters`);
  if (choices !== undefined) return oneOf(choices.split('|'));
  if (regex !== undefined) return parseRegex(regex);
  let schema: unknown;
  try {
    schema = JSON.parse(json);
  } catch {
    throw new Unsupported('it is no JSON');
  }
  return parseSchema(schema);
}

function formatOf({ responseFormat }: Request): string {
  if (responseFormat?.type === 'json') return JSON.stringify(responseFormat.schema ?? { type: 'object' });
  throw new InvalidOption({
    where: 'constrained',
    option: 'choices, regex or json',
    rule: 'is required where the request has no responseFormat of type json',
  });
}

/** @param left tokens that may come, the end included. */
function masked(state: Process, ahead: Lookahead, at: Place, left: number): Process {
  const { vocabulary, end, inputTokens } = state;
  const possible = possibleOf(state);
  const { push } = possible ?? EVERYTHING;
  const process: Process = {
    vocabulary,
    end,
    inputTokens,
    async next() {
      const base = await state.next();
      const kept = new Float64Array(base.length).fill(Number.NEGATIVE_INFINITY);
      if (at.whole) kept[end] = base[end] as number;
      keptTo(() => {
        for (const { token, to } of ahead.moves(at))
          if (base[token] !== Number.NEGATIVE_INFINITY && ahead.reach(to, push(token)) < left)
            kept[token] = base[token] as number;
      });
      if (kept.every((logprob) => logprob === Number.NEGATIVE_INFINITY))
        throw new NoCandidates({
          technique: 'constrained',
          why: 'no token of the model leads on to a text of the set: give it texts that its vocabulary can spell, or raise maxOutputTokens',
        });
      return normalized(kept);
    },
    async push(token) {
      const move = ahead.moves(at).find((one) => one.token === token);
      if (!move) throw new RangeError(`push: ${token} leads out of the set`);
      return masked(await state.push(token), ahead, move.to, left - 1);
    },
  };
  return notePossible(process, possible);
}

const sets = new Map<string, Place>();
const MOST_SETS = 64;
