/** A space of what most often pays, for who marks no choices. */
import type { Limits } from '../../core/index.ts';

/**
 * Ways of asking, then demonstrations, then votes of as many draws as a question may take. Point 0 of each choice is doing without, so
 * that the base itself is among the compositions.
 */
export function autoSpace({ calls = 15 }: Limits = {}): string {
  const votes = [3, 5, 9, 15].filter((n) => n <= calls);
  const ending =
    votes.length === 0
      ? []
      : [
          `maybe(anyOf(selfConsistency(n=[${votes.join(', ')}]), adaptiveConsistency(n=[${votes.slice(-2).join(', ')}])))`,
        ];
  return ['maybe(anyOf(reRead, planAndSolve))', 'demos(k=[0, 4])', ...ending].join(' + ');
}
