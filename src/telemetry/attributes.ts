/**
 * What spans say, in the names of the semantic conventions for generative models: those of release 1.41, where they stand for the last
 * time before they got a repository of their own. What they have no name for is under `plusx`.
 */
import type { Ending, Message, Request, Said, Span } from '../core/index.ts';

export type Value = string | number | boolean | readonly string[];
export type Attributes = { [name: string]: Value | undefined };

/** Who offers a model, where the convention has another name for it than we have. */
const PROVIDERS: { readonly [name: string]: string } = {
  google: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
  mistral: 'mistral_ai',
  bedrock: 'aws.bedrock',
  azure: 'azure.ai.openai',
};

/** `openai/gpt-5-mini` is a model of openai; `plusx:tiny` and what has no provider is computed here. */
function placeOf(name: string): { readonly provider: string; readonly model: string } {
  const [, provider, model] = /^([\w.-]+)\/(.+)$/s.exec(name) ?? [];
  return provider === undefined || model === undefined
    ? { provider: 'plusx', model: name }
    : { provider: PROVIDERS[provider] ?? provider, model };
}

export interface Begun {
  readonly name: string;
  readonly attributes: Attributes;
}

/** A technique is a workflow, and a call is a chat or, without a request, an embedding. */
export function begunAs({ kind, name, path }: Pick<Span, 'kind' | 'name' | 'path'>, request?: Request): Begun {
  const own = { 'plusx.path': path };
  if (kind === 'technique')
    return {
      name: `invoke_workflow ${name}`,
      attributes: { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': name, ...own },
    };
  const { provider, model } = placeOf(name);
  const operation = request ? 'chat' : 'embeddings';
  return {
    name: `${operation} ${model}`,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      ...(request && settingsOf(request)),
      ...own,
    },
  };
}

function settingsOf(request: Request): Attributes {
  const { n, stopSequences, responseFormat } = request;
  return {
    'gen_ai.request.choice.count': n === undefined || n === 1 ? undefined : n,
    'gen_ai.request.max_tokens': request.maxOutputTokens,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.top_p': request.topP,
    'gen_ai.request.top_k': request.topK,
    'gen_ai.request.presence_penalty': request.presencePenalty,
    'gen_ai.request.frequency_penalty': request.frequencyPenalty,
    'gen_ai.request.stop_sequences': stopSequences && [...stopSequences],
    'gen_ai.output.type': responseFormat?.type,
  };
}

/** What came of it. Of a technique, which holds calls that have their own, no tokens: they would be counted twice. */
export function endedAs(
  { kind, status, usage }: Span,
  { error, finishes, said }: Ending,
  content: boolean,
): Attributes {
  const failed = status === 'error' || status === 'cancelled';
  return {
    'plusx.status': status,
    'error.type': failed ? errorType(status, error) : undefined,
    'plusx.calls': kind === 'technique' ? usage?.calls : undefined,
    'plusx.usd': usage?.usd,
    ...(kind === 'call' &&
      !failed && {
        'gen_ai.usage.input_tokens': usage?.inputTokens,
        'gen_ai.usage.output_tokens': usage?.outputTokens,
        'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
        'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
        'gen_ai.response.finish_reasons': finishes?.map((finish) => FINISHES[finish] ?? finish),
      }),
    ...(content && said && saidAs(said, finishes)),
  };
}

/** The words of the convention for why a text ended. */
const FINISHES: { readonly [finish: string]: string } = {
  'content-filter': 'content_filter',
  'tool-calls': 'tool_call',
};

function errorType(status: 'error' | 'cancelled', error: unknown): string {
  if (status === 'cancelled') return 'cancelled';
  return error instanceof Error ? error.constructor.name : '_OTHER';
}

function saidAs({ prompt, prefix, texts }: Said, finishes: readonly string[] = []): Attributes {
  const output = texts.map((text, i) => ({
    role: 'assistant',
    parts: [{ type: 'text', content: text }],
    finish_reason: FINISHES[finishes[i] ?? ''] ?? finishes[i] ?? 'stop',
  }));
  return {
    'gen_ai.input.messages': prompt && JSON.stringify(prompt.map(messageAs)),
    'gen_ai.output.messages': JSON.stringify(output),
    'plusx.prefix': prefix,
  };
}

/** A message in the convention's form: its texts, calls and results. Of a file only that there is one. */
function messageAs({ role, content }: Message): object {
  if (typeof content === 'string') return { role, parts: [{ type: 'text', content }] };
  const parts = content.map((part): object => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return { type: part.type, content: part.text };
      case 'tool-call':
        return { type: 'tool_call', id: part.toolCallId, name: part.toolName, arguments: part.input };
      case 'tool-result':
        return { type: 'tool_call_response', id: part.toolCallId, result: part.output };
      default:
        return { type: part.type };
    }
  });
  return { role, parts };
}
