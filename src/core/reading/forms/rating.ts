/** Ratings, read with the scale they are on. */
import { plainSigns } from '../plain.ts';
import { linesOf, sentencesOf } from '../sentence.ts';
import { said } from '../thoughts.ts';

/** The scale that was asked for. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}
const TEN: Scale = { from: 0, to: 10 };

const VALUE = String.raw`(?<value>[-+]?(?:\d+(?:[.,]\d+)?|\.\d+)|(?:one|two|three|four|five|six|seven|eight|nine|ten|zero)(?!\p{L}))`;
const UPPER = String.raw`(?:\s*(?:-|to|–)\s*(?<upper>\d+(?:[.,]\d+)?)(?!\d))?`;
const OUT = String.raw`(?:\s*(?<percent>%|percent(?!\p{L})|per cent)|[\s*_]*\(?\s*(?:/|out of|of(?= (?:a )?(?:possible )?(?:\d|ten|five))(?! \d+ \p{L})|von|sur|de|von)[\s*_]*(?:a |possible )*(?<most>\d+(?:\.\d+)?|ten|five|hundred)(?![\d/]))?`;
const RATED = String.raw`${VALUE}(?![.,:]?\d)${UPPER}${OUT}`;
const LABEL =
  /(?<![\p{L}])(?<label>(?:(?:overall|final|total|average|combined)\s+)?(?:rating|score|grade|note|mark|points?|value|evaluation|likelihood|probability|confidence|certainty|quality|helpfulness|accuracy|correctness|clarity|completeness|overall|verdict|answer|result|bewertung|puntuación|评分|分数|得分|overall assessment))[\s*_"'`|]*(?:[:=：]|\b(?:is|of|would be|should be|will be|as)\b)[\s*_"'`|:[(]*/giu;
const VERB =
  /(?<!\p{L})(?:rate[sd]?|score[sd]?|giv(?:e|es|ing)|assign(?:s|ed)?|award(?:s|ed)?|deserves?|earns?|gets?|receives?|grade[sd]?|say|go with|worth|merits?)\s+(?:(?:it|this|that|the|him|her|them|answer|response|reply|solution|candidate|thought|thoughts|a|an|at|as|about|around|with|rating|score|grade|of|maybe|to be|solid|strong)\s+)*[*_"'`([]*/giu;
const SCALES =
  /(?:on|using|in) (?:a|the)\s+(?:\p{L}+\s+)?scale\s+(?:of|from|between)?\s*[\d.]+\s*(?:-|to|and|–)\s*[\d.]+|(?:from|between)\s+\d+\s*(?:\([^)]*\)\s*)?(?:to|and|-|–)\s*\d+(?:\s*\([^)]*\))?(?=\s*[,:.;)]|\s*$)|[([]\s*0\s*(?:-|to|–)\s*\d+\s*[)\]]/giu;
const OVERALL = /^(?:overall|final|total|average|combined)/i;
const ASIDE = /^(?:confidence|certainty)/i;
const WORDS = 'zero one two three four five six seven eight nine ten'.split(' ');

/**
 * The rating a reply gives, on the scale that was asked for: `8/10`, `8 out of 10`, `Rating: 8`, `80%`, `4/5 stars`. What is over the
 * scale's end by no more than its length counts as its end. Nothing where the reply rates nothing, or in two ways.
 */
