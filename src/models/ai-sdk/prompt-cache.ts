/** Marks in a prompt, for the providers that keep nothing unless they are told what: Anthropic's models, wherever they are served. */
import type { Json, Message, ProviderData, PromptCache, Request } from '../../core/index.ts';

/** The mark of each provider, by the beginning of its name and the key of its options. */
const MARKS: readonly (readonly [provider: RegExp, key: string, mark: { readonly [name: string]: Json }])[] = [
  [
    /^(?:anthropic|vertex\.anthropic|google-vertex\.anthropic|claude)/,
    'anthropic',
    { cacheControl: { type: 'ephemeral' } },
  ],
  [/^(?:amazon-)?bedrock/, 'bedrock', { cachePoint: { type: 'default' } }],
  [/^openrouter/, 'openrouter', { cacheControl: { type: 'ephemeral' } }],
];

/** The request with the marks that a provider needs; as it is where it needs none, or has some already. */
export function marked(request: Request, what: PromptCache, provider: string): Request {
  const [, key, mark] = MARKS.find(([name]) => name.test(provider)) ?? [];
  if (
    key === undefined ||
    !mark ||
    request.prompt.some(({ providerOptions }) => isMarked(providerOptions?.[key], mark))
  )
    return request;
  const last = request.prompt.length - 1;
  // What stands before the last message, and with it where the draws for one question share it.
  const places = what === 'prompt' ? [last - 1, last] : [last - 1];
  const prompt = request.prompt.map((message, i): Message =>
    places.includes(i) ? withMark(message, key, mark) : message,
  );
  return { ...request, prompt };
}

function withMark(message: Message, key: string, mark: ProviderData[string]): Message {
  const { providerOptions = {} } = message;
  return { ...message, providerOptions: { ...providerOptions, [key]: { ...providerOptions[key], ...mark } } };
}

const isMarked = (options: object | undefined, mark: object): boolean =>
  options !== undefined && Object.keys(mark).some((name) => name in options);
