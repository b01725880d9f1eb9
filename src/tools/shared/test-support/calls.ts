/** Calls of tools as a scripted model makes them, and the results that it is told. */
import type { Message, ToolResultPart } from '../../../core/index.ts';
import type { Step } from '../../../models/written/index.ts';

export const call = (...toolCalls: readonly { toolName: string; input: unknown; toolCallId?: string }[]): Step => ({
  toolCalls: toolCalls.map((one, i) => ({ toolCallId: `id-${i}`, ...one })),
  finish: 'tool-calls',
});
export const resultsIn = (prompt: readonly Message[]): ToolResultPart[] =>
  prompt.flatMap(({ role, content }) =>
    role === 'tool' ? content.filter((part): part is ToolResultPart => part.type === 'tool-result') : [],
  );
