/** The law of a cheatsheet: P(y | x, m) Q(m' | m, x, y), or Σ over m' of Q(m' | m, x, nearest) P(y | x, m') by retrieval. */
import { plus, questionOf, textOf, type Host, type Message, type Sampled } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { BELIEVER, believing, isBase, NOTED, NOTES, nothing } from '../shared/memories.law.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { dynamicCheatsheet } from './dynamic-cheatsheet.ts';

const SHEET = '<cheatsheet>Carry the one.</cheatsheet>';

/** A memory with a cheatsheet and earlier answers in it, as after some questions. */
function studied(): Host {
  const memory = memoryOf(NOTES, { namespace: 'default#answers' });
  const sheet = { id: 'cheatsheet', text: 'Add from the right.' };
  return {
    memory: {
      ...memory,
      list: async (namespace, ids) => {
        const kept = await memory.list(namespace, ids);
        return namespace === 'default#cheatsheet' && kept.length === 0 ? [sheet] : kept;
      },
    },
  };
}

/** Answers that a curator may give as well, so that some sheets are written and some are not. */
const curating = (prompt: readonly Message[]): Distribution =>
  textOf(prompt[0]?.content ?? '').includes('cheatsheet:')
    ? { [SHEET]: 2, 'no sheet': 1 }
    : { '4': 3, '5': 2, '22': 1 };

/** Writes a sheet more often after one of the answers. */
const curator = enumerable({
  name: 'curator',
  answers: (prompt) => ({ [SHEET]: questionOf(prompt).includes('Answer: a') ? 3 : 1, none: 1 }),
});
const silent = finite({ nonsense: 1 });

/** What the sheet is afterwards, beside the answer. */
const withSheet = ({ samples: [sample] }: Sampled): string =>
  `${textOf(sample?.content ?? '')} ${JSON.stringify(sample?.providerMetadata?.['plusx']?.['cheatsheet'])}`;

export const law: TechniqueLaw = {
  technique: 'dynamicCheatsheet',
  subjects: {
    'dynamicCheatsheet, cumulative': { transform: dynamicCheatsheet(), host: studied, answers: curating },
    'dynamicCheatsheet, retrieval': {
      transform: dynamicCheatsheet({ variant: 'retrieval' }),
      host: studied,
      answers: curating,
      preparation: 1,
    },
    'dynamicCheatsheet with a curator': {
      transform: (base) => dynamicCheatsheet({ curator: reRead()(base) })(base),
      host: nothing,
      answers: curating,
    },
  },
  exact: [
    isBase('cumulative, nothing remembered: the base itself', dynamicCheatsheet({ curator: silent })),
    isBase(
      'retrieval, nothing remembered: the base itself',
      dynamicCheatsheet({ variant: 'retrieval', curator: silent }),
    ),
    holds(
      "cumulative: P(y | x, m) Q(m' | m, x, y)",
      hosted(plus(believing('Add from the right.'), dynamicCheatsheet({ curator })), studied),
      () => {
        const out = new Map<string, number>();
        for (const [y, p] of normal(NOTED)) {
          const written = y === 'a' ? 3 / 4 : 1 / 2;
          add(out, `${y} "Carry the one."`, p * written);
          add(out, `${y} "Add from the right."`, p * (1 - written));
        }
        return out;
      },
      { outcome: withSheet },
    ),
    ...varied({ sheets: weights({ [SHEET]: 2, none: 1 }, 'what the curator writes'), ...BELIEVER }, (values) =>
      holds(
        "retrieval: sum over m' of Q(m') P(y | x, m')",
        hosted(
          plus(
            believing('Carry the one.', values.plain, values.noted),
            dynamicCheatsheet({ variant: 'retrieval', curator: finite(values.sheets, 'curator') }),
          ),
          studied,
        ),
        () => {
          const out = new Map<string, number>();
          const written = normal(values.sheets).get(SHEET) ?? 0;
          for (const [y, p] of normal(values.noted)) add(out, y, p * written);
          for (const [y, p] of normal(values.plain)) add(out, y, p * (1 - written));
          return out;
        },
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the cheatsheet is not kept in view',
    file: 'remember/dynamic-cheatsheet/dynamic-cheatsheet.ts',
    from: "sheet === '' ? request.prompt :",
    to: "sheet !== '' ? request.prompt :",
  },
];
