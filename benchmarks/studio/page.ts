/** A run of the playground on a model that is drawn from, and how its frames are counted. */
import type { Page } from 'playwright-core';
import type { Model } from '../../src/core/index.ts';
import { enumerable } from '../../src/models/index.ts';

const ANSWERS = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`answer ${i}`, 1 / (i + 1)]));

/** Forty answers, and `delay` milliseconds for each call. */
export function slowed(delay: number): Model {
  const written = enumerable({ name: 'written', answers: { '*': ANSWERS } });
  return {
    name: 'written',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 64 },
    async sample(request, context) {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      return written.sample(request, context);
    },
  };
}

export const X = 'written + selfConsistency(n=3)';
export const playing = (url: string, samples: number): string =>
  `${url}#/play?${new URLSearchParams({ q: 'Which one?', x: X, n: `${samples}` }).toString()}`;

export async function begin(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Run', exact: true });
  await button.and(page.locator(':enabled')).waitFor();
  await button.click();
}

/** Frames a second, and the longest, of the milliseconds between frames. */
export function gaps(during: readonly number[]): { readonly perSecond: number; readonly longest: number } {
  const total = during.reduce((sum, gap) => sum + gap, 0);
  return { perSecond: (1000 * during.length) / total, longest: Math.max(...during) };
}
