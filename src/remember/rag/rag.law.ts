/** The law of retrieval: P(y | x, the nearest pages), and the base itself where there are none. */
import { plus } from '../../core/index.ts';
import { normal } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { BELIEVER, believing, isBase, remembered } from '../shared/memories.law.ts';
import { rag } from './rag.ts';

export const law: TechniqueLaw = {
  technique: 'rag',
  subjects: {
    rag: { transform: rag({ k: 2 }), host: remembered },
    'rag with queries': { transform: rag({ queries: 2 }), host: remembered, preparation: 2 },
  },
  exact: [
    isBase('nothing remembered: the base itself', rag()),
    ...varied(BELIEVER, ({ plain, noted }) =>
      holds(
        'P(y | x, the nearest page)',
        hosted(plus(believing('<page number=\\"1\\"', plain, noted), rag({ k: 1 })), remembered),
        () => normal(noted),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a prompt without notes where nothing is remembered',
    file: 'remember/rag/rag.ts',
    from: 'if (pages.length === 0) return { request };',
    to: '',
  },
];
