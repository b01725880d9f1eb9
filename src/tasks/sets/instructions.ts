/** The metric of IFEval: whether a reply does all that its prompt asks of its form, each of which a program can tell. (Zhou et al., 2023) */
import { textOf, type Json } from '../../core/index.ts';
import { said } from '../../core/reading/index.ts';
import type { FileMetric } from '../task.ts';

interface Settings {
  readonly [name: string]: Json | undefined;
}
type Check = (text: string, settings: Settings) => boolean;

/** 1 where every instruction is followed, else 0. */
export const INSTRUCTIONS: FileMetric = {
  name: 'instructions',
  broken(expected) {
    const all = instructionsIn(expected);
    if (!all) return 'must be {"instructions": [{"id": ...}, ...]}';
    const unknown = all.find(({ id }) => !Object.hasOwn(CHECKS, id));
    return unknown && `names the instruction ${JSON.stringify(unknown.id)}, which nothing here can check`;
  },
  grade({ content }, { expected }) {
    const text = said(textOf(content));
    const all = instructionsIn(expected) ?? [];
    return Number(text.trim() !== '' && all.every(({ id, settings }) => (CHECKS[id] as Check)(text, settings)));
  },
};

function instructionsIn(
  expected: Json | undefined,
): { readonly id: string; readonly settings: Settings }[] | undefined {
  const { instructions: list } = (expected ?? {}) as { readonly instructions?: unknown };
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.map((one: unknown) => {
    const { id, ...settings } = (one ?? {}) as Settings;
    return { id: typeof id === 'string' ? id : JSON.stringify(id), settings };
  });
}

const number = (value: Json | undefined): number => Number(value ?? Number.NaN);
const texts = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : [value ?? '']).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
const word = (value: Json | undefined): string => texts(value)[0] ?? '';

/** `at least 3`, `less than 3`. */
const holds = (count: number, relation: Json | undefined, wanted: Json | undefined): boolean =>
  relation === 'less than' ? count < number(wanted) : count >= number(wanted);

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const whole = (text: string): RegExp =>
  new RegExp(String.raw`(?<![\p{L}\p{N}_])${literal(text)}(?![\p{L}\p{N}_])`, 'giu');
