/** A prompt as tokens: the chat template of the GGUF file, another one, or the texts alone. */
import { InvalidOption, textOf, type Message, type Request, type Warning } from '../../core/index.ts';
import type { LlamaLibrary, LlamaModel, LlamaTurn } from './library.ts';

export interface GgufMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A Jinja chat template, or a function that writes the whole prompt; special tokens in what it writes are read as such. */
export type GgufTemplate = string | ((messages: readonly GgufMessage[]) => string);

export type PromptTokens = (prompt: readonly Message[]) => number[];

export function promptOf(
  library: LlamaLibrary,
  model: LlamaModel,
  name: string,
  given: GgufTemplate | undefined,
): PromptTokens {
  const template = given ?? model.fileInfo.metadata.tokenizer?.chat_template ?? plain;
  const { bos, shouldPrependBosToken } = model.tokens;
  const begin = (tokens: number[]): number[] =>
    shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  const messages = (prompt: readonly Message[]): GgufMessage[] => prompt.map((message) => flat(message, name));
  if (typeof template === 'function')
    return (prompt) => begin(model.tokenize(template(messages(prompt)), typeof given === 'function'));
  const wrapper = new library.JinjaTemplateChatWrapper({ template });
  return (prompt) => {
    const turns = messages(prompt).map(({ role, content }): LlamaTurn =>
      role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content },
    );
    const chatHistory: LlamaTurn[] = [...turns, { type: 'model', response: [] }];
    return begin(wrapper.generateContextState({ chatHistory }).contextText.tokenize(model.tokenizer));
  };
}

/** What a base model reads: the texts, a blank line between them. */
const plain = (messages: readonly GgufMessage[]): string => messages.map(({ content }) => content).join('\n\n');

function flat(message: Message, name: string): GgufMessage {
  const refused = (part: string): InvalidOption =>
    new InvalidOption({ where: name, option: 'prompt', rule: `holds text only, got a part of type ${part}` });
  if (message.role === 'tool') throw refused('tool-result');
  if (message.role === 'system') return { role: 'system', content: message.content };
  for (const { type } of message.content) if (type !== 'text' && type !== 'reasoning') throw refused(type);
  return { role: message.role, content: textOf(message.content) };
}

/** What a request asks for and a local file cannot do. */
export function unsupported(request: Request, name: string): Warning[] {
  const asked = {
    tools: request.tools?.length,
    responseFormat: request.responseFormat?.type === 'json',
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    reasoning: request.reasoning,
  };
  return Object.entries(asked)
    .filter(([, value]) => value)
    .map(([what]) => ({ code: 'unsupported', message: `${name} takes no ${what}: it is ignored` }));
}
