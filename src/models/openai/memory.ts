/** What a server was found to refuse or to leave undone, for as long as this process runs: it is asked in another way from then on. */
import { heeding, type Heeding } from '../../core/calls/heeding.ts';
import { UpstreamError } from '../../core/index.ts';

/** How far conversations are reshaped for a server. */
export interface Shape {
  /**
   * `joined`: what loses nothing. `alternating`: users and assistants take turns, results of tools follow their calls,
   * and a user speaks last. `plain`: no system message either, and no user behind the result of a tool.
   */
  readonly roles: 'joined' | 'alternating' | 'plain';
  /** An assistant message of calls alone has the content `""`, not `null`. */
  readonly emptyContent: boolean;
}

/** From what the protocol promises to what the strictest template takes. */
export const SHAPES: readonly Shape[] = [
  { roles: 'joined', emptyContent: false },
  { roles: 'joined', emptyContent: true },
  { roles: 'alternating', emptyContent: true },
  { roles: 'plain', emptyContent: true },
];

/** How a JSON schema is asked for: OpenAI's way, and that of llama-cpp-python. */
export const FORMATS = ['json_schema', 'json_object'] as const;

export interface Memory {
  /** Candidates that one request may ask for. */
  most: number;
  /** Whether a request for several candidates ever gave them. */
  proven: boolean;
  /** Refusals with 500 that do not say what is refused. */
  failures: number;
  /** Index in `SHAPES`. */
  shape: number;
  /** Whether a reply that goes on from a text was seen to repeat it. */
  repeatsPrefix: boolean | undefined;
  /** Whether whole replies were seen to list the token that ends a text. */
  listsEnd: boolean | undefined;
  /** Index in `FORMATS`. */
  format: number;
  readonly heeding: Heeding;
}

const memories = new Map<string, Memory>();
/** Servers remembered at one time. */
const MOST_SERVERS = 1000;

/** What is known of a model at a server: one for all its models in this process. */
export function memoryOf(server: string, model: string): Memory {
  const key = `${server} ${model}`;
  let memory = memories.get(key);
  if (!memory) {
    if (memories.size >= MOST_SERVERS) memories.clear();
    memory = {
      most: Infinity,
      proven: false,
      failures: 0,
      shape: 0,
      repeatsPrefix: undefined,
      listsEnd: undefined,
      format: 0,
      heeding: heeding(),
    };
    memories.set(key, memory);
  }
  return memory;
}

/** Statuses with which servers refuse what they cannot read; 500 is what some send for a template that fails. */
const REFUSALS = new Set([400, 422, 500, 501]);

/** Whether a server refused the request itself, so that another form of it may pass. */
export function isRefusal(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && REFUSALS.has(error.status);
}

/** Whether another form of the conversation may pass: not where a server that fails may be well again later. */
export function refusesForm(error: unknown): error is UpstreamError {
  return isRefusal(error) && (error.status !== 500 || !error.retryable || OF_MESSAGES.test(error.message));
}

const OF_MESSAGES = /\brole|template|jinja|alternat|\bmessages?\b|\bcontent\b|system prompt/i;

/** A refusal that speaks of how the format of the reply is asked for, not of the schema itself: another way may pass. */
export function refusesFormat(error: unknown): error is UpstreamError {
  return isRefusal(error) && OF_FORMAT.test(error.message) && !OF_SCHEMA.test(error.message);
}

const OF_FORMAT = /response[_ ]?format|json[_ ]?schema|json[_ ]?object|structured[_ ]?outputs?/i;
const OF_SCHEMA = /(?:invalid|bad|malformed|unsupported) (?:json )?schema|additionalProperties|'required'/i;

/** A refusal that speaks of the number of candidates. */
const OF_N =
  /['"`]n['"`]|\bn\s*(?:>|<|=|must|should|is|:)|\bparameter n\b|(?:multiple|one|single|several) (?:completion )?(?:choice|completion|candidate|sequence|sample)s?\b|num_?(?:choices|samples|return_sequences|completions)|\bbest_of\b/i;

export const speaksOfN = (error: UpstreamError): boolean => OF_N.test(error.message);

const LIMITS = [
  /<=\s*(?:n|value)\s*<=\s*(\d+)/i,
  /(?:at most|no more than|less than or equal to|not exceed|up to|maximum(?: (?:of|is|value|allowed))*:?|max(?:imum)? n:?)\s*(\d+)/i,
  /(?:<=|≤)\s*(\d+)/,
  /between 1 and (\d+)|\[1, ?(\d+)\]|1\s*(?:-|to|\.\.)\s*(\d+)/i,
];

/** Most candidates a request may ask for by the server's own words; 1 where it names no number below what was asked. */
export function limitIn(error: UpstreamError, asked: number): number {
  for (const pattern of LIMITS) {
    const limit = Number(pattern.exec(error.message)?.slice(1).find(Boolean));
    if (Number.isInteger(limit) && limit >= 1 && limit < asked) return limit;
  }
  return 1;
}
