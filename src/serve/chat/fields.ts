/**
 * What becomes of each field of a chat request when the model has techniques. A field is read and keeps its meaning, is
 * handed to every call of a model behind a server that speaks the protocol, or is refused by name. None is dropped.
 */

/** `handed`: to the base models as it is. `hint`: about the handling of a request and not its answer. */
export type Fate = 'read' | 'computed' | 'handed' | 'hint' | 'refused';

interface Field {
  readonly fate: Fate;
  /** Whether a value says what is so anyway. */
  readonly isDefault?: (value: unknown) => boolean;
  /** Of a refused field: what to do. */
  readonly instead?: string;
}

const is =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

export const CHAT_FIELDS: { readonly [name: string]: Field } = {
  model: { fate: 'read' },
  messages: { fate: 'read' },
  max_tokens: { fate: 'read' },
  max_completion_tokens: { fate: 'read' },
  temperature: { fate: 'read' },
  top_p: { fate: 'read' },
  presence_penalty: { fate: 'read' },
  frequency_penalty: { fate: 'read' },
  stop: { fate: 'read' },
  response_format: { fate: 'read' },
  tools: { fate: 'read' },
  tool_choice: { fate: 'read' },
  reasoning_effort: { fate: 'read' },
  plusx: { fate: 'read' },
  n: { fate: 'computed' },
  stream: { fate: 'computed' },
  stream_options: { fate: 'computed' },
  seed: { fate: 'computed' },
  logprobs: { fate: 'computed' },
  top_logprobs: { fate: 'computed' },
  logit_bias: { fate: 'handed', isDefault: isEmpty },
  parallel_tool_calls: { fate: 'handed', isDefault: is(true) },
  prediction: { fate: 'handed' },
  verbosity: { fate: 'handed', isDefault: is('medium') },
  web_search_options: { fate: 'handed' },
  store: { fate: 'handed', isDefault: is(false) },
  moderation: { fate: 'handed' },
  service_tier: { fate: 'hint' },
  metadata: { fate: 'hint' },
  user: { fate: 'hint' },
  safety_identifier: { fate: 'hint' },
  prompt_cache_key: { fate: 'hint' },
  prompt_cache_retention: { fate: 'hint' },
  prompt_cache_options: { fate: 'hint' },
  modalities: {
    fate: 'refused',
    isDefault: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
    instead: 'Ask for text alone, or name the model without techniques',
  },
  audio: { fate: 'refused', instead: 'Ask for text alone, or name the model without techniques' },
  functions: {
    fate: 'refused',
    isDefault: (value) => Array.isArray(value) && value.length === 0,
    instead: 'Send them as `tools`',
  },
  function_call: { fate: 'refused', isDefault: is('auto', 'none'), instead: 'Send it as `tool_choice`' },
};
