/** Written next-token models: the techniques that change every token, measured by how often the text is right. */
import { questionOf, scorer, textOf, type Model, type NamedScorer, type Sample } from '../../../src/core/index.ts';
import {
  classifierFreeGuidance,
  constrained,
  contrastiveDecoding,
  powerSampling,
  temperature,
  tokenSmc,
} from '../../../src/decode/index.ts';
import { enumerableTokens } from '../../../src/models/written/index.ts';
import { rejection } from '../../../src/search/index.ts';
import type { World } from './form.ts';

/** A word, then the end. */
const word = (weights: { readonly [word: string]: number }, untold = weights): Model => {
  const tokens = Object.keys(weights);
  return enumerableTokens({
    tokens,
    maxTokens: 1,
    next: (_, prompt) => [...tokens.map((token) => (questionOf(prompt) === '' ? untold : weights)[token] ?? 0), 0],
  });
};

function contrasted(expert: { readonly [word: string]: number }, amateur: typeof expert, says: string): World {
  const base = word(expert);
  return { technique: 'contrastiveDecoding', says, base, model: contrastiveDecoding({ amateur: word(amateur) })(base) };
}

function guided(told: { readonly [word: string]: number }, untold: typeof told, says: string): World {
  const base = word(told, untold);
  return {
    technique: 'classifierFreeGuidance(scale=1.5)',
    says,
    base,
    model: classifierFreeGuidance({ scale: 1.5 })(base),
  };
}

/** Two letters: the first is likelier `a`, and what is wanted begins with it as often as given, else with `b` in nine of ten. */
const pairs = (afterA: number): Model =>
  enumerableTokens({
    tokens: ['a', 'b', 'c'],
    maxTokens: 2,
    next: (prefix) =>
      prefix.length === 0 ? [6, 4, 0, 0] : prefix[0] === 0 ? [afterA, 0, 1 - afterA, 0] : [0, 9, 1, 0],
  });
/** Whether a text can still become `aa` or `bb`. */
const within = scorer('within', ({ content }) => (/^(|a|aa|b|bb)$/.test(textOf(content)) ? 1 : 0.01));

function masked(afterA: number, says: string): World {
  const base = pairs(afterA);
  return {
    technique: 'constrained',
    says,
    base,
    model: constrained({ choices: 'aa|bb' })(base),
    right: (text) => text === 'bb',
    instead: { name: 'tokenSmc(n=8) with the same set', model: tokenSmc({ n: 8, potential: within })(base) },
  };
}
/** Four letters, each `a` in half of the cases; wanted is `aaaa`. The potential says so of every beginning, or of whole texts only. */
const halves = enumerableTokens({ tokens: ['a', 'b'], maxTokens: 4, next: () => [1, 1, 0] });
const wanted = ({ content }: Pick<Sample, 'content'>): number => (/^a*$/.test(textOf(content)) ? 1 : 0.01);
const early = scorer('early', wanted);
const late = scorer('late', (sample) => (sample.finish.raw === 'unfinished' ? 1 : wanted(sample)));
function steered(potential: NamedScorer, says: string): World {
  return {
    technique: 'tokenSmc(n=4)',
    says,
    base: halves,
    model: tokenSmc({ n: 4, potential })(halves),
    right: (text) => text === 'aaaa',
    instead: { name: 'rejection(n=4)', model: rejection({ n: 4, score: early })(halves) },
  };
}

/** The likeliest first letter leads to many texts that are unlikely one by one; the likeliest text begins with the other. */
const forking = enumerableTokens({
  tokens: ['a', 'b', 'c', 'd', 'e'],
  maxTokens: 2,
  next: (prefix) =>
    prefix.length === 0 ? [6, 4, 0, 0, 0, 0] : prefix[0] === 0 ? [1, 1, 1, 1, 1, 0] : [0, 1, 0, 0, 0, 0],
});
function sharpened(right: string, says: string): World {
  return {
    technique: 'powerSampling(alpha=4, steps=8)',
    says,
    base: forking,
    model: powerSampling({ alpha: 4, steps: 8 })(forking),
    right: (text) => text === right || (right === 'a' && text.startsWith('a')),
    instead: { name: 'temperature(t=0.25)', model: temperature({ t: 0.25 })(forking) },
  };
}

export const decode: readonly World[] = [
  contrasted(
    { right: 45, usual: 50, odd: 5 },
    { right: 10, usual: 80, odd: 10 },
    'right 45 %, a commonplace 50 %; the amateur 10 % and 80 %',
  ),
  contrasted(
    { right: 90, usual: 10 },
    { right: 95, usual: 5 },
    'right 90 %, a commonplace 10 %; the amateur knows this too, 95 % and 5 %',
  ),
  guided({ right: 50, other: 50 }, { right: 20, other: 80 }, 'right 50 %; without the prompt 20 %'),
  guided(
    { right: 70, other: 30 },
    { right: 90, other: 10 },
    'right 70 %; without the prompt 90 %: the right answer is the usual one',
  ),
  masked(
    0.05,
    'kept to aa and bb; begins with a in 60 %, of which 5 % go on to aa, else with b, of which 90 % go on to bb; right is bb',
  ),
  masked(0.9, 'the same; after either letter 90 % keep to it'),
  steered(early, 'four letters, each as wanted in 50 %; the potential says so letter by letter'),
  steered(late, 'the same; the potential says so at the end'),
  sharpened('bb', 'one text of 40 %, five of 12 % that begin alike; right is the likeliest text'),
  sharpened('a', 'the same; right are the five that begin alike'),
];
