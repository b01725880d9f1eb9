/** What becomes of the fields of a request under each technique, as an upstream of ours sees it. */
import type { AnyTechnique, Schema } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { SCORERS } from '../../cli/compose/scorers.ts';
import { tiny } from '../../models/tiny/index.ts';
import { openMemory } from '../../store/index.ts';
import { trustingSandbox } from '../../testing/laws/sandbox.ts';
import { serving, type Gate, type Serving } from './serving.ts';

/** Fields that are sent, with a value that can be told from any default. */
export const SENT: { readonly [field: string]: unknown } = {
  max_tokens: 77,
  temperature: 0.7,
  top_p: 0.9,
  presence_penalty: 0.1,
  frequency_penalty: 0.2,
  stop: ['\u2603'],
  reasoning_effort: 'low',
  logit_bias: { '5': 1 },
  parallel_tool_calls: false,
  verbosity: 'low',
  user: 'mia',
  metadata: { a: 'b' },
  service_tier: 'flex',
  prediction: { type: 'content', content: 'The answer is 4.' },
  web_search_options: { search_context_size: 'low' },
  store: true,
  moderation: { model: 'omni-moderation-latest' },
  safety_identifier: 'm-1',
  prompt_cache_key: 'k-1',
  prompt_cache_retention: '24h',
  prompt_cache_options: { ttl: '30m' },
  min_p: 0.01,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'r', schema: { type: 'object', properties: { answer: { type: 'number' } } }, strict: true },
  },
  tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }],
  tool_choice: 'auto',
};

const FORMS = new Set(['tools', 'tool_choice', 'response_format']);
/** Those that say nothing of the form of an answer. */
export const PLAIN = Object.fromEntries(Object.entries(SENT).filter(([field]) => !FORMS.has(field)));

export const MESSAGES = [
  { role: 'system', content: 'You are exact.' },
  { role: 'user', content: 'Look at 3.' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":3}' } }],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'seen: 3' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is 2 + 2?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
    ],
  },
];

/** Options of techniques that ask for one of several. */
const MORE: { readonly [technique: string]: string } = {
  route: 'router=up/test',
  critic: 'score=length',
  pal: 'language="javascript"',
  programOfThoughts: 'language="javascript"',
  agreement: 'language="javascript"',
  selfDebug: 'language="javascript"',
  constrained: 'regex="[0-9]+"',
  minP: 'p=0.1',
  topK: 'k=5',
  topP: 'p=0.9',
  temperature: 't=0.5',
};

/** How a technique is written in a formula over one model, where it needs no more than a server has. */
export function formulaOf({ definition, takes }: AnyTechnique): string | undefined {
  const { name, options } = definition;
  const given: string[] = Object.hasOwn(MORE, name) ? [MORE[name] as string] : [];
  for (const [option, { presence, kind }] of Object.entries(options as Schema)) {
    if (presence !== 'required' || given.some((one) => one.startsWith(`${option}=`))) continue;
    if (kind === 'scorer') given.push(`${option}=length`);
    else if (kind === 'model') given.push(`${option}=up/test`);
    else return undefined;
  }
  if (takes === 'many') return `${name}(${['up/test', 'up/test', ...given].join(', ')})`;
  return `up/test + ${name}${given.length > 0 ? `(${given.join(', ')})` : ''}`;
}

export interface Seen {
  readonly technique: AnyTechnique;
  readonly formula: string;
  readonly status: number;
  readonly reply: unknown;
  readonly bodies: readonly { readonly [field: string]: unknown }[];
}

export async function seenUnder(server: Serving, technique: AnyTechnique, body: object): Promise<Seen | undefined> {
  const formula = formulaOf(technique);
  if (formula === undefined) return undefined;
  server.upstream.forget();
  const response = await server.post('/chat/completions', { model: formula, messages: MESSAGES, seed: 3, ...body });
  return {
    technique,
    formula,
    status: response.status,
    reply: await response.json(),
    bodies: server.upstream.requests.map((request) => request.body),
  };
}

export const serverOfAll = (gate?: (url: string) => Promise<Gate>): Promise<Serving> =>
  serving(
    { answers: '{"answer": 4}' },
    {
      gate,
      options: {
        models: { tiny: tiny() },
        scorers: SCORERS,
        hostFor: () => ({ sandbox: trustingSandbox(), memory: openMemory({ file: ':memory:' }) }),
      },
      quirks: { logprobs: true },
    },
  );

export { techniques };
