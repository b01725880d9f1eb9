/** Killed anywhere, the same search goes on, pays for nothing twice and ends in the same report. */
import { it } from 'vitest';
import { killedAndGoneOn } from './test-support/killed.ts';

// oxlint-disable-next-line vitest/expect-expect -- it expects inside
it('a search that is killed four times at random: the same report, and nothing paid twice but what was in flight', () =>
  killedAndGoneOn(1, 4));
