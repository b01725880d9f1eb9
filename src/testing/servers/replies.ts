/** The loopback server's answers in the protocol: whole, and as the events of a stream. */
import { begunIn, drawText, logprobsOf, tokensOf, type ServerAnswer, type ServerDistribution } from './answers.ts';
import type { ServedAnswer } from './answers.ts';
import type { IncomingHttpHeaders } from 'node:http';

/** How the answers deviate from what was asked for. */
export interface Knobs {
  /** Sends one choice whatever `n` says. */
  readonly ignoresN?: boolean | undefined;
  /** Says in the field of that name what ended a text, as vLLM and SGLang do. */
  readonly stopField?: 'stop_reason' | 'matched_stop' | undefined;
  /** Reports the tokens of one candidate for `n` of them, as llama.cpp does. */
  readonly countsOne?: boolean | undefined;
  /** Refuses `n` above 1: with 400 and OpenAI's words, or as it is told. */
  readonly refusesN?: boolean | { readonly status: number; readonly message: string } | undefined;
  /** Most candidates a request may ask for: more are refused in llama.cpp's words. */
  readonly mostN?: number | undefined;
  /** Reports the prompt's tokens once for each candidate of a request. */
  readonly billsEach?: boolean | undefined;
  /** Counts the token that ends a text, as most servers do. */
  readonly countsEnd?: boolean | undefined;
  /** Answers as if no format were asked for. Default: a chat keeps to it. */
  readonly ignoresFormat?: boolean | undefined;
  /** The field in which a completions endpoint takes a schema. Default: none. */
  readonly formatField?: 'response_format' | 'json_schema' | undefined;
  /** Lists the token that ends a text among those with a log-probability, as llama.cpp does in whole replies alone. */
  readonly listsEnd?: 'whole' | 'always' | undefined;
  /** Takes a schema as a field of `json_object` alone, as llama-cpp-python does, and refuses it in another with 500. */
  readonly schemaInObject?: boolean | undefined;
  /** Refuses conversations as strict chat templates do. `plain`: also a system message, and a user behind a tool's result. */
  readonly takesRoles?: 'alternating' | 'plain' | undefined;
  /** Refuses an assistant message whose content is null. */
  readonly refusesNull?: boolean | undefined;
  /** Refuses fields it does not know: all but those of the protocol and these. */
  readonly knows?: readonly string[] | undefined;
  /** The temperature it samples at where none is asked for. Default 1. */
  readonly ownTemperature?: number | undefined;
  /** Answers the likeliest text, whatever temperature and seed say. */
  readonly alwaysGreedy?: boolean | undefined;
  /** Samples at its own temperature, whatever is asked for. */
  readonly dropsTemperature?: boolean | undefined;
  readonly ignoresMaxTokens?: boolean | undefined;
  /** Ends at a stop sequence, and leaves it in the text. */
  readonly leavesStop?: boolean | undefined;
  /** Sends log-probabilities only where alternatives are asked for too. */
  readonly logprobsNeedTop?: boolean | undefined;
  /** Begins a whole reply with the text it goes on from. */
  readonly repeatsPrefix?: boolean | undefined;
  /** What `text_offset` counts. Default: characters. */
  readonly offsets?: 'characters' | 'utf16' | undefined;
  /** Draws by order of arrival, as a server without seeds does. */
  readonly dropsSeed?: boolean | undefined;
  readonly noUsage?: boolean | undefined;
  readonly noLogprobs?: boolean | undefined;
  /** Scores of given texts are off by this much a token. */
  readonly wrongScores?: number | undefined;
  /** Starts a new turn where a prefix was to be continued. */
  readonly ignoresPrefix?: boolean | undefined;
  /** Ends a stream after so many events, with no word of an end. */
  readonly truncateStream?: number | undefined;
  /** The field of reasoning: `reasoning_content` (default) or `reasoning`. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning' | undefined;
  readonly cachedTokens?: number | undefined;
  /** The state in which the server is, by each request (`system_fingerprint`). Default: always the same one. */
  readonly fingerprint?: ((request: RecordedRequest) => string | undefined) | undefined;
}

