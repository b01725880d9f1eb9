import {
  option,
  sampleOnly,
  system as systemMessage,
  technique,
  type Message,
  type Request,
} from '../../core/index.ts';

/** Settings of a request, by the names they have in formulas and on the command line. */
export interface RequestSettings {
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly system?: string | undefined;
  readonly reasoning?: string | undefined;
}

/**
 * Asks with settings of its own: how a server samples, how long an answer may be, where it ends, and the instructions before
 * the question.
 *
 *     P'(y | x) = P(y | system, x; temperature, topP, maxTokens, stop, reasoning)
 *
 * Settings of the formula take the place of the request's, but for bounds, where both hold: the smaller number of tokens, and
 * all stop sequences. Instructions stand before those that are there.
 *
 * Cost: 1 call. Source: the settings of chat completions, OpenAI, 2023, which most servers take.
 */
export const request = technique({
  name: 'request',
  room: 'rephrase',
  summary: 'settings of the request: temperature, tokens, stop, system',
  paper: 'OpenAI, 2023 (chat completions)',
  options: {
    temperature: option.number({ doc: "the sampler's temperature", min: 0, optional: true }),
    maxTokens: option.integer({ doc: 'output tokens of one call, at most', min: 1, optional: true }),
    topP: option.number({ doc: 'share of the likeliest tokens that is drawn from', min: 0, max: 1, optional: true }),
    stop: option.texts({ doc: 'texts before which an answer ends', optional: true }),
    system: option.text({ doc: 'instructions before the question', optional: true }),
    reasoning: option.text({ doc: 'how hard to think, in the words of the provider: low, high', optional: true }),
  },
  calls: '1',
  rounds: '1',
  keepsPrompt: true,
  semantics: () => ({ kind: 'exact', target: 'P(y | x; settings)', why: 'one draw with other settings' }),
  can: ([base]) => ({ ...sampleOnly(base.can), logprobs: base.can.logprobs, next: base.can.next }),
  reads: (base, asked, settings) => [{ model: base, request: withSettings(asked, settings) }],
  asks: (_base, asked, _context, settings) => ({ request: withSettings(asked, settings) }),
  async open(base, asked, context, settings) {
    if (!base.open) throw new TypeError(`${base.name}: no next-token process`);
    return base.open(withSettings(asked, settings), context);
  },
});

/** A request with settings: the formula's and the command line's alike. */
export function withSettings(
  asked: Request,
  { temperature, maxTokens, topP, stop = [], system, reasoning }: RequestSettings,
): Request {
  const { maxOutputTokens = Infinity, stopSequences = [] } = asked;
  return {
    ...asked,
    ...(system !== undefined && { prompt: instructed(asked.prompt, system) }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxOutputTokens: Math.min(maxTokens, maxOutputTokens) }),
    ...(topP !== undefined && { topP }),
    ...(stop.length > 0 && { stopSequences: [...new Set([...stopSequences, ...stop])] }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

/** In one message with the instructions that are there: strict chat templates take no second one. */
function instructed(prompt: readonly Message[], text: string): readonly Message[] {
  const [first, ...rest] = prompt;
  return first?.role === 'system'
    ? [{ ...first, content: `${text}\n\n${first.content}` }, ...rest]
    : [systemMessage(text), ...prompt];
}
