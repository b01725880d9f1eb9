/** What a page holds over a live run: it must not grow. */
import type { Browser } from 'playwright-core';
import { startStudio } from '../../src/studio/test-support/server.ts';
import { begin, playing, slowed } from './page.ts';
import type { Row } from './row.ts';

const SAMPLES = 5000;
const TIMES = 12;

export async function memory(browser: Browser, minutes: number): Promise<readonly Row[]> {
  // A draw takes one call after another of a vote only where the model has no room, so a run lasts as long as its draws.
  const delay = (minutes * 60_000 * 1.3) / SAMPLES;
  await using open = await startStudio({ serving: { models: { written: slowed(delay) }, scorers: {} } });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.goto(playing(open.url, SAMPLES));
  await begin(page);
  await page.locator('.answer').first().waitFor();
  const held: { readonly bytes: number; readonly nodes: number }[] = [];
  for (let time = 0; time <= TIMES; time++) {
    await page.waitForTimeout((minutes * 60_000) / (TIMES + 1));
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    held.push({ bytes: of('JSHeapUsedSize'), nodes: of('Nodes') });
  }
  const isLive = await page.getByRole('button', { name: 'Stop', exact: true }).isVisible();
  const said = await page.locator('.legend').innerText();
  await page.close();
  const [first, last] = [held[0], held.at(-1)];
  if (!first || !last) throw new Error('Nothing was measured.');
  const MB = (bytes: number): string => (bytes / 1e6).toFixed(2);
  const peak = Math.max(...held.map(({ bytes }) => bytes));
  return [
    {
      what: `memory of the page over ${minutes} minutes of a live run${isLive ? '' : ' (it ended before)'}`,
      value: `${MB(first.bytes)} MB at the first of ${held.length} looks, ${MB(last.bytes)} MB at the last, ${MB(peak)} MB at most`,
      goal: 'flat',
    },
    { what: 'nodes of the document meanwhile', value: `${first.nodes}, then ${last.nodes}`, goal: 'flat' },
    {
      what: 'samples shown by then',
      value: /([\d,]+) samples[\s\S]*?([\d,]+) samples/.exec(said)?.slice(1).join(' before X, ') ?? '',
    },
  ];
}
