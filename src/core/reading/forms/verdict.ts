/** Verdicts in words: yes or no, correct or not, or one of a few words. */
import { answerPart, boxedIn, claimsIn, taggedIn } from '../claim.ts';
import { bare } from '../plain.ts';
import { linesOf, sentencesOf } from '../sentence.ts';
import { said } from '../thoughts.ts';

const GOOD =
  'yes|yep|yeah|correct|correctly|right|true|valid|accurate|pass|passes|passed|accept|accepted|acceptable|agree|agrees|ok|okay|supported|consistent';
const BAD =
  'no|nope|incorrect|incorrectly|wrong|false|invalid|inaccurate|fail|fails|failed|reject|rejected|disagree|disagrees|flawed|mistaken|unsupported|inconsistent|unacceptable';
const NOT = String.raw`not|never|cannot|n['’]t|nor|isnt|doesnt`;
const WORD = new RegExp(
  String.raw`(?<![\p{L}\p{N}-])(?:(?<good>${GOOD})|(?<bad>${BAD}))(?![\p{L}\p{N}])|(?<not>(?<![\p{L}])(?:not|never|cannot|nor)(?!\p{L})|n['’]t(?!\p{L}))`,
  'giu',
);
const IDIOM =
  /\bno (?=\p{Ll})(?!(?:it|this|that|the answer|because|since|i)\b)|\b(?:right|true) (?:side|hand|triangles?|angles?|now|away|of|from|to|value)\b|\bnot only\b|\bpass(?:es)? (?:through|by)\b|\bright-\w+|\b(?:whether|if) [^.,;]*?(?:correct|right|true|valid|wrong)\b/giu;
