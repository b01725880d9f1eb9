/** What becomes of each field of a request under the techniques of a room, found by sending it: the table of docs/serve.md. */
import type { AnyTechnique } from '../../core/index.ts';
import { CHAT_FIELDS } from '../chat/fields.ts';
import { formulaOf, MESSAGES, PLAIN, seenUnder, SENT, type Seen } from './matrix.ts';
import type { Serving } from './serving.ts';

/** `taken`: by a model that is opened token by token, of which no call can be seen. */
export type Outcome = 'every call' | 'some calls' | 'computed' | 'taken' | 'text alone' | 'refused' | 'lost';
export type Outcomes = { readonly [field: string]: Outcome };

/** The part of a request that reached the server: in every call, in some, or in none. */
export function share(seen: Seen, isThere: (body: Seen['bodies'][number]) => boolean): 'all' | 'some' | 'none' {
  const count = seen.bodies.filter(isThere).length;
  return count === 0 ? 'none' : count === seen.bodies.length ? 'all' : 'some';
}

export const holds =
  (text: string) =>
  (body: Seen['bodies'][number]): boolean =>
    JSON.stringify(body['messages']).includes(text);

const WORDS = { all: 'every call', some: 'some calls', none: 'lost' } as const;

const isSame = (field: string, value: unknown) => (body: Seen['bodies'][number]) =>
  JSON.stringify(body[field]) === JSON.stringify(value);
/** Some techniques share out what they may write. */
const isWithin = (most: number) => (body: Seen['bodies'][number]) =>
  typeof body['max_tokens'] === 'number' && body['max_tokens'] <= most;

interface Reply {
  readonly choices?: readonly { readonly message: object; readonly logprobs: unknown }[];
  readonly plusx?: { readonly warnings: readonly { readonly message: string }[] };
  readonly error?: { readonly param: string | null };
}

/** Asks one model, whatever it is made of. */
type Ask = (body: object) => Promise<Seen>;

/** The fate of every field under a technique over a model behind a server. */
export async function outcomesUnder(server: Serving, technique: AnyTechnique): Promise<Outcomes> {
  const ask: Ask = async (body) => (await seenUnder(server, technique, body)) as Seen;
  const outcomes: { [field: string]: Outcome } = {};
  const plain = await ask(PLAIN);
  for (const [field, value] of Object.entries(PLAIN)) outcomes[field] = WORDS[share(plain, isSame(field, value))];
  outcomes['max_tokens'] = WORDS[share(plain, isWithin(77))];
  outcomes['messages'] =
    WORDS[share(plain, (body) => ['seen: 3', '"detail":"low"', 'You are exact.'].every((text) => holds(text)(body)))];
  for (const form of ['tools', 'tool_choice', 'response_format']) {
    const sent = form === 'tool_choice' ? { tools: SENT['tools'], [form]: SENT[form] } : { [form]: SENT[form] };
    const seen = await ask(sent);
    outcomes[form] = seen.status === 400 ? 'refused' : WORDS[share(seen, isSame(form, SENT[form]))];
  }
  outcomes['max_completion_tokens'] = WORDS[share(await ask({ max_completion_tokens: 70 }), isWithin(70))];
  return { ...outcomes, ...(await computed(ask, server)), ...(await refused(ask)) };
}

/** The same over the embedded model, which is opened token by token and sends nothing to any server. */
export async function outcomesOpened(server: Serving, technique: AnyTechnique): Promise<Outcomes> {
  const model = (formulaOf(technique) ?? '').replaceAll('up/test', 'tiny');
  const plain = [{ role: 'user', content: 'Question: What is 2 + 3 ?' }];
  const ask: Ask = async (body) => {
    const response = await server.post('/chat/completions', {
      model,
      messages: plain,
      max_tokens: 20,
      seed: 3,
      ...body,
    });
    return { technique, formula: model, status: response.status, reply: await response.json(), bodies: [] };
  };
  const outcomes: { [field: string]: Outcome } = {};
  const tokens = { max_completion_tokens: 5 };
  const texts = MESSAGES.filter(({ content }) => typeof content === 'string' && !content.startsWith('seen'));
  const isText =
    (await ask({ messages: texts })).status === 200 && refusedFor((await ask({ messages: MESSAGES })).reply);
  outcomes['messages'] = isText ? 'text alone' : 'lost';
  for (const [field, value] of Object.entries({ ...SENT, ...tokens })) {
    const needs = field === 'tool_choice' ? { tools: SENT['tools'] } : {};
    const { status, reply } = await ask({ ...needs, [field]: value });
    outcomes[field] = status === 200 ? 'taken' : refusedFor(reply) ? 'refused' : 'lost';
  }
  return { ...outcomes, ...(await computed(ask, server)), ...(await refused(ask)) };
}

