/** What a page holds over live runs: it must not grow. */
import type { Browser, Page } from 'playwright-core';
import { startStudio } from '../../src/studio/test-support/server.ts';
import { begin, playing, slowed } from './page.ts';
import type { Row } from './row.ts';

const SAMPLES = 5000;
const TIMES = 12;
/** Milliseconds that a call of the model takes. */
const DELAY_MS = 20;

export async function memory(browser: Browser, minutes: number): Promise<readonly Row[]> {
  await using open = await startStudio({ serving: { models: { written: slowed(DELAY_MS) }, scorers: {} } });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.goto(playing(open.url, SAMPLES));
  await begin(page);
  await page.locator('.answer').first().waitFor();
  let runs = 1;
  const held: { readonly bytes: number; readonly nodes: number }[] = [];
  for (let time = 0; time <= TIMES; time++) {
    runs += await keepRunning(page, (minutes * 60_000) / (TIMES + 1));
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    held.push({ bytes: of('JSHeapUsedSize'), nodes: of('Nodes') });
  }
  await page.close();
  const [first, last] = [held[0], held.at(-1)];
  if (!first || !last) throw new Error('Nothing was measured.');
  const MB = (bytes: number): string => (bytes / 1e6).toFixed(2);
  const peak = Math.max(...held.map(({ bytes }) => bytes));
  return [
    {
      what: `memory of the page over ${minutes} minutes of live runs, ${runs} one after the other`,
      value: `${MB(first.bytes)} MB at the first of ${held.length} looks, ${MB(last.bytes)} MB at the last, ${MB(peak)} MB at most`,
      goal: 'flat',
    },
    { what: 'nodes of the document meanwhile', value: `${first.nodes}, then ${last.nodes}`, goal: 'flat' },
  ];
}

/** Begins another run, with another seed, whenever one is over. Resolves to how many were begun. */
async function keepRunning(page: Page, forMs: number): Promise<number> {
  const again = page.getByRole('button', { name: 'Another seed', exact: true });
  let begun = 0;
  for (const until = performance.now() + forMs; performance.now() < until; await page.waitForTimeout(100))
    if (await again.isEnabled()) {
      await again.click();
      begun++;
    }
  return begun;
}