export function ratingIn(reply: string, scale: Scale = TEN): number | undefined {
  const lines = linesOf(
    plainSigns(said(reply))
      .replaceAll(/<\/\w+>/g, '')
      .replaceAll(/<(\w+)>/g, '$1: '),
  ).map((line) => line.slice(0, MOST).replaceAll(SCALES, ' '));
  const text = lines.join('\n');
  const labelled = labels(text, scale);
  if (labelled !== undefined) return agreed(labelled);
  const alone = [lines.at(-1), lines[0]].map((line) => whole(line ?? '', scale)).find((value) => value !== undefined);
  const over = [...text.matchAll(new RegExp(String.raw`(?<![\p{L}\d/.,:])${RATED}`, 'giu'))]
    .filter(({ groups }) => groups?.['most'] !== undefined)
    .filter(({ index }) => !/(?:not|n't)\s+(?:an?\s+)?$/i.test(text.slice(Math.max(0, index - 10), index)))
    .map((found) => onScale(found.groups, scale));
  if (over.length > 0) return agreed(over);
  if (alone !== undefined) return alone;
  const stars = /(★+)(☆*)/.exec(text);
  if (stars)
    return clamped(
      (scale.to * (stars[1]?.length ?? 0)) / ((stars[1]?.length ?? 0) + (stars[2]?.length ?? 0) || 5),
      scale,
    );
  const said_ = sentencesOf(text).flatMap((sentence) => verbs(sentence, scale));
  if (said_.length > 0) return agreed(said_);
  return undefined;
}

const MOST = 2000;

/** What stands behind labels: an overall one counts before others, and how sure a judge is counts for nothing. */
function labels(text: string, scale: Scale): (number | undefined)[] | undefined {
  const found = [...text.matchAll(LABEL)].flatMap((label) => {
    const value = at(text, label.index + label[0].length, scale);
    const name = label.groups?.['label'] ?? '';
    return value === undefined || ASIDE.test(name) ? [] : [{ name, value: value.value }];
  });
  const overall = found.filter(({ name }) => OVERALL.test(name));
  const rated = found.filter(({ name }) => !/^(?:answer|result)$/i.test(name)); // those may be the number that is rated
  const counted = overall.length > 0 ? overall : rated.length > 0 ? rated : found;
  return counted.length > 0 ? counted.map(({ value }) => value) : undefined;
}

function verbs(sentence: string, scale: Scale): (number | undefined)[] {
  return [...sentence.matchAll(VERB)].flatMap(({ 0: verb, index }) => {
    const value = at(sentence, index + verb.length, scale);
    return value === undefined || /(?:not|n't)\s+$/i.test(sentence.slice(Math.max(0, index - 6), index))
      ? []
      : [value.value];
  });
}

/** The rating at a place in a text. */
function at(text: string, index: number, scale: Scale): { readonly value: number | undefined } | undefined {
  const found = new RegExp(RATED, 'iuy');
  found.lastIndex = index;
  const { groups } = found.exec(text) ?? {};
  return groups && { value: onScale(groups, scale) };
}

/** A line that is a rating and at most says why behind it. */
function whole(line: string, scale: Scale): number | undefined {
  const plain = line.replace(/^[\s*_"'`#>([<:]+|^(?:i(?:['’]d| would)? say|about|around|approximately|≈|~)\s+/i, '');
  const found = new RegExp(String.raw`^${RATED}(?<rest>[\s\S]*)$`, 'iu').exec(plain);
  if (!found) return undefined;
  const rest = (found.groups?.['rest'] ?? '').replace(/^[\s*_"'`)\]>]+/, '');
  const isWhy = /^$|^(?:[.!,;:—–-]|stars?\b|points?\b|because\b|since\b|as\b|for\b|\()/i.test(rest) && !/\d/.test(rest);
  return isWhy && !/^[.)]\s/.test(rest)
    ? onScale(found.groups, scale)
    : /^[.]?\s*$/.test(rest)
      ? onScale(found.groups, scale)
      : undefined;
}

function onScale(
  groups: { readonly [name: string]: string | undefined } | undefined,
  scale: Scale,
): number | undefined {
  const number = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const word = WORDS.indexOf(text.toLowerCase());
    return word !== -1 ? word : text.toLowerCase() === 'hundred' ? 100 : Number(text.replace(',', '.'));
  };
  const [value, upper, most] = [number(groups?.['value']), number(groups?.['upper']), number(groups?.['most'])];
  if (value === undefined) return undefined;
  const middle = upper === undefined ? value : (value + upper) / 2;
  const length = scale.to - scale.from;
  if (groups?.['percent'] !== undefined) return clamped(scale.from + (middle / 100) * length, scale);
  if (most !== undefined)
    return most > 0 ? clamped(most === scale.to ? middle : scale.from + (middle / most) * length, scale) : undefined;
  return middle > scale.to + length || middle < scale.from - length ? undefined : clamped(middle, scale);
}

const clamped = (value: number, { from, to }: Scale): number | undefined =>
  Number.isFinite(value) ? Math.min(to, Math.max(from, value)) : undefined;
const agreed = (values: readonly (number | undefined)[]): number | undefined =>
  new Set(values).size === 1 ? values[0] : undefined;