const wordsIn = (text: string): string[] => text.match(/[\p{L}\p{N}_]+(?:['’-][\p{L}\p{N}_]+)*/gu) ?? [];
const parts = (text: string, between: RegExp): string[] => text.split(between).map((part) => part.trim());
const letters = (text: string): string => text.replaceAll(/[^\p{L}]/gu, '');

function sentencesIn(text: string): number {
  const found = [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)];
  return found.filter(({ segment }) => /[\p{L}\p{N}]/u.test(segment)).length;
}

const CHECKS: { readonly [id: string]: Check } = {
  'punctuation:no_comma': (text) => !text.includes(','),
  'length_constraints:number_words': (text, { relation, num_words: wanted }) =>
    holds(wordsIn(text).length, relation, wanted),
  'length_constraints:number_sentences': (text, { relation, num_sentences: wanted }) =>
    holds(sentencesIn(text), relation, wanted),
  'length_constraints:number_paragraphs': (text, { num_paragraphs: wanted }) => {
    const all = parts(text, /\s?\*\*\*\s?/);
    const inner = all.filter((part, i) => part !== '' || (i > 0 && i < all.length - 1));
    return inner.length === number(wanted) && !inner.includes('');
  },
  'length_constraints:nth_paragraph_first_word': (
    text,
    { num_paragraphs: wanted, nth_paragraph: nth, first_word: first },
  ) => {
    const all = parts(text, /\n\n+/).filter((part) => part !== '');
    const found = wordsIn(all[number(nth) - 1] ?? '')[0];
    return all.length === number(wanted) && found?.toLowerCase() === word(first).toLowerCase();
  },
  'detectable_content:number_placeholders': (text, { num_placeholders: wanted }) =>
    count(text, /\[[^\]\n]*\]/g) >= number(wanted),
  'detectable_content:postscript': (text, { postscript_marker: marker }) => {
    const dotted = Array.from(letters(word(marker)), (letter) => String.raw`${letter}\.?[ ]?`).join('');
    return new RegExp(String.raw`^\s*${dotted}:?\s*\S`, 'im').test(text);
  },
  'detectable_format:number_highlighted_sections': (text, { num_highlights: wanted }) =>
    count(text, /\*\*[^*\n]*[^*\s][^*\n]*\*\*|(?<!\*)\*[^*\n]*[^*\s][^*\n]*\*(?!\*)/g) >= number(wanted),
  'detectable_format:number_bullet_lists': (text, { num_bullets: wanted }) =>
    count(text, /^[ \t]*(?:\*(?!\*)|-)[ \t]*[^\s*-]/gm) === number(wanted),
  'detectable_format:multiple_sections': (text, { section_spliter: name, num_sections: wanted }) =>
    count(text, new RegExp(String.raw`${literal(word(name))}\s?\d+`, 'g')) >= number(wanted),
  'detectable_format:title': (text) => count(text, /<<[^\n<>]*[^\s<>][^\n<>]*>>/g) > 0,
  'detectable_format:json_format': (text) => {
    const inner = /^\s*```(?:json)?\s*\n?([\s\S]*?)```\s*$/i.exec(text)?.[1] ?? text;
    try {
      JSON.parse(inner);
      return true;
    } catch {
      return false;
    }
  },
  'detectable_format:constrained_response': (text) => /My answer is (?:yes|no|maybe)\./.test(text),
  'combination:repeat_prompt': (text, { prompt_to_repeat: prompt }) =>
    text.trim().toLowerCase().startsWith(word(prompt).trim().toLowerCase()),
  'combination:two_responses': (text) => {
    const all = parts(text, /\*{6}/).filter((part) => part !== '');
    return all.length === 2 && all[0] !== all[1];
  },
  'change_case:english_lowercase': (text) => text === text.toLowerCase(),
  'change_case:english_capital': (text) => text === text.toUpperCase(),
  'change_case:capital_word_frequency': (text, { capital_relation: relation, capital_frequency: wanted }) =>
    holds(
      wordsIn(text).filter((one) => letters(one) !== '' && one === one.toUpperCase() && one !== one.toLowerCase())
        .length,
      relation,
      wanted,
    ),
  'startend:quotation': (text) => /^"[\s\S]+"$/.test(text.trim()),
  'startend:end_checker': (text, { end_phrase: phrase }) =>
    text.trim().replace(/^"|"$/g, '').trim().toLowerCase().endsWith(word(phrase).trim().toLowerCase()),
  'keywords:existence': (text, { keywords }) =>
    texts(keywords).every((one) => text.toLowerCase().includes(one.toLowerCase())),
  'keywords:forbidden_words': (text, { forbidden_words: forbidden }) =>
    texts(forbidden).every((one) => !whole(one).test(text)),
  'keywords:frequency': (text, { keyword, relation, frequency: wanted }) =>
    holds(count(text, new RegExp(literal(word(keyword)), 'gi')), relation, wanted),
  'keywords:letter_frequency': (text, { letter, let_relation: relation, let_frequency: wanted }) =>
    holds(text.toLowerCase().split(word(letter).toLowerCase()).length - 1, relation, wanted),
  'language:response_language': (text, { language }) => isIn(text, word(language)),
};

/** The script of a language, where it tells; languages that share one are not told from each other by it. */
const SCRIPTS: { readonly [language: string]: RegExp } = {
  ar: /\p{Script=Arabic}/u,
  bg: /\p{Script=Cyrillic}/u,
  bn: /\p{Script=Bengali}/u,
  fa: /\p{Script=Arabic}/u,
  gu: /\p{Script=Gujarati}/u,
  hi: /\p{Script=Devanagari}/u,
  kn: /\p{Script=Kannada}/u,
  ko: /\p{Script=Hangul}/u,
  mr: /\p{Script=Devanagari}/u,
  ne: /\p{Script=Devanagari}/u,
  pa: /\p{Script=Gurmukhi}/u,
  ru: /\p{Script=Cyrillic}/u,
  ta: /\p{Script=Tamil}/u,
  te: /\p{Script=Telugu}/u,
  th: /\p{Script=Thai}/u,
  uk: /\p{Script=Cyrillic}/u,
  ur: /\p{Script=Arabic}/u,
};

/** The commonest words of languages that are written in Latin letters. */
const COMMON: { readonly [language: string]: readonly string[] } = {
  de: [
    'der',
    'die',
    'das',
    'und',
    'ist',
    'nicht',
    'ein',
    'eine',
    'zu',
    'mit',
    'den',
    'von',
    'für',
    'auf',
    'ich',
    'sie',
  ],
  en: ['the', 'and', 'is', 'of', 'to', 'a', 'in', 'that', 'it', 'for', 'you', 'not', 'with', 'are', 'this', 'on'],
  es: ['el', 'la', 'los', 'las', 'que', 'de', 'y', 'es', 'en', 'un', 'una', 'por', 'para', 'con', 'no', 'se'],
  fi: [
    'ja',
    'on',
    'ei',
    'se',
    'että',
    'hän',
    'oli',
    'ovat',
    'mutta',
    'kun',
    'niin',
    'myös',
    'joka',
    'tämä',
    'en',
    'voi',
  ],
  fr: ['le', 'la', 'les', 'et', 'est', 'de', 'des', 'un', 'une', 'pas', 'que', 'pour', 'dans', 'vous', 'il', 'du'],
  it: ['il', 'la', 'che', 'di', 'e', 'è', 'un', 'una', 'per', 'non', 'con', 'sono', 'del', 'della', 'gli', 'le'],
  pt: ['o', 'a', 'os', 'as', 'que', 'de', 'e', 'é', 'em', 'um', 'uma', 'para', 'com', 'não', 'por', 'do', 'da'],
  sw: [
    'na',
    'ya',
    'wa',
    'kwa',
    'ni',
    'za',
    'katika',
    'la',
    'cha',
    'hii',
    'kuwa',
    'yake',
    'watu',
    'lakini',
    'sana',
    'huo',
  ],
  vi: [
    'và',
    'là',
    'của',
    'có',
    'không',
    'một',
    'được',
    'cho',
    'các',
    'trong',
    'với',
    'người',
    'này',
    'những',
    'đã',
    'để',
  ],
};

function isIn(text: string, language: string): boolean {
  const all = letters(text);
  const script = SCRIPTS[language];
  if (script) return Array.from(all).filter((letter) => script.test(letter)).length > all.length / 2;
  const words = wordsIn(text.toLowerCase());
  const share = (of: readonly string[]): number => words.filter((one) => of.includes(one)).length;
  const mine = COMMON[language];
  if (!mine) return true; // nothing here tells it
  return share(mine) > 0 && Object.values(COMMON).every((other) => other === mine || share(other) <= share(mine));
}
