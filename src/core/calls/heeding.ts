/** Whether a server that others run heeds what it is asked: seed and temperature, and the format of the reply. */
import { hash } from '../context/choice.ts';
import { textOf, type Content } from '../message.ts';
import { parsed } from '../reading/json.ts';
import { said } from '../reading/thoughts.ts';
import type { Request, Warning } from '../sample.ts';
import { type Candidate, type JournalEntry, requestKey } from './journal.ts';
import { sameModel } from './same-model.ts';

/** One candidate, and the address it was drawn at. */
export interface Drawn {
  readonly id: string;
  readonly candidate: Candidate;
}

export interface Heeding {
  /** Takes note of candidates of one request, and says what of it they do not heed. `outputTokens`: of all of them together. */
  note(request: Request, drawn: readonly Drawn[], outputTokens?: number): readonly Warning[];
  /**
   * Takes note of a candidate that was kept, and says whether the server's model is another one by now. `known`: what its journal says of
   * its age and its state. `run`: tells one run from another.
   */
  readonly replayed?: (
    candidate: Candidate,
    known?: Pick<JournalEntry, 'old' | 'isOfLate'>,
    run?: object,
  ) => readonly Warning[];
  /** What was perhaps said of candidates before, and does not hold: two draws have differed since. */
  readonly withdrawn?: readonly Warning[];
}

/** Watches all draws of one model at one place. */
export function heeding(): Heeding {
  const { repeats, differ } = repeating();
  const same = sameModel();
  return {
    note: (request, drawn, outputTokens) => [
      ...(repeats(request, drawn, outputTokens) ? [IDENTICAL] : []),
      ...drawn.flatMap(({ candidate }) => broken(request, candidate) ?? []).slice(0, 1),
      ...same.note(
        drawn.map(({ candidate }) => candidate),
        'now',
      ),
    ],
    replayed(candidate, known, run) {
      if (known?.isOfLate) same.isOfLate(candidate);
      return same.note([candidate], 'kept', known?.old, run);
    },
    get withdrawn() {
      return [...(differ() ? [IDENTICAL] : []), ...same.withdrawn()];
    },
  };
}

/** -ln of how likely so many repeats are where texts are drawn: below one in a thousand. */
const ENOUGH = Math.log(1000);
/** What a token counts whose log-probability nobody tells: models are rather certain of most tokens. */
const NATS_A_TOKEN = 0.3;
/** Below this temperature, repeats are what was asked for. */
const LEAST = 0.5;
/** Requests whose first draw is remembered. */
const MOST_REQUESTS = 64;

/**
 * Whether candidates repeat what was drawn at other addresses, where no two draws have differed yet and where there were too many
 * of them for that to be chance.
 */
function repeating(): { repeats: (...noted: Parameters<Heeding['note']>) => boolean; differ: () => boolean } {
  const firsts = new Map<string, { readonly id: string; readonly text: string }>();
  let evidence = 0;
  let differ = false;
  const repeats = (...[request, drawn, outputTokens]: Parameters<Heeding['note']>): boolean => {
    const { temperature = 1, topK, topP = 1 } = request;
    if (differ || temperature < LEAST || topP < LEAST || topK === 1) return false;
    const key = hash(requestKey(request)).join();
    const before = evidence;
    for (const { id, candidate } of drawn) {
      const text = candidate.content.map(shown).join('');
      if (text === '') continue;
      const first = firsts.get(key);
      if (first === undefined) {
        if (firsts.size >= MOST_REQUESTS) firsts.clear();
        firsts.set(key, { id, text });
      } else if (first.text !== text) {
        differ = true;
        firsts.clear();
        return false;
      } else if (first.id !== id) {
        const counted = outputTokens === undefined ? text.length / 4 : outputTokens / drawn.length;
        evidence += surprise(candidate, counted);
      }
    }
    return evidence > before && evidence >= ENOUGH;
  };
  return { repeats, differ: () => differ };
}

/** What differs where two replies do; the ids of calls differ always. */
function shown(part: Content): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  return part.type === 'tool-call' ? `${part.toolName} ${part.input}` : '';
}

/** How unlikely it is to draw the text again. */
function surprise({ logprob, tokens }: Candidate, counted: number): number {
  if (logprob !== undefined && Number.isFinite(logprob)) return -logprob;
  return NATS_A_TOKEN * (tokens?.length ?? counted);
}

const IDENTICAL: Warning = {
  code: 'draws-identical',
  message:
    'one text came for all draws of a request, and no two draws have differed yet. Either the model is sure of it, or the server ignores seed and temperature, and several draws are copies of one; `plusx probe` tells which',
};

/** Whether a reply is not of the format that was asked for. One that was cut off, or that calls a tool, is none yet. */
function broken({ responseFormat }: Request, { content, finish }: Candidate): Warning | undefined {
  if (responseFormat?.type !== 'json' || finish.unified !== 'stop') return undefined;
  if (content.some(({ type }) => type === 'tool-call')) return undefined;
  const text = said(textOf(content)).trim();
  const value = parsed(text);
  const off = value === undefined ? 'no JSON' : misfit(value, responseFormat.schema);
  return off === undefined
    ? undefined
    : {
        code: 'format-ignored',
        message: `the reply is not of the format that was asked for (${off}): ${JSON.stringify(text.slice(-60))}`,
      };
}

type Fields = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Deeper parts of a value are not looked at. */
const MOST_DEPTH = 32;

/** Where a value does not keep to the types and the required properties of a schema. Other keywords are taken as kept. */
function misfit(value: unknown, schema: unknown, path = '', depth = 0): string | undefined {
  if (!isObject(schema) || depth > MOST_DEPTH) return undefined;
  const { type, required, properties, items } = schema;
  const types = [type].flat().filter((one) => typeof one === 'string');
  if (types.length > 0 && !types.some((one) => isOf(value, one))) return `${path || 'it'} is no ${types.join(' or ')}`;
  if (Array.isArray(value))
    return value.map((one, i) => misfit(one, items, `${path}/${i}`, depth + 1)).find((off) => off !== undefined);
  if (!isObject(value)) return undefined;
  const missing = Array.isArray(required)
    ? required.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    : undefined;
  if (missing !== undefined) return `${path}/${missing} is missing`;
  return Object.entries(isObject(properties) ? properties : {})
    .map(([name, one]) =>
      Object.hasOwn(value, name) ? misfit(value[name], one, `${path}/${name}`, depth + 1) : undefined,
    )
    .find((off) => off !== undefined);
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'null':
      return value === null;
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}
