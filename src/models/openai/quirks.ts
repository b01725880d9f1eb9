/** How servers that speak one protocol differ. What is not said here is the protocol as OpenAI wrote it. */
import type { Json } from '../../core/index.ts';

export interface Quirks {
  /** Whether `n` is honoured. `undefined`: it is tried, and given up at the first answer that shows it is not. */
  readonly n?: boolean | undefined;
  /** The field of the seed; `false` where the server takes none. Default `seed`. */
  readonly seed?: string | false | undefined;
  /** The field that bounds the output. Default `max_tokens`. */
  readonly maxTokens?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Whether samples carry log-probabilities. `undefined`: not known, so not claimed, and sent where asked for. */
  readonly logprobs?: boolean | undefined;
  /** How a given text is scored: the completions `echo`, or vLLM's `prompt_logprobs`. Default: not at all. */
  readonly score?: 'echo' | 'prompt_logprobs' | undefined;
  /** How an answer is continued from a prefix. A completions endpoint always can. */
  readonly prefix?: 'continue_final_message' | 'trailing' | undefined;
  /**
   * Whether a reply that goes on from a text begins with that text once more. Not given: it is told from the replies, where
   * the text is long enough to tell by.
   */
  readonly repeatsPrefix?: boolean | undefined;
  /** Whether the server samples from the model's own distribution where nothing is sent. Default: where `defaults` hold a temperature. */
  readonly neutral?: boolean | undefined;
  /** Whether the token that ends a text is among those it reports. Default true; `false`: it is added. */
  readonly countsEnd?: boolean | undefined;
  /**
   * Whether whole replies list the token that ends a text, with its log-probability: then a streamed one without it is not whole.
   * Default: as whole replies were seen to be, and as if they did until then.
   */
  readonly listsEnd?: boolean | undefined;
  /** Whether `top_k` may be sent. Default: no, it is not part of the protocol. */
  readonly topK?: boolean | undefined;
  /**
   * Whether a JSON schema may be sent, or only "some JSON". `json_object`: it may, inside of that format; `json_schema`: it may, as a
   * field of its own. Default: on a chat endpoint it is sent, and as `json_object` where that is refused; on a completions endpoint
   * it is not.
   */
  readonly jsonSchema?: boolean | 'json_object' | 'json_schema' | undefined;
  /** How the effort of thinking is asked for. Default `reasoning_effort`. */
  readonly reasoning?: 'reasoning_effort' | 'reasoning' | undefined;
  /** The field in which an assistant's earlier reasoning goes back. Default: it does not. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning' | undefined;
  /** Whether `stream_options` may be sent. Default true. */
  readonly streamUsage?: boolean | undefined;
  /**
   * Fields sent where the request leaves them open. Some servers' own sampler settings are already a transform: here
   * stand the neutral ones that undo it.
   */
  readonly defaults?: { readonly [field: string]: Json } | undefined;
  /**
   * Whether the server has an endpoint `/responses`, to which requests to our server's are then handed on. Default: where it is OpenAI's
   * own.
   */
  readonly responses?: boolean | undefined;
  /** Whether the server states its bill in US dollars as `usage.cost`. */
  readonly bill?: boolean | undefined;
  /** What the served distribution is, where it is not the model's own. */
  readonly served?: string | undefined;
}