const HEDGE = new RegExp(
  String.raw`(?<![\p{L}])(?:maybe|perhaps|possibly|partial(?:ly)?|partly|unsure|uncertain|unclear|undetermined|inconclusive|depends|mixed|might|neither|either|(?:not|n['’]t) (?:\w+ )?(?:sure|certain|clear|know|tell|say|determine|judge|verify|decide)|(?:cannot|can['’]?t|unable to|impossible to|hard to|difficult to) (?:be )?(?:sure|say|tell|determined?|judged?|verify|verified|decided?)|(?:could|may) be|yes and no|yes (?:or|/) no|(?:correct|right|true) (?:or|/) (?:incorrect|wrong|false))(?![\p{L}])`,
  'iu',
);
const FOREIGN: { readonly [word: string]: boolean } = {
  __proto__: null as never,
  ...Object.fromEntries([
    ...'ja oui sí si да sim evet 是 是的 对 正确 はい 네 예 richtig vrai верно'.split(' ').map((one) => [one, true]),
    ...'nein non нет não hayır 否 不 不是 错 错误 いいえ 아니요 아니오 falsch faux неверно'
      .split(' ')
      .map((one) => [one, false]),
  ]),
};
const LABEL =
  /^[\s*_#>-]*(?:(?:final|overall|my) )?(?:verdict|judge?ment|decision|conclusion|result|grade|assessment|evaluation)[\s*_]*(?::|is(?!\p{L}))[\s*_]*(?=\S)/iu;

/**
 * Whether a reply says yes (or correct, true, valid, passes) or no; nothing where it says neither, both, or that it is not sure. What
 * it concludes counts; where it only has words on the way, they must agree.
 */
export function verdictIn(reply: string): boolean | undefined {
  const text = said(reply);
  const lines = linesOf(text);
  const labelled = lines.findLast((line) => LABEL.test(line))?.replace(LABEL, '') ?? boxedIn(text) ?? taggedIn(text);
  if (labelled !== undefined) return sentenceVerdict(answerPart(labelled)) ?? sentenceVerdict(labelled);
  const [claim] = claimsIn(text);
  if (claim !== undefined && (alone(answerPart(claim)) ?? alone(claim)) !== undefined)
    return alone(answerPart(claim)) ?? alone(claim);
  const sentences = lines.flatMap((line) => sentencesOf(line.slice(0, MOST)));
  const last = alone(lines.at(-1) ?? '') ?? alone(sentences.at(-1) ?? '');
  const first = leading(sentences[0] ?? '');
  if (HEDGE.test(sentences[0] ?? '') || HEDGE.test(sentences.at(-1) ?? '')) return undefined;
  if (last !== undefined) return first === undefined || first === last ? last : undefined;
  const ending = sentenceVerdict(sentences.at(-1) ?? '');
  if (first === undefined && ending !== undefined && SUBJECT.test(sentences.at(-1) ?? '')) return ending;
  return only([...(first === undefined ? [] : [first]), ...sentences.flatMap((sentence) => [...verdictsIn(sentence)])]);
}

const MOST = 4000;
const SUBJECT =
  /^\W*(?:so|thus|therefore|hence|overall|in (?:conclusion|summary)|(?:the|this|that|its?|my|your|their) (?:\w+ ){0,2}(?:answer|solution|response|reasoning|statement|claim|proof|reply|result))\b/i;

/** A line that is a verdict and nothing else. */
function alone(line: string): boolean | undefined {
  const plain = bare(line).toLowerCase();
  if (plain.length > 40) return undefined;
  return (
    FOREIGN[plain] ??
    (new RegExp(`^(?:(?:it|this|that)(?: is|'s|’s) |(?:is|are) )?(?:(?:${NOT}) )?(?:${GOOD}|${BAD})$`, 'iu').test(plain)
      ? sentenceVerdict(plain)
      : undefined)
  );
}

/** The verdict that a sentence begins with: `Yes, because ...`. */
function leading(sentence: string): boolean | undefined {
  const [word = ''] = /^[^,.!:;—–]{0,40}(?=[,.!:;—–]|\s-\s|$)/.exec(sentence.replace(/^[^\p{L}]+/u, '')) ?? [];
  return alone(word);
}

const sentenceVerdict = (sentence: string): boolean | undefined => only([...verdictsIn(sentence)]);
const only = <T>(found: readonly T[]): T | undefined => (new Set(found).size === 1 ? found[0] : undefined);

/** What the words of one sentence say, each turned round where it is denied. */
function verdictsIn(sentence: string): ReadonlySet<boolean> {
  const foreign = FOREIGN[bare(sentence).toLowerCase()];
  if (foreign !== undefined) return new Set([foreign]);
  const found = new Set<boolean>();
  if (/\?\W*$/.test(sentence) || HEDGE.test(sentence)) return found;
  const plain = sentence.slice(0, MOST).replaceAll(IDIOM, ' ');
  let denied = -1;
  for (const { 0: word, index, groups } of plain.matchAll(WORD)) {
    if (groups?.['not'] !== undefined) denied = index + word.length;
    else {
      const isDenied = denied !== -1 && /^(?:[ ,]+[\p{L}'’]+){0,4}[ ,*_"]*$/u.test(plain.slice(denied, index));
      found.add((groups?.['good'] !== undefined) !== isDenied);
      denied = -1;
    }
  }
  return found;
}

/** Which of a few words a reply concludes with: on a line of its own, behind a label, or as the only one it says. */
export function wordIn<W extends string>(reply: string, words: readonly W[]): W | undefined {
  const text = said(reply);
  const lines = linesOf(text);
  const one = (line: string): W | undefined => words.find((word) => word.toLowerCase() === bare(line).toLowerCase());
  const behind = (line: string): W | undefined => one(/[:=—-]\s*([^:=—]*)$/.exec(line.slice(-200))?.[1] ?? '');
  const last = lines.at(-1) ?? '';
  const ending = one(last) ?? behind(last) ?? one(answerPart(claimsIn(text)[0] ?? '')) ?? one(boxedIn(text) ?? '');
  if (ending !== undefined) return ending;
  const any = new RegExp(
    String.raw`(?<![\p{L}\p{N}-])(?:(?:(?:not|n['’]t)\s+(?:\p{L}+\s+)?)?)(?:${words.join('|')})(?![\p{L}\p{N}])`,
    'giu',
  );
  const found = new Set(text.match(any)?.map((word) => word.toLowerCase()));
  const [only = ''] = found;
  return found.size === 1 ? words.find((word) => word.toLowerCase() === only) : undefined;
}
