/** The body of a request: everything asked for goes in, is refused with a warning, or is an error. Nothing gets lost. */
import { InvalidOption, textOf, type Json, type Request } from '../../core/index.ts';
import { messagesOf, toolChoiceOf, toolOf, type Dialect } from './messages.ts';
import type { Wire } from './wire.ts';

export interface BodyParts {
  readonly model: string;
  readonly api: 'chat' | 'completions';
  /** The prompt of a completions request. */
  readonly template: (request: Request) => string;
  /** Fields sent with every request. */
  readonly settings: { readonly [field: string]: Json };
  readonly strictSchema: boolean;
}

/** What a request may not set beside the fields it has for it: the count, the bounds and the seed are kept by the core. */
const RESERVED: { readonly [field: string]: string } = {
  model: 'choose the model where it is made',
  messages: 'use `prompt`',
  prompt: 'use `prompt`',
  n: 'use `n` of the request, which is counted and budgeted',
  best_of: 'use `bestOfN`, which is counted and budgeted',
  stream: 'use `stream`',
  stream_options: 'usage is asked for anyway',
  seed: 'use the `seed` of the run: each draw needs its own',
  echo: 'use `score`',
};
const LENGTHS = ['max_tokens', 'max_completion_tokens'];

/** The body but for the count and the seed. */
export function bodyOf(request: Request, parts: BodyParts, dialect: Dialect): Wire {
  const { quirks, provider, name } = dialect;
  const given = request.providerOptions?.[provider] ?? {};
  for (const field of Object.keys(given)) {
    const hint = Object.hasOwn(RESERVED, field) ? RESERVED[field] : undefined;
    if (hint !== undefined)
      throw new InvalidOption({
        where: name,
        option: `providerOptions.${provider}.${field}`,
        rule: 'cannot be set here',
        hint,
      });
  }
  const own = {
    ...common(request, dialect),
    ...(parts.api === 'chat' ? chat(request, parts, dialect) : completions(request, parts, dialect)),
  };
  const merged: Wire = { ...quirks.defaults, ...parts.settings, ...given, ...own };
  // A bound set by a budget must be the only one.
  if (request.maxOutputTokens !== undefined) for (const field of LENGTHS) if (!(field in own)) delete merged[field];
  return { model: parts.model, ...merged };
}

function common(request: Request, dialect: Dialect): Wire {
  const { quirks } = dialect;
  if (request.topK !== undefined && !quirks.topK) unsupported(dialect, '`topK`');
  return defined({
    temperature: request.temperature,
    top_p: request.topP,
    top_k: quirks.topK ? request.topK : undefined,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop: request.stopSequences?.length ? request.stopSequences : undefined,
    [quirks.maxTokens ?? 'max_tokens']: request.maxOutputTokens,
  });
}

function chat(request: Request, { strictSchema }: BodyParts, dialect: Dialect): Wire {
  const tools = (request.tools ?? []).flatMap((tool) => {
    if (tool.type === 'function') return [toolOf(tool, dialect)];
    unsupported(dialect, `provider tool ${tool.id}`);
    return [];
  });
  return {
    messages: messagesOf(request.prompt, dialect),
    ...(tools.length > 0 && { tools }),
    ...(request.toolChoice && tools.length > 0 && { tool_choice: toolChoiceOf(request.toolChoice) }),
    ...format(request, strictSchema, dialect),
    ...effort(request, dialect),
    ...chatLogprobs(request, dialect),
  };
}

function format({ responseFormat }: Request, strict: boolean, dialect: Dialect): Wire {
  if (responseFormat?.type !== 'json') return {};
  const { schema, name = 'response', description, strict: asked } = responseFormat;
  if (!schema) return { response_format: { type: 'json_object' } };
  if (dialect.quirks.jsonSchema === false) {
    unsupported(dialect, 'JSON schema', 'any JSON object is asked for instead');
    return { response_format: { type: 'json_object' } };
  }
  if (dialect.quirks.jsonSchema === 'json_schema') return { json_schema: schema };
  if (dialect.quirks.jsonSchema === 'json_object') return { response_format: { type: 'json_object', schema } };
  return {
    response_format: {
      type: 'json_schema',
      json_schema: defined({ name, description, schema, strict: asked ?? strict }),
    },
  };
}

function effort({ reasoning }: Request, { quirks }: Dialect): Wire {
  if (reasoning === undefined || reasoning === 'provider-default') return {};
  return quirks.reasoning === 'reasoning' ? { reasoning: { effort: reasoning } } : { reasoning_effort: reasoning };
}

function wantsLogprobs({ logprobs = false }: Request, dialect: Dialect): number | undefined {
  if (logprobs === false) return undefined;
  if (dialect.quirks.logprobs !== false) return logprobs === true ? 0 : logprobs;
  unsupported(dialect, '`logprobs`');
  return undefined;
}

function chatLogprobs(request: Request, dialect: Dialect): Wire {
  const alternatives = wantsLogprobs(request, dialect);
  if (alternatives === undefined) return {};
  // Some servers send none at all without alternatives.
  return { logprobs: true, top_logprobs: Math.max(1, alternatives) };
}

/** A plain text endpoint has no tools and no thinking, and formats only at some servers. */
function completions(request: Request, { template, strictSchema }: BodyParts, dialect: Dialect): Wire {
  if (request.tools?.length) unsupported(dialect, '`tools`');
  const takesSchema = dialect.quirks.jsonSchema ?? false;
  if (request.responseFormat?.type === 'json' && !takesSchema) unsupported(dialect, '`responseFormat`');
  if (request.reasoning !== undefined && request.reasoning !== 'provider-default') unsupported(dialect, '`reasoning`');
  const alternatives = wantsLogprobs(request, dialect);
  return {
    prompt: template(request),
    ...(takesSchema && format(request, strictSchema, dialect)),
    // 0 would be enough for the drawn tokens alone, but some servers read it as "none".
    ...(alternatives !== undefined && { logprobs: Math.max(1, alternatives) }),
  };
}

/** The texts of a prompt of system and user messages, with an empty line between them. */
export function plainTemplate(name: string): BodyParts['template'] {
  return ({ prompt }) =>
    prompt
      .map((message) => {
        const plain =
          message.role === 'system' ||
          (message.role === 'user' && message.content.every(({ type }) => type === 'text'));
        if (plain) return textOf(message.content);
        throw new InvalidOption({
          where: name,
          option: 'prompt',
          rule: 'must be system and user texts on the completions endpoint',
          value: `a ${message.role} message`,
          hint: "Give the model's chat format as `template`, or use api: 'chat'",
        });
      })
      .join('\n\n');
}

function unsupported({ name, warn }: Dialect, what: string, instead = 'it is not sent'): void {
  warn({ code: 'unsupported', message: `${name} takes no ${what}: ${instead}` });
}

function defined(fields: Wire): Wire {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
