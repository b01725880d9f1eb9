/** Texts of a client as those who watch see them. */
import { cleanText } from '../../core/calls/secrets.ts';

/** A key of this server, wherever a client put it by mistake. */
const OWN_KEY = /\bpx-[0-9a-f]{12}-[\w-]+/g;

/** The text without what looks like a key. */
export const clean = (text: string): string => cleanText(text.replaceAll(OWN_KEY, '[key]'), []);

/** Letters of a formula that are shown. */
const MOST = 200;

/** Most requests name one of few models. */
const MOST_KEPT = 1000;
const kept = new Map<string, string>();

/** What stands where a model was named, which can be anything. */
export function shortened(formula: string): string {
  const known = kept.get(formula);
  if (known !== undefined) return known;
  const text = clean(formula);
  const shown = text.length > MOST ? `${text.slice(0, MOST)}...` : text;
  if (kept.size < MOST_KEPT) kept.set(formula, shown);
  return shown;
}
