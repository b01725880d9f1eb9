/** What went wrong, as a person reads it. The library's errors hold no secret; others are cleaned here. */
import { PlusxError } from '../../core/index.ts';
import { cleanText } from '../../core/calls/secrets.ts';

export function wordsOf(error: unknown): string {
  if (error instanceof PlusxError) return error.message;
  return cleanText(error instanceof Error ? error.message : String(error), []);
}
