/** Why a text ended, in any of the words servers have for it. */
import type { FinishReason } from '../../../core/index.ts';
import { object, spoken, type Wire } from '../wire.ts';

/** By the letters of the word alone: case, hyphens and underscores differ from server to server. */
const UNIFIED: { readonly [letters: string]: FinishReason['unified'] } = {
  ...all('stop', 'stop stopped stopsequence end endturn eos eostoken completed complete finished done normal'),
  ...all('length', 'length maxtokens maxtoken maxlength maxnewtokens maxoutputtokens maxcompletiontokens modellength'),
  ...all('length', 'tokenlimit contextlength modelcontextwindowexceeded truncated incomplete'),
  ...all('content-filter', 'contentfilter contentfiltered contentfiltering filtered safety recitation blocklist'),
  ...all('content-filter', 'prohibitedcontent spii refusal guardrail guardrailintervened sensitive moderation'),
  ...all('tool-calls', 'toolcalls toolcall tooluse functioncall functioncalls functions'),
  ...all('error', 'error failed networkerror insufficientsystemresource malformedfunctioncall'),
};

function all(unified: FinishReason['unified'], words: string): { [letters: string]: FinishReason['unified'] } {
  return Object.fromEntries(words.split(' ').map((word) => [word, unified]));
}

/**
 * The server's word for how a choice ended. A plain `stop` is made clear where the server says whether it met a stop sequence, or
 * where a gateway keeps that word of the server's behind it.
 */
export function finishIn(choice: Wire, sent: Wire): string | undefined {
  const { finish_reason: given, provider_specific_fields: theirs } = choice;
  const stopped = [choice['stop_reason'], choice['matched_stop'], object(theirs)?.['stop_reason']].find(
    (one) => one !== undefined,
  );
  const finish = spoken(given) ?? spoken(object(given)?.['type']);
  if (finish !== 'stop' || sent['stop'] === undefined || stopped === undefined) return finish;
  return typeof stopped === 'string' ? 'stop-sequence' : 'end';
}

/** Some servers end a tool call with `stop`, or without a word, and some a text as if it were a call. */
export function finishOf(raw: string | undefined, calls: boolean): FinishReason {
  const letters = (raw ?? '').toLowerCase().replaceAll(/[^a-z]/g, '');
  const unified = (Object.hasOwn(UNIFIED, letters) && UNIFIED[letters]) || 'other';
  if (calls && (unified === 'stop' || unified === 'other')) return { unified: 'tool-calls', raw };
  return { unified: !calls && unified === 'tool-calls' ? 'stop' : unified, raw };
}
