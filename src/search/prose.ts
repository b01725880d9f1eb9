import { drawOne, textOf } from '../core/index.ts';
import type { Content, Context, Message, Model, Request, Sample } from '../core/index.ts';

/** What a model says of candidates: prose, whatever form the answer itself has, and no calls of tools. */
export async function prose(
  model: Model,
  request: Request,
  prompt: readonly Message[],
  context: Context,
): Promise<string> {
  const { responseFormat: _format, ...open } = request;
  const silent = request.tools && { toolChoice: { type: 'none' as const } };
  const { content } = await drawOne(model, { ...open, ...silent, prompt }, context);
  return textOf(content).trim();
}

/** A candidate as a text that another model can judge. */
export function shownAs({ content }: Sample): string {
  return content.map(shown).filter(Boolean).join('\n') || '(nothing)';
}

function shown(part: Content): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-call' ? `[call of ${part.toolName} with ${part.input}]` : '';
}
