/** Where a reply says that its answer comes: a box, a tag, "the answer is", a heading. */
import { bare } from './plain.ts';
import { headOf } from './sentence.ts';

/** What the last box `\boxed{…}` holds that holds something; brackets within it are kept. One that is not closed is none. */
export function boxedIn(text: string): string | undefined {
  const open: (number | undefined)[] = [];
  let best: { readonly from: number; readonly to: number } | undefined;
  for (const { 0: sign, index } of text.matchAll(/\\(?:boxed|fbox)\s*\{|\\[{}]|[{}]/g)) {
    if (sign.startsWith('\\') && sign.length === 2) continue;
    if (sign !== '}') open.push(sign === '{' ? undefined : index + sign.length);
    else if (open.length > 0) {
      const from = open.pop();
      if (from !== undefined && from > (best?.from ?? -1) && bare(text.slice(from, index)) !== '')
        best = { from, to: index };
    }
  }
  return best && text.slice(best.from, best.to);
}

/** What stands between the last `<answer>` and `</answer>`. */
export function taggedIn(text: string): string | undefined {
  let from: number | undefined;
  let found: string | undefined;
  for (const { 0: tag, index } of text.matchAll(/[<[]\/?(?:final[_ ])?answer[>\]]/gi)) {
    if (!tag.startsWith('/', 1)) from = index + tag.length;
    else if (from !== undefined) [found, from] = [text.slice(from, index), undefined];
  }
  return found?.trim() ? found : undefined;
}

const NOUN = String.raw`answers?|(?:final|correct|right|best) (?:result|solution|value|choice|option|output|verdict|decision|conclusion)|result(?=\**\s*[:=])|respuesta(?: \p{L}+)?|réponse(?: \p{L}+)?|antwort|risposta(?: \p{L}+)?|resposta(?: \p{L}+)?|antwoord|ответ|cevap|odpowiedź|đáp án|jawaban|उत्तर|الإجابة|الجواب`;
const UNSPACED = '答案|答え|回答|정답|답';
const OF = String.raw`(?: (?:to|for|of|in)(?= )[^\n.:=?!]{0,60}?)?`;
const VERB = String.raw`(?:(?:is|are|was|would be|should be|must be|will be|equals|becomes|comes (?:out )?to(?: be)?|turns out to be|es|est|ist|lautet|è|é|это|là|adalah|هو|هي)(?![\p{L}'’])|[是为為は은는]|[:=：])`;
const MARK = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}_])####+|(?:(?<![\p{L}\p{N}_])(?:${NOUN})|${UNSPACED})(?:${OF})[*_"\x60]*\s*(?<verb>${VERB})[*_"\x60]*\s*[:=：]?|^[ \t#>*_-]*(?:(?:the|my|your) )?(?:(?:final|correct|short) )?answers?[ \t*_:]*$)`,
  'gimu',
);
/** What makes "the answer is" no claim: a condition, an order, a question about it. */
const UNSAID =
  /(?:^|[^\p{L}])(?:if|whether|check(?: that)?|verify(?: that)?|why|how|suppose|assume|assuming|unless|until|what|know)\s+(?:\p{L}+\s+){0,2}$/iu;
/** What is said of an answer and is none. */
const COMMENT =
  /^(?:(?:indeed|clearly|also|now|very|quite|fully|most) )*(?:correct|right|wrong|incorrect|valid|clear|unclear|helpful|useful|okay|above|below|as follows|given|found|obtained|shown|provided|based|consistent|reasonable|verified|confirmed|already|in the|easy|hard|simple|complete)(?![\p{L}])/iu;
const FILLER =
  /^(?:[\s:=：]+|(?:therefore|thus|hence|simply|just|clearly|definitely|indeed|obviously|then|also|actually|certainly|most likely|probably|likely|in fact|really|that|:)(?![\p{L}])[\s,:]*)+/iu;
/** As much of a reply as a claim can be. */
const MOST = 4000;
const MOST_CLAIMS = 12;

/** What a reply says its answer is, the last first, with what the sentence goes on to say; empty where it breaks off. */
export function claimsIn(text: string): string[] {
  const marks = [...text.matchAll(MARK)].slice(-MOST_CLAIMS).reverse();
  return marks.flatMap((mark) => {
    if (UNSAID.test(text.slice(Math.max(0, mark.index - 40), mark.index))) return [];
    const behind = text.slice(mark.index + mark[0].length, mark.index + mark[0].length + MOST);
    const said = firstLine(behind).replace(FILLER, '').trim();
    const isComment = /^\p{L}/u.test(mark.groups?.['verb'] ?? '') && COMMENT.test(bare(said));
    return isComment ? [] : [said];
  });
}

/** The first line that says something; one of display mathematics may take several. */
function firstLine(text: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => !/^(?:\\[[\]]|\$*)$/.test(bare(line)));
  return at === -1 ? '' : (lines[at] as string);
}

const PAIRS = [
  ['**', '**'],
  ['__', '__'],
  ['$$', '$$'],
  ['$', '$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
  ['`', '`'],
  ['"', '"'],
  ['“', '”'],
  ['«', '»'],
  ['「', '」'],
  ["'", "'"],
  ['*', '*'],
] as const;

/** The answer that a claim begins with: what is set off at its beginning, or what its sentence says until it goes on. */
export function answerPart(claim: string): string {
  const text = claim.trim();
  const [open = '', close = ''] = PAIRS.find(([open]) => text.startsWith(open)) ?? [];
  const end = open === '' ? -1 : text.indexOf(close, open.length + 1);
  if (end !== -1) {
    const [inner, rest] = [text.slice(open.length, end), text.slice(end + close.length)];
    const isMoney = open === '$' && (/\s$/.test(inner) || /^\d/.test(rest));
    const goesOn =
      /^\s*(?:or|and|oder|ou|[-+*/=^<>&|])(?!\p{L})/iu.test(rest) ||
      /^[\p{L}\p{N}([.]/u.test(rest.replace(/^\.(?!\w)/, ''));
    // Quotes are part of a literal, and told from words by them.
    if (!isMoney && !goesOn && inner.trim() !== '')
      return `"'\``.includes(open) ? text.slice(0, end + close.length) : inner;
  }
  const head = headOf(text).replace(/(?:です|である|입니다|이다)[\s。.]*$/u, '');
  return end === -1 ? head : head.replaceAll(/\*\*|__/g, '');
}
