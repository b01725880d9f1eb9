/** A written model that looks things up. */
import { questionOf, textOf, type Model } from '../../../src/core/index.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { react, toolbox } from '../../../src/tools/index.ts';
import { FINISH, OBSERVE } from '../../../src/tools/react/react.ts';
import type { World } from './form.ts';

const SEARCH = toolbox('search', {
  search: {
    inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
    execute: async ({ query }: { query: string }) => (query === 'what is asked' ? 'the page' : 'another page'),
  },
});
const ASKS = 'Action: search {"query": "what is asked"}';
const MISSES = 'Action: search {"query": "something else"}';

/** Knows the answer in a fifth of cases. It searches, finds the page as often as given, and believes what it reads. */
function searcher(finds: number, says: string): World {
  const base: Model = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === OBSERVE({ results: 'the page' })) return { 'Answer: right': 95, 'Answer: wrong': 5 };
      if (asked === OBSERVE({ results: 'another page' })) return { 'Answer: right': 5, 'Answer: wrong': 95 };
      if (asked === FINISH() || !textOf(prompt.at(-1)?.content ?? '').includes('There are tools:'))
        return { 'Answer: right': 20, 'Answer: wrong': 80 };
      return { [ASKS]: 90 * finds, [MISSES]: 90 * (1 - finds), 'Answer: right': 2, 'Answer: wrong': 8 };
    },
  });
  return { technique: 'react(form="text")', says, base, model: react({ tools: SEARCH, form: 'text' })(base) };
}

export const tools: readonly World[] = [
  searcher(
    0.8,
    'right 20 %; it searches in 90 %, 80 % of searches find the page (then right 95 %), the others one that misleads (5 %)',
  ),
  searcher(0.1, 'the same; 10 % of searches find the page'),
];