/** Fields that stand for more than they say: the reply shows whether they were kept. */
async function computed(ask: Ask, server: Serving): Promise<Outcomes> {
  const kept = (seen: Seen, is: (reply: Reply) => boolean): Outcome =>
    seen.status === 200 ? (is(seen.reply as Reply) ? 'computed' : 'lost') : refusedFor(seen.reply) ? 'refused' : 'lost';
  // Tokens are told, or that none were sent.
  const isTold = ({ choices, plusx }: Reply): boolean =>
    choices?.[0]?.logprobs !== null || plusx?.warnings.some(({ message }) => /log-prob/i.test(message)) === true;
  const first = await ask({ seed: 5 });
  const again = JSON.stringify(((await ask({ seed: 5 })).reply as Reply).choices);
  const body = { model: first.formula, messages: [{ role: 'user', content: 'What is 2 + 3 ?' }], max_tokens: 60 };
  const options = { stream: true, stream_options: { include_usage: true } };
  const events = await (await server.post('/chat/completions', { ...body, ...options })).text();
  return {
    n: kept(await ask({ n: 2 }), ({ choices }) => choices?.length === 2),
    logprobs: kept(await ask({ logprobs: true }), isTold),
    top_logprobs: kept(await ask({ logprobs: true, top_logprobs: 2 }), isTold),
    seed: kept(first, ({ choices }) => JSON.stringify(choices) === again),
    stream: /"finish_reason":"(?:stop|length)"/.test(events) ? 'computed' : 'lost',
    stream_options: /"choices":\[\],"usage":\{/.test(events) ? 'computed' : 'lost',
  };
}

const REFUSED: { readonly [field: string]: unknown } = {
  modalities: ['text', 'audio'],
  audio: { voice: 'alloy', format: 'wav' },
  functions: [{ name: 'look' }],
  function_call: { name: 'look' },
};

async function refused(ask: Ask): Promise<Outcomes> {
  const outcomes: { [field: string]: Outcome } = {};
  for (const [field, value] of Object.entries(REFUSED))
    outcomes[field] = refusedFor((await ask({ [field]: value })).reply) === field ? 'refused' : 'lost';
  return outcomes;
}

/** The field that a refusal names. */
const refusedFor = (reply: unknown): string | null | undefined => (reply as Reply).error?.param;

export const ROOMS = ['search', 'iterate', 'remember', 'rephrase', 'decompose', 'recipes', 'tools', 'decode'] as const;

/** The table: fields that have the same fate in every room share a row. */
export function roomTable(byRoom: ReadonlyMap<string, readonly Outcomes[]>): string {
  const rows = new Map<string, string[]>();
  const fields = Object.keys(CHAT_FIELDS).filter((field) => field !== 'model' && field !== 'plusx');
  for (const field of [...fields, 'min_p']) {
    const cells = ROOMS.map((room) => wordOf((byRoom.get(room) ?? []).map((one) => one[field] ?? 'lost')));
    const key = cells.join(' | ');
    rows.set(key, [...(rows.get(key) ?? []), field === 'min_p' ? 'any other' : `\`${field}\``]);
  }
  return [
    `| field | ${ROOMS.join(' | ')} |`,
    `|---|${ROOMS.map(() => '---').join('|')}|`,
    ...[...rows].map(([cells, names]) => `| ${names.join(', ')} | ${cells} |`),
  ].join('\n');
}

/** What is so under all techniques of a room. */
function wordOf(outcomes: readonly Outcome[]): string {
  const found = new Set(outcomes);
  const [only = 'lost'] = found;
  if (found.size === 1) return only;
  if (found.size === 2 && found.has('every call') && found.has('some calls')) return 'some calls';
  return [...found].toSorted((a, b) => a.localeCompare(b)).join(' or ');
}
