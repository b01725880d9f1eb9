/** The law of debate: Σ over all rounds of Π_r Π_i P(y_i,r | x, own answers, {y_j,r-1 : j ≠ i}) [a leads among y_1,R … y_n,R]. */
import { plus, questionOf, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { debate } from './debate.ts';

// Agents who change their mind by what the others say, and the less the more often they have said a. If they held on to all
// answers alike, or just in proportion to how often they gave them, two agents would end alike with a memory and without.
const OPINIONS: Distribution = { a: 4, b: 3, c: 1 };
function nextOf(own: readonly string[], others: readonly string[]): Distribution {
  const last = own.at(-1) ?? '';
  return {
    [last]: 1 + own.filter((one) => one === 'a').length ** 2,
    [others.join('')]: 1,
    ...(others[0] === others[1] && others[0] !== undefined && others[0] !== last && { [others[0]]: 5 }),
  };
}
const agent = (opinions: Distribution): Model =>
  enumerable({
    name: 'agent',
    answers(prompt) {
      const own = prompt.filter(({ role }) => role === 'assistant').map(({ content }) => textOf(content));
      const others = [...questionOf(prompt).matchAll(/^Answer \d+:\n(.*)$/gm)].map(([, said = '']) => said);
      return own.length === 0 ? opinions : nextOf(own, others);
    },
  });
/** Round by round and agent by agent, and a count of who leads at the end. */
function debated(agents: number, rounds: number, opinions: Distribution): P {
  const out = new Map<string, number>();
  const everyone = Array.from({ length: agents }, (_, i) => i);
  /** `before`: the answers of each round that is over. */
  const visit = (before: readonly (readonly string[])[], round: readonly string[], p: number): void => {
    if (round.length < agents) {
      const i = round.length;
      const own = before.map((answers) => answers[i] as string);
      const others = everyone.filter((j) => j !== i).map((j) => before.at(-1)?.[j] as string);
      for (const [y, q] of normal(before.length === 0 ? opinions : nextOf(own, others)))
        visit(before, [...round, y], p * q);
    } else if (before.length + 1 < rounds && agents > 1) visit([...before, round], [], p);
    else {
      const count = (answer: string): number => round.filter((one) => one === answer).length;
      const most = Math.max(...round.map(count));
      add(out, round.find((one) => count(one) === most) as string, p);
    }
  };
  visit([], [], 1);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'debate',
  subjects: {
    debate: debate(),
    'debate of several models': (base) => debate({ agents: 2, rounds: 3, models: [reRead()(base)] })(base),
  },
  exact: varied(
    {
      agents: upTo(3, debate.definition.options.agents),
      rounds: upTo(3, debate.definition.options.rounds),
      opinions: weights(OPINIONS, 'what each says at first'),
    },
    ({ agents, rounds, opinions }) =>
      holds(
        `agents=${agents}, rounds=${rounds}: the lead after each has heard the others, ties to the first`,
        plus(agent(opinions), debate({ agents, rounds, extract: 'text' })),
        () => debated(agents, rounds, opinions),
      ),
    [
      { agents: 2, rounds: 2 },
      { agents: 3, rounds: 2 },
      { agents: 2, rounds: 3 },
    ],
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'an agent hears itself among the others',
    file: 'iterate/debate/debate.ts',
    from: 'all.filter(({ agent }) => agent !== one.agent)',
    to: 'all',
  },
  {
    bug: 'one round less than asked for',
    file: 'iterate/debate/debate.ts',
    from: 'round <= rounds &&',
    to: 'round < rounds &&',
  },
  {
    bug: 'an agent forgets what it said before the last round',
    file: 'iterate/debate/debate.ts',
    from: '[...one.prompt, assistant(draft)]',
    to: '[...request.prompt, assistant(draft)]',
  },
];
