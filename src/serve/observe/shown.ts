/** Texts of a client as those who watch see them. */
import { cleanText } from '../../core/calls/secrets.ts';

/** A key of this server, wherever a client put it by mistake. */
const OWN_KEY = /\bpx-[0-9a-f]{12}-[\w-]+/g;

/** The text without what looks like a key. */
export const clean = (text: string): string => cleanText(text.replaceAll(OWN_KEY, '[key]'), []);

/** Letters of a formula that are shown. */
const MOST = 200;

/** What stands where a model was named, which can be anything. */
export function shortened(formula: string): string {
  const text = clean(formula);
  return text.length > MOST ? `${text.slice(0, MOST)}...` : text;
}