/** A request as it came, and what became of it. */
export interface RecordedRequest {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: RequestBody;
  /** `aborted`: the client left before the answer was whole. */
  state: 'open' | 'completed' | 'aborted' | 'failed';
  status: number | undefined;
}

export interface RequestBody {
  readonly model?: string;
  readonly messages?: ReadonlyArray<{
    readonly role: string;
    readonly content?: unknown;
    readonly [key: string]: unknown;
  }>;
  readonly prompt?: string;
  readonly n?: number;
  readonly seed?: number;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stop?: string | readonly string[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly logprobs?: boolean | number;
  readonly top_logprobs?: number;
  readonly echo?: boolean;
  readonly prompt_logprobs?: number;
  readonly continue_final_message?: boolean;
  readonly [field: string]: unknown;
}

interface Choice extends ServerAnswer {
  readonly content: string;
  readonly distribution: ServerDistribution;
  /** What the answer had been begun with. */
  readonly prefix: string;
  readonly finish: string;
  /** The stop sequence it was cut at. */
  readonly stopped: string | null;
}

const isDistribution = (answer: ServedAnswer): answer is ServerDistribution =>
  typeof answer === 'object' && Object.values(answer).every((weight) => typeof weight === 'number');

function choicesOf({ index, body, path }: RecordedRequest, answer: ServedAnswer, knobs: Knobs): Choice[] {
  const count = knobs.ignoresN ? 1 : (body.n ?? 1);
  const given: ServerAnswer = typeof answer === 'string' ? { content: answer } : isDistribution(answer) ? {} : answer;
  const distribution: ServerDistribution = isDistribution(answer) ? answer : { [given.content ?? '']: 1 };
  const last = body.messages?.at(-1);
  const prefix = knobs.ignoresPrefix
    ? ''
    : path.endsWith('/chat/completions')
      ? body.continue_final_message || last?.['prefix'] === true
        ? typeof last?.content === 'string'
          ? last.content
          : ''
        : ''
      : begunIn(distribution, body.prompt ?? '');
  const question = JSON.stringify(body.messages ?? body.prompt);
  return Array.from({ length: count }, (_, i) => {
    const source = knobs.dropsSeed || body.seed === undefined ? `arrival ${index}` : `seed ${body.seed}`;
    const key = `${source} ${i} ${question}`;
    const { ownTemperature = 1 } = knobs;
    const asked = knobs.dropsTemperature ? ownTemperature : (body.temperature ?? ownTemperature);
    const temperature = knobs.alwaysGreedy ? 0 : asked;
    const drawn = drawText(distribution, { key, temperature, prefix }).slice(prefix.length);
    const text = given.toolCalls ? drawn : formed(drawn, body, path.endsWith('/chat/completions'), knobs);
    return { ...given, ...cut(text, body, given, knobs), distribution, prefix };
  });
}

/** The text, or an example of the schema where one is asked for and the text is no JSON. */
function formed(text: string, body: RequestBody, chat: boolean, { ignoresFormat, formatField }: Knobs): string {
  const format = body[chat ? 'response_format' : (formatField ?? 'none')] as
    | { readonly type?: string; readonly json_schema?: { readonly schema?: Schema }; readonly schema?: Schema }
    | undefined;
  if (format === undefined || format.type === 'text' || ignoresFormat || isJson(text)) return text;
  return JSON.stringify(
    exampleOf(formatField === 'json_schema' && !chat ? format : (format.json_schema?.schema ?? format.schema ?? {})),
  );
}

interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
}

function exampleOf({ type, required = [], properties = {} }: Schema): unknown {
  if (type === 'string') return 'word';
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {})]));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The text up to a stop sequence and the most tokens allowed. */
function cut(
  text: string,
  body: RequestBody,
  given: ServerAnswer,
  { ignoresMaxTokens, leavesStop, countsEnd }: Knobs,
): Pick<Choice, 'content' | 'finish' | 'stopped'> {
  const stops = typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []);
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const end = Math.min(text.length, ...ends);
  const stopped = stops.find((stop) => text.startsWith(stop, end) && stop !== '') ?? null;
  const kept = text.slice(0, end) + (leavesStop && stopped !== null ? stopped : '');
  const most = ignoresMaxTokens ? Infinity : (body.max_completion_tokens ?? body.max_tokens ?? Infinity);
  const tokens = tokensOf(kept);
  if (tokens.length + (countsEnd && stopped === null ? 1 : 0) > most)
    return { content: tokens.slice(0, most).join(''), finish: 'length', stopped: null };
  return { content: kept, finish: given.finish ?? (given.toolCalls?.length ? 'tool_calls' : 'stop'), stopped };
}

