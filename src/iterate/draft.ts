/** What every loop of drafting and checking needs: a draft that can be shown, and the verdict that ends the work. */
import type { Content, Sample } from '../core/index.ts';

/** A draft as the assistant's text. Calls stand as text: a call without its result would break the conversation. */
export function shownAs({ content }: Sample): string {
  return content.map(shown).filter(Boolean).join('\n') || '(nothing)';
}

function shown(part: Content): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-call' ? `[call of ${part.toolName} with ${part.input}]` : '';
}

/** Whether a critique is the verdict that ends the work: the agreed words on a line of their own. */
export function isContent(critique: string): boolean {
  return /^[\s*#"'`]*nothing to fix[\s*"'`.!]*$/im.test(critique);
}
