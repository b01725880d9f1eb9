/** Traces of many calls: how soon they are seen, and how they scroll. */
import type { Browser, Page } from 'playwright-core';
import { NO_USAGE, type Span } from '../../src/core/index.ts';
import { startStudio, type OpenStudio } from '../../src/studio/test-support/server.ts';
import { gaps } from './page.ts';
import { ms, type Row } from './row.ts';

const ROUNDS = 5;
const EACH = 100;

export async function traces(browser: Browser): Promise<readonly Row[]> {
  await using open = await startStudio();
  for (const calls of [10_000, 100_000])
    for (let round = 0; round <= ROUNDS; round++)
      await open.store.traces.put({ id: `${calls}-${round}`, root: tree(calls) });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${open.url}#/traces`);
  const small = await openedOften(page, open, 10_000);
  const scrolled = gaps(await scroll(page));
  const large = await openedOften(page, open, 100_000);
  const largeScrolled = gaps(await scroll(page));
  await page.close();
  return [
    { what: 'a trace of 10,000 calls is seen after', value: ms(small.map(({ after }) => after)), goal: '< 500 ms' },
    { what: 'its rows scroll, frames a second', value: said(scrolled), goal: '>= 50' },
    { what: 'a trace of 100,000 calls is seen after', value: ms(large.map(({ after }) => after)) },
    { what: 'the longest frame meanwhile', value: ms(large.map(({ longest }) => longest)), goal: '<= 200 ms' },
    { what: 'its rows scroll, frames a second', value: said(largeScrolled), goal: '>= 50' },
  ];
}

const said = ({ perSecond, longest }: ReturnType<typeof gaps>): string =>
  `${perSecond.toFixed(0)} (longest frame ${longest.toFixed(0)} ms)`;

interface Opened {
  readonly after: number;
  readonly longest: number;
}

/** Each trace is new to the server; the first one of all is not counted. */
async function openedOften(page: Page, { url }: OpenStudio, calls: number): Promise<readonly Opened[]> {
  const all: Opened[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await page.goto(`${url}#/traces`);
    await page.locator('tbody tr').first().waitFor();
    all.push(await opened(page, `#/traces/${calls}-${round}`));
  }
  return all.slice(1);
}

function opened(page: Page, address: string): Promise<Opened> {
  return page.evaluate(
    (to) =>
      new Promise<Opened>((resolve) => {
        const begun = performance.now();
        let last = begun;
        let longest = 0;
        let rest = 30; // frames after the first row: what is slow about it may come later
        let after = 0;
        const look = (now: number): void => {
          longest = Math.max(longest, now - last);
          last = now;
          if (after === 0 && document.querySelector('[role="treeitem"]')) after = now - begun;
          if (after > 0 && rest-- === 0) resolve({ after, longest });
          else requestAnimationFrame(look);
        };
        location.hash = to;
        requestAnimationFrame(look);
      }),
    address,
  );
}

/** Milliseconds between the frames of three seconds in which the rows go by. */
function scroll(page: Page): Promise<readonly number[]> {
  return page.evaluate(
    () =>
      new Promise<readonly number[]>((resolve) => {
        const between: number[] = [];
        const frame = document.querySelector('[role="tree"]');
        const begun = performance.now();
        let last: number | undefined;
        const look = (now: number): void => {
          if (last !== undefined) between.push(now - last);
          last = now;
          if (frame) frame.scrollTop += 300;
          if (now - begun > 3000) resolve(between);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  );
}

function tree(calls: number): Span {
  const groups = Array.from({ length: calls / EACH }, (_, i) =>
    span(
      'critic',
      i * EACH,
      Array.from({ length: EACH }, (__, j) => span('m', i * EACH + j)),
    ),
  );
  return { ...span('', 0, groups), end: calls + 3, facts: { formula: 'm + critic' } };
}

function span(name: string, at: number, children: Span[] = []): Span {
  return {
    path: `${name}/${at}`,
    name,
    kind: children.length > 0 ? 'technique' : 'call',
    start: at,
    end: at + 3,
    status: 'ok',
    usage: { ...NO_USAGE, calls: 1, inputTokens: 3, outputTokens: 2 + (at % 7), usd: 0 },
    preview: `what call ${at} said`,
    facts: undefined,
    children,
  };
}
