/** The law of deep research: the notes on each query, and the answer that is written from all of them with its sources. */
import { questionOf, type Model, type Sampled } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { inForm } from '../shared/replies.law.ts';
import { deepResearch } from './deep-research.ts';
import type { Page } from './sources.ts';

/** Finds a page of its own for each query, and one that it finds for all. */
const find = (query: string): readonly Page[] => [
  { url: `https://${query}.example/`, title: query, text: `All of ${query}.` },
  { url: 'https://all.example/', text: 'Everything.' },
];

/** One query or two, notes on the pages of each, and an answer that depends on the notes and cites one page or both. */
const NOTES: Tables = { one: { k: 1, l: 2 }, two: { m: 3, n: 1 } };
const answersFrom = (notes: string): Distribution => ({ [`${notes} [1]`]: 1, [`${notes} [2][1]`]: 3 });
const reader = (written: Tables): Model =>
  enumerable({
    name: 'reader',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      if (asked.includes('search queries')) return { '1. one\n2. two': 2, 'Of no use.': 1 };
      if (asked.includes('[4]')) return { lost: 1 }; // three pages are found, one of them twice
      if (asked.includes('from these notes'))
        return answersFrom((/Notes:\n([\s\S]*)\n\nPages/.exec(asked)?.[1] ?? '').replaceAll('\n', ''));
      return written[/Pages found for "(.*?)"/.exec(asked)?.[1] === 'two' ? 'two' : 'one'] ?? { lost: 1 };
    },
  });

/** The text and the addresses of the sources after it. */
const withSources = ({ samples }: Sampled): string =>
  (samples[0]?.content ?? [])
    .map((part) => ('text' in part ? part.text : 'url' in part ? part.url : part.type))
    .join(' ');

function researched(written: Tables): P {
  const out = new Map<string, number>();
  const close = (notes: string, first: string, p: number): void => {
    for (const [text, q] of normal(answersFrom(notes))) {
      const pages = [`https://${first}.example/`, 'https://all.example/'];
      add(out, [text, ...(text.endsWith('[2][1]') ? pages.toReversed() : pages.slice(0, 1))].join(' '), p * q);
    }
  };
  for (const [k, p] of normal(written['one'] as Distribution)) {
    close(k, 'question', p / 3); // no list of queries: the question itself is searched for
    for (const [m, q] of normal(written['two'] as Distribution)) close(k + m, 'one', (2 / 3) * p * q);
  }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'deepResearch',
  subjects: {
    deepResearch: {
      transform: deepResearch({ search: find, queries: 2 }),
      answers: inForm,
      preparation: 6,
      scope: { functions: { find } },
    },
  },
  exact: [
    ...varied({ notes: weightsAfter(NOTES, 'what is noted of the pages for each query') }, ({ notes }) =>
      holds(
        'rounds=1: notes on what is found, cited in order',
        deepResearch({ search: find, rounds: 1 })(reader(notes)),
        () => researched(notes),
        { outcome: withSources },
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a page that is found twice gets two numbers',
    file: 'recipes/deep-research/sources.ts',
    from: 'at === -1 ?',
    to: 'at < 100 ?',
  },
];