function promptTokens({ messages, prompt }: RequestBody): number {
  if (prompt !== undefined) return tokensOf(prompt).length;
  const text = (content: unknown): string =>
    typeof content === 'string'
      ? content
      : Array.isArray(content)
        ? content.map((part: { text?: string }) => part.text ?? '').join(' ')
        : '';
  return (messages ?? []).reduce((sum, { content }) => sum + tokensOf(text(content)).length + 3, 3);
}

function usageOf(
  record: RecordedRequest,
  all: readonly Choice[],
  { cachedTokens, countsOne, countsEnd, billsEach }: Knobs,
): object {
  const choices = countsOne ? all.slice(0, 1) : all;
  const prompt = promptTokens(record.body) * (billsEach ? choices.length : 1);
  const reasoning = choices.reduce((sum, { reasoning = '' }) => sum + tokensOf(reasoning).length, 0);
  const spoken = choices.reduce(
    (sum, { content, toolCalls = [], finish, stopped }) =>
      sum +
      (countsEnd && finish === 'stop' && stopped === null ? 1 : 0) +
      tokensOf(content).length +
      toolCalls.reduce((all, call) => all + tokensOf(call.arguments).length, 0),
    0,
  );
  return {
    prompt_tokens: prompt,
    completion_tokens: reasoning + spoken,
    total_tokens: prompt + reasoning + spoken,
    prompt_tokens_details: { cached_tokens: cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

/** Log-probabilities of the drawn tokens, given the prefix. */
function ownLogprobs({ distribution, prefix, content }: Choice): { token: string; logprob: number }[] {
  return logprobsOf(distribution, prefix + content).slice(tokensOf(prefix).length);
}

/** The token that ends a text, where it is listed. */
function endOf({ finish, stopped }: Choice, listsEnd: Knobs['listsEnd']): ServerToken[] {
  return listsEnd !== undefined && finish === 'stop' && stopped === null ? [{ token: '', logprob: END_LOGPROB }] : [];
}

export const END_LOGPROB = -0.125;

interface ServerToken {
  readonly token: string;
  readonly logprob: number | null;
}

function logprobsField(choice: Choice, record: RecordedRequest, knobs: Knobs): object {
  const { body, path } = record;
  const echoes = body.echo === true && !path.endsWith('/chat/completions');
  const echoed = echoes ? echoedLogprobs(choice, body.prompt ?? '', knobs) : [];
  const offset = echoes ? 0 : lengthOf(body.prompt ?? '', knobs.offsets);
  return logprobsOfTokens([...echoed, ...ownLogprobs(choice), ...endOf(choice, knobs.listsEnd)], offset, record, knobs);
}

const lengthOf = (text: string, offsets: Knobs['offsets']): number =>
  offsets === 'utf16' ? text.length : Array.from(text).length;

/** Log-probabilities in the form of the endpoint, where they were asked for. */
function logprobsOfTokens(
  tokens: readonly ServerToken[],
  start: number,
  { body, path }: RecordedRequest,
  { noLogprobs, logprobsNeedTop, offsets }: Knobs,
): object {
  if (body.logprobs === undefined || body.logprobs === false || noLogprobs) return {};
  if (logprobsNeedTop && !body.top_logprobs && body.logprobs === true) return {};
  if (!path.endsWith('/chat/completions')) {
    let offset = start;
    return {
      logprobs: {
        tokens: tokens.map(({ token }) => token),
        token_logprobs: tokens.map(({ logprob }) => logprob),
        top_logprobs: tokens.map(({ token, logprob }) => ({ [token]: logprob })),
        text_offset: tokens.map(({ token }) => {
          const length = lengthOf(token, offsets);
          offset += length;
          return offset - length;
        }),
      },
    };
  }
  const top = body.top_logprobs ?? 0;
  return {
    logprobs: {
      content: tokens.map(({ token, logprob }) => ({
        token,
        logprob,
        bytes: [...Buffer.from(token)],
        top_logprobs: top > 0 ? [{ token, logprob, bytes: null }] : [],
      })),
    },
  };
}

/** The prompt's own tokens: unknown for the first, made up for the question, exact for what is begun of the answer. */
function echoedLogprobs({ distribution, prefix }: Choice, prompt: string, { wrongScores = 0 }: Knobs): ServerToken[] {
  const before = tokensOf(prompt.slice(0, prompt.length - prefix.length));
  return [
    ...before.map((token, i) => ({ token, logprob: i === 0 ? null : -1 })),
    ...logprobsOf(distribution, prefix).map(({ token, logprob }) => ({ token, logprob: logprob + wrongScores })),
  ];
}

function promptLogprobs(choice: Choice | undefined, knobs: Knobs): ({ [id: string]: object } | null)[] {
  const { prefix = '', distribution = {} } = choice ?? {};
  return [
    null,
    { '1': { logprob: -0.5, rank: 1, decoded_token: '<assistant>' } },
    ...logprobsOf(distribution, prefix).map(({ token, logprob }, i) => ({
      [String(i + 2)]: { logprob: logprob + (knobs.wrongScores ?? 0), rank: 1, decoded_token: token },
    })),
  ];
}

/** The error of a request that the server does not take. */
export function refusalOf(
  { body }: RecordedRequest,
  { refusesN, mostN = Infinity, takesRoles, refusesNull, knows, schemaInObject }: Knobs,
): { readonly status: number; readonly message: string } | undefined {
  const { n = 1, messages = [] } = body;
  if (refusesN && n > 1)
    return refusesN === true ? { status: 400, message: "'n' : number must be at most 1" } : refusesN;
  if (n > mostN)
    return { status: 400, message: `Field 'n': Value must be between 1 <= value <= ${mostN}, but got ${n}` };
  if (refusesNull && messages.some(({ role, content }) => role === 'assistant' && content === null))
    return { status: 500, message: '2 validation errors: Input should be a valid string' };
  const { type } = (body['response_format'] ?? {}) as { readonly type?: string };
  if (schemaInObject && type === 'json_schema')
    return {
      status: 500,
      message: `[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': "Input should be 'text' or 'json_object'", 'input': 'json_schema'}]`,
    };
  const unknown = knows && Object.keys(body).find((field) => !OF_THE_PROTOCOL.has(field) && !knows.includes(field));
  if (unknown !== undefined) return { status: 400, message: `Unrecognized request argument supplied: ${unknown}` };
  return takesRoles && !inTurns(messages, takesRoles)
    ? { status: 400, message: 'Conversation roles must alternate user/assistant/user/assistant/...' }
    : undefined;
}

const OF_THE_PROTOCOL = new Set(
  'model messages prompt n seed temperature top_p presence_penalty frequency_penalty max_tokens max_completion_tokens stop stream stream_options logprobs top_logprobs echo tools tool_choice response_format logit_bias'.split(
    ' ',
  ),
);

/** Whether a user and an assistant take turns, as Mistral's and Gemma's templates ask. */
function inTurns(messages: NonNullable<RequestBody['messages']>, takes: 'alternating' | 'plain'): boolean {
  const spoken = messages.slice(takes === 'alternating' && messages[0]?.role === 'system' ? 1 : 0);
  const afterTool = takes === 'plain' ? ['tool', 'assistant'] : ['tool', 'assistant', 'user'];
  let next = ['user'];
  for (const { role, tool_calls: calls } of spoken) {
    if (!next.includes(role)) return false;
    if (role === 'tool') next = afterTool;
    else if (role === 'user') next = ['assistant'];
    else next = calls === undefined ? ['user'] : ['tool'];
  }
  return next.includes('assistant');
}

const headOf = (record: RecordedRequest, { fingerprint = () => 'loopback' }: Knobs): object => ({
  id: 'reply-1',
  created: 0,
  system_fingerprint: fingerprint(record),
});

const toolCallsOf = ({ toolCalls = [] }: ServerAnswer): object[] =>
  toolCalls.map(({ name, arguments: input }, i) => ({
    index: i,
    id: `call_${i}`,
    type: 'function',
    function: { name, arguments: input },
  }));

/** The answer as one JSON object. */
export function completionOf(record: RecordedRequest, answer: ServedAnswer, knobs: Knobs): object {
  const { body, path } = record;
  const chat = path.endsWith('/chat/completions');
  const choices = choicesOf(record, answer, knobs);
  return {
    ...headOf(record, knobs),
    object: chat ? 'chat.completion' : 'text_completion',
    model: body.model,
    choices: choices.map((choice, index) => {
      const calls = toolCallsOf(choice);
      const message = {
        role: 'assistant',
        content:
          (calls.length > 0 || choice.refusal !== undefined) && choice.content === ''
            ? null
            : (knobs.repeatsPrefix ? choice.prefix : '') + choice.content,
        ...(choice.reasoning !== undefined && { [knobs.reasoningField ?? 'reasoning_content']: choice.reasoning }),
        ...(choice.refusal !== undefined && { refusal: choice.refusal }),
        ...(calls.length > 0 && { tool_calls: calls }),
      };
      return {
        index,
        ...(chat ? { message } : { text: (body.echo ? (body.prompt ?? '') : '') + choice.content }),
        finish_reason: choice.finish,
        ...stoppedField(choice, knobs),
        ...logprobsField(choice, record, knobs),
      };
    }),
    ...(!knobs.noUsage && { usage: usageOf(record, choices, knobs) }),
    ...(body.prompt_logprobs !== undefined &&
      chat &&
      !knobs.noLogprobs && { prompt_logprobs: promptLogprobs(choices[0], knobs) }),
  };
}

const stoppedField = ({ stopped }: Choice, { stopField }: Knobs): object =>
  stopField === undefined ? {} : { [stopField]: stopped };

/** The answer as the data of server-sent events. */
export function* streamEvents(record: RecordedRequest, answer: ServedAnswer, knobs: Knobs): Generator<string> {
  let count = 0;
  for (const event of wholeStream(record, answer, knobs)) {
    if (knobs.truncateStream !== undefined && count++ >= knobs.truncateStream) return;
    yield event;
  }
}

function* wholeStream(record: RecordedRequest, answer: ServedAnswer, knobs: Knobs): Generator<string> {
  const { body, path } = record;
  const chat = path.endsWith('/chat/completions');
  const choices = choicesOf(record, answer, { ...knobs, ignoresN: true });
  const [choice] = choices as [Choice];
  const head = {
    ...headOf(record, knobs),
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    model: body.model,
  };
  const chunk = (delta: object, more: object = {}): string =>
    JSON.stringify({ ...head, choices: [{ index: 0, ...(chat ? { delta } : delta), finish_reason: null, ...more }] });
  if (chat) yield chunk({ role: 'assistant', content: '' });
  for (const token of tokensOf(choice.reasoning ?? ''))
    yield chunk({ [knobs.reasoningField ?? 'reasoning_content']: token });
  for (const token of tokensOf(choice.refusal ?? '')) yield chunk({ refusal: token });
  let offset = lengthOf(body.prompt ?? '', knobs.offsets);
  for (const one of ownLogprobs(choice)) {
    yield chunk(chat ? { content: one.token } : { text: one.token }, logprobsOfTokens([one], offset, record, knobs));
    offset += lengthOf(one.token, knobs.offsets);
  }
  for (const [index, call] of (choice.toolCalls ?? []).entries()) {
    yield chunk({
      tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: call.name, arguments: '' } }],
    });
    for (const piece of call.arguments.match(/.{1,4}/gs) ?? [])
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  const end = logprobsOfTokens(knobs.listsEnd === 'always' ? endOf(choice, knobs.listsEnd) : [], offset, record, knobs);
  yield chunk(chat ? {} : { text: '' }, { finish_reason: choice.finish, ...stoppedField(choice, knobs), ...end });
  if (!knobs.noUsage && body.stream_options?.include_usage)
    yield JSON.stringify({ ...head, choices: [], usage: usageOf(record, choices, knobs) });
  yield '[DONE]';
}
