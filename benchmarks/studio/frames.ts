/** Frames while a distribution of 5,000 samples grows. */
import type { Browser } from 'playwright-core';
import { startStudio } from '../../src/studio/test-support/server.ts';
import { begin, gaps, playing, slowed } from './page.ts';
import type { Row } from './row.ts';

const SAMPLES = 5000;

export async function frames(browser: Browser): Promise<readonly Row[]> {
  await using open = await startStudio({ serving: { models: { written: slowed(1) }, scorers: {} } });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(playing(open.url, SAMPLES));
  await begin(page);
  await page.locator('.answer').first().waitFor();
  const { between, states } = await page.evaluate(
    () =>
      new Promise<{ readonly between: readonly number[]; readonly states: number }>((resolve) => {
        const between: number[] = [];
        const seen = new Set<string>();
        let last = performance.now();
        const look = (now: number): void => {
          between.push(now - last);
          last = now;
          seen.add(document.querySelector('.legend')?.textContent ?? '');
          const told = document.querySelector('.run-bar [role="status"]')?.textContent ?? '';
          if (told.startsWith('Done')) resolve({ between, states: seen.size });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  );
  await page.close();
  const { perSecond, longest } = gaps(between);
  const seconds = between.reduce((sum, gap) => sum + gap, 0) / 1000;
  return [
    {
      what: `frames a second while a distribution of 5,000 samples grows (${seconds.toFixed(0)} s)`,
      value: `${perSecond.toFixed(0)} (longest frame ${longest.toFixed(0)} ms)`,
      goal: '>= 30',
    },
    { what: 'states of it shown a second', value: (states / seconds).toFixed(0) },
  ];
}
