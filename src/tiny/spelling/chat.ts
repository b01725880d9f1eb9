/** The chat layout: a role token before each text, the end token after each of the assistant's, and its role token last. */
import { textOf, type Message, type ToolResultOutput, type ToolResultPart } from '../../core/index.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** The turns of a conversation: every tool result is one, everything that is not text is left out. */
export function turnsOf(prompt: readonly Message[]): Turn[] {
  return prompt.flatMap(({ role, content }): Turn[] => {
    if (role !== 'tool') return [{ role, text: textOf(content) }];
    return content
      .filter((part): part is ToolResultPart => part.type === 'tool-result')
      .map(({ output }) => ({ role, text: resultText(output) }));
  });
}

/** Ids of a conversation that waits for the assistant. */
export function chatIds({ roles, end, encode }: Tokenizer, turns: readonly Turn[]): number[] {
  const ids = turns.flatMap(({ role, text }) => [
    roles[role] as number,
    ...encode(text),
    ...(role === 'assistant' ? [end] : []),
  ]);
  return [...ids, roles['assistant'] as number];
}

function resultText(output: ToolResultOutput): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return typeof output.value === 'string' ? output.value : JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'denied';
    case 'content':
      return textOf(output.value.filter((part): part is { type: string } => 'type' in part));
    default:
      return output satisfies never;
  }
}
