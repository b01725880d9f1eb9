/** A space of what most often pays, for who marks no choices. */
import type { Limits } from '../../core/index.ts';
import type { Task } from '../../tasks/index.ts';
import { isNumeric } from '../../tasks/numeric.ts';

/**
 * Ways of asking, then demonstrations, then how the answer is made: the likeliest one, a program where the answers are numbers, votes of
 * as many draws as a question may take. Point 0 of each choice is doing without, so that the base itself is among the compositions.
 */
export function autoSpace({ calls = 15 }: Limits = {}, task?: Task): string {
  const votes = [3, 5, 9, 15].filter((n) => n <= calls);
  const answers = [
    'request(temperature=0)',
    ...(task && isNumeric(task) ? ['pal'] : []),
    ...(votes.length > 0
      ? [`selfConsistency(n=[${votes.join(', ')}])`, `adaptiveConsistency(n=[${votes.slice(-2).join(', ')}])`]
      : []),
  ];
  return ['maybe(anyOf(reRead, planAndSolve))', 'demos(k=[0, 4])', `maybe(anyOf(${answers.join(', ')}))`].join(' + ');
}
