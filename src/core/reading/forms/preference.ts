/** Which of several a reply prefers: `Better: A`, a letter, a number, a tie. */
import { bare } from '../plain.ts';
import { linesOf } from '../sentence.ts';
import { said } from '../thoughts.ts';

export interface Preferring {
  /** How many there are to choose from. */
  readonly count: number;
  /** Whether they are called A, B, ... or 1, 2, ... */
  readonly by: 'letter' | 'number';
  /** Whether a tie may be said. */
  readonly tie?: boolean;
}
export type Preference = number | 'tie' | undefined;

const THING = String.raw`(?:answer|reply|response|option|candidate|choice|model|number|no\.|nr\.?|assistant|solution|thought|#)`;
const FIRSTS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
const DRESS = String.raw`[\s*_"'\x60#([<:]*`;
const NAME = {
  letter: new RegExp(String.raw`^${DRESS}(?:(?:the\s+)?${THING}(?!\p{L})${DRESS})?([A-Za-z])(?![\p{L}\p{N}'’])`, 'iu'),
  number: new RegExp(String.raw`^${DRESS}(?:(?:the\s+)?${THING}(?!\p{L})${DRESS})?(\d{1,4})(?![\d%]|[.,]\d)`, 'iu'),
};
const ORDINAL = new RegExp(String.raw`^${DRESS}(?:the\s+)?(${FIRSTS.join('|')})(?!\p{L})(?:\s+${THING}|\s+one)?`, 'iu');
const TIE = new RegExp(
  String.raw`^${DRESS}(?:(?:it is |it's )?an?\s+)?(?:tied?|draw|equal(?:ly good)?|the same|both|neither|none)(?!\p{L})`,
  'iu',
);
const TWO = /^[\s*_"'`)\]]*(?:or|and|\/|,|&)[\s*_"'`([]*(?:[A-Z]|\d{1,4})(?![\p{L}\p{N}])/u;
const MARK = new RegExp(
  String.raw`^[\s*_"'\x60#>(-]*(?:(?:the|my|final|overall|so|thus|therefore|which one is)[\s,]+)*(?:better|best|winner|preferred|preference|verdict|decision|choice|pick|answer|most (?:consistent|promising|likely|correct)|model|conclusion)(?!\p{L})[\s*_"']*(?:${THING}(?!\p{L})[\s*_"']*)?(?<sign>[:=]|is(?!\p{L}))?`,
  'iu',
);
const BETTER = String.raw`[\s*_"')\]]*(?:wins|(?:is|seems|looks|appears|was|would be|comes out|agrees)\s+(?:(?:to be|the|slightly|much|clearly|a bit|far|somewhat|significantly|a|definitely|more|as)\s+)*(?:better|best|superior|preferable|preferred|stronger|winner|strongest|closer|closest|correct|accurate|right|most (?:consistent|promising|correct|likely)))(?!\p{L})`;
const WHO = String.raw`(?<!\p{L})((?:[Tt]he\s+)?(?:${FIRSTS.join('|')})(?!\p{L})|(?:${THING}|${THING.replace(/[a-z]/, (all) => all.toUpperCase())}|[A-Z]\p{Ll}+)\s+[*_"'\x60([]*(?:[A-Z]|\d{1,4})(?![\p{L}\p{N}'’])|[*_"'\x60([]*[A-Z](?![\p{L}\p{N}'’]))`;
const PICKED = [
  new RegExp(String.raw`${WHO}(?:\s+(?:one|${THING}))?${BETTER}`, 'gu'),
  new RegExp(String.raw`(?<!\p{L})(?:prefer|choose|pick|select|go with|favou?r|vote for)\s+${WHO}`, 'gu'),
  new RegExp(
    String.raw`(?<!\p{L})(?:better|best|winner|preferred|most (?:consistent|promising|likely|correct))(?:\s+(?:one|${THING}))?\s+(?:is|would be)\s+${WHO}`,
    'gu',
  ),
  new RegExp(String.raw`${WHO}\s*(?:>|beats)\s*[A-Z](?!\p{L})`, 'gu'),
];
const EQUAL =
  /(?:it is|it's|this is|call it) a (?:tie|draw)|(?:both|the two|they) (?:\p{L}+ )?(?:are|seem) (?:\p{L}+ )?(?:equal|the same|tied)|\bequally (?:good|bad|correct|wrong)/iu;
const DENIED = /(?:\bnot|n['’]t|\bneither|\bnor|\bthan)\s+(?:\p{L}+\s+){0,2}$/iu;
const MOST = 2000;

/** The place, from 0, of the one that is preferred; `tie`; nothing where a reply names none or contradicts itself. */
export function preferenceIn(reply: string, preferring: Preferring): Preference {
  const lines = linesOf(said(reply)).map((line) => line.slice(-MOST));
  for (const line of lines.toReversed()) {
    const mark = MARK.exec(line);
    const named = mark && nameAt(line.slice(mark[0].length), preferring);
    if (named && (mark.groups?.['sign'] !== undefined || bare(named.rest) === '')) return named.place;
  }
  const text = lines.join('\n').slice(-MOST);
  const bracketed = [...text.matchAll(/\[\[\s*(\w+)\s*\]\]/g)].at(-1)?.[1];
  const alone = [bracketed, lines.at(-1), lines[0]].flatMap((line) => {
    const named = nameAt(line ?? '', preferring);
    return named?.place !== undefined && bare(named.rest).replace(/^[)\].:*]+|[)\].:*]+$/g, '') === ''
      ? [named.place]
      : [];
  });
  if (alone.length > 0) return only(alone);
  const picks = PICKED.flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(({ index }) => !DENIED.test(text.slice(Math.max(0, index - 40), index)))
    .flatMap(({ 1: who = '' }) => nameAt(who, preferring)?.place ?? []);
  return picks.length > 0 ? only(picks) : preferring.tie && EQUAL.test(text) ? 'tie' : undefined;
}

const only = (places: readonly Preference[]): Preference => (new Set(places).size === 1 ? places[0] : undefined);

/** What a text begins by naming, and what stands behind it. Two that are named, or one there is not, are no place. */
function nameAt(
  text: string,
  { count, by, tie }: Preferring,
): { readonly place: Preference; readonly rest: string } | undefined {
  const tied = tie ? TIE.exec(text) : null;
  const called = tied ? null : NAME[by].exec(text);
  const found = tied ?? called ?? ORDINAL.exec(text);
  if (!found) return undefined;
  const rest = text.slice(found[0].length);
  const [, name = ''] = found;
  if (name === '') return { place: 'tie', rest };
  const at = !called
    ? FIRSTS.indexOf(name.toLowerCase())
    : by === 'letter'
      ? name.toUpperCase().charCodeAt(0) - 65
      : Number(name) - 1;
  const isWord =
    called && by === 'letter' && /^\s+\p{Ll}/u.test(rest) && !/^\s+(?:is|because|since|as|for|it)\b/.test(rest);
  return { place: at >= 0 && at < count && !TWO.test(rest) && !isWord ? at : undefined, rest };
}
