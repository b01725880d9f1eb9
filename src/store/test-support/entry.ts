import { NO_USAGE, type JournalEntry } from '../../core/index.ts';

/** An entry that says `text`. */
export function entry(text: string): JournalEntry {
  return {
    candidate: { content: [{ type: 'text', text }], finish: { unified: 'stop', raw: 'stop' } },
    usage: { ...NO_USAGE, calls: 1, outputTokens: text.length },
  };
}
