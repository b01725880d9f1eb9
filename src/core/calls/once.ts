/**
 * What a technique does in the world beside calling a model, done once: a resumed run finds in the journal what a tool
 * answered and does not ask it again, and a repeated run has the same answer whatever the world says today.
 */
import { stoppable } from '../context/abort.ts';
import type { Context } from '../context/context.ts';
import { canonicalJson, type JournalEntry } from './journal.ts';
import type { Json } from '../message.ts';
import { textOf } from '../message.ts';
import { NO_USAGE } from '../accounts/usage.ts';

/**
 * The result of `work`, from the journal where it is there. Its key is the address of `context` with `identity`: what is
 * done, and with what. Work that throws is not kept, and is done again. JSON only, and no `undefined`.
 */
export async function recorded<T extends Json>(context: Context, identity: string, work: () => Promise<T>): Promise<T> {
  const { journal } = context;
  if (!journal) return stoppable(work(), context.signal);
  const key = `done beside the model\n${identity}\n${context.choice.id}`;
  const known = await journal.get(key);
  if (known) return JSON.parse(textOf(known.candidate.content)) as T;
  const result = await stoppable(work(), context.signal);
  context.signal.throwIfAborted(); // an interrupted result is none
  await journal.put(key, entryOf(result));
  return result;
}

function entryOf(result: Json): JournalEntry {
  const content = [{ type: 'text' as const, text: canonicalJson(result) }];
  return { candidate: { content, finish: { unified: 'stop', raw: undefined } }, usage: NO_USAGE, beside: true };
}
