/** The pages of traces in a real Chromium: found, opened, walked through with the keyboard, whatever was said in them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { ask, NO_USAGE, plus, user, type Message, type Span } from '../../core/index.ts';
import { tiny } from '../../models/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from '../test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from '../test-support/server.ts';

const QUESTION = 'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?';
const HOSTILE = `<img src=x onerror="document.title='run'">\u202E\u0000\u001B[31m<b>b</b>\n${'z'.repeat(5 * 2 ** 20)}`;

let browser: Browser;
let open: OpenStudio;
let store: Store;
let page: Page;
let met: readonly string[];

function step(name: string, at: number, children: Span[] = [], more: Partial<Span> = {}): Span {
  const usage = { ...NO_USAGE, calls: 1, inputTokens: 3, outputTokens: 2 + (at % 7), usd: 0 };
  const kind = children.length > 0 ? 'technique' : 'call';
  return {
    path: `${name}/${at}`,
    name,
    kind,
    start: at,
    end: at + 3,
    status: 'ok',
    usage,
    preview: undefined,
    facts: undefined,
    children,
    ...more,
  };
}

beforeAll(async () => {
  if (!hasChromium) return;
  await buildPages();
  store = openStore({ file: ':memory:' });
  const model = plus(tiny(), selfConsistency({ n: 5 }));
  const { trace } = await ask(model, QUESTION, { trace: 'texts' });
  const root = trace as Span;
  root.facts = { formula: model.name };
  root.said = { prompt: [user(QUESTION)], texts: ['12'] };
  await store.traces.put({ id: 'voted', root });
  const prompt: readonly Message[] = [
    { role: 'system', content: 'Answer with the number.' },
    user('How many nails are 2 and 3?'),
    { role: 'assistant', content: [{ type: 'text', text: '<b>5</b>' }] },
    user(QUESTION),
  ];
  await store.traces.put({
    id: 'talk',
    root: step('', 0, [step('plusx:tiny', 1, [], { said: { prompt, texts: ['12'] } })]),
  });
  await store.traces.put({
    id: 'hostile',
    root: step(
      '<i>run</i>',
      0,
      [step(HOSTILE.slice(0, 5000), 1, [], { said: { prompt: [user(HOSTILE)], texts: [HOSTILE] } })],
      {
        facts: { formula: HOSTILE.slice(0, 3000) },
        status: 'error',
      },
    ),
  });
  const many = Array.from({ length: 100 }, (_, i) =>
    step(
      'critic',
      i * 100,
      Array.from({ length: 100 }, (__, j) => step('m', i * 100 + j)),
    ),
  );
  await store.traces.put({ id: 'many', root: step('', 0, many, { end: 10_100, facts: { formula: 'm + critic' } }) });
  open = await startStudio({ store });
  browser = await openChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, permissions: ['clipboard-read'] });
  page = await context.newPage();
  met = complaints(page, open.origin);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await open?.[Symbol.asyncDispose]();
});

const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const chosen = () => page.locator('[role="treeitem"][aria-selected="true"]');

it.skipIf(!hasChromium)('finds traces by what they are of', async () => {
  await page.goto(`${open.url}#/traces`);
  await page.getByRole('link', { name: 'm + critic' }).waitFor();
  expect(await page.locator('tbody tr').count()).toBe(4);
  expect(await wide()).toBe(0);
  await expectAccessible(page);
  await page.getByLabel('Find traces').fill('Paul has');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  await page.getByLabel('Find traces').fill('');
  await page.getByLabel('Status').selectOption('error');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  await page.getByLabel('Find traces').fill('nothing of the kind');
  await page.getByText('No trace is like that').waitFor();
});

it.skipIf(!hasChromium)('shows a trace with what was said, and opens an inner call in the playground', async () => {
  await page.goto(`${open.url}#/traces/voted`);
  await page.getByRole('tree').waitFor();
  await page.getByRole('button', { name: 'The dearest branch' }).click();
  await expect.poll(() => chosen().innerText()).toContain('plusx:tiny');
  await page.getByRole('heading', { name: 'Said, 5 candidates' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Open in the playground as it was' }).click();
  await expect.poll(() => page.getByLabel('Question', { exact: true }).inputValue()).toBe(QUESTION);
  expect(await page.getByLabel('Model and X', { exact: true }).inputValue()).toBe('plusx:tiny');
});

it.skipIf(!hasChromium)(
  'opens a call with what was said before its question, though the playground was there before',
  async () => {
    await page.goto(`${open.url}#/play?x=plusx:tiny&q=Another`);
    await page.getByLabel('Question', { exact: true }).waitFor();
    await page.evaluate(() => (location.hash = '#/traces/talk'));
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: 'Open in the playground as it was' }).click();
    await expect.poll(() => page.getByLabel('Question', { exact: true }).inputValue()).toBe(QUESTION);
    const before = page.getByRole('group', { name: 'Said before the question' });
    expect(await before.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('Answer with the number.'),
      expect.stringContaining('How many nails are 2 and 3?'),
      expect.stringContaining('<b>5</b>'),
    ]);
    await expectAccessible(page);
    // The link holds all of it, and so does the code.
    await page.reload();
    await before.waitFor();
    await page.getByRole('button', { name: 'As code or link' }).click();
    await expect.poll(() => page.locator('pre').innerText()).toContain('Answer with the number.');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Ask the question alone' }).click();
    await expect.poll(() => before.count()).toBe(0);
  },
);

it.skipIf(!hasChromium)(
  'walks ten thousand calls with the keyboard, and only what is seen is in the page',
  async () => {
    await page.goto(`${open.url}#/traces/many`);
    await page.getByRole('tree').focus();
    expect(await page.getByRole('treeitem').count()).toBeLessThan(100);
    await page.keyboard.press('End');
    await expect.poll(() => chosen().getAttribute('id')).toBe('step-10100');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosen().getAttribute('id')).toBe('step-10000');
    await page.keyboard.press('ArrowLeft'); // closes it
    expect(await chosen().getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByRole('button', { name: 'Close all' }).click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBeGreaterThan(10);
    await page.keyboard.press('d');
    await expect.poll(async () => Number((await chosen().getAttribute('aria-level')) ?? 0)).toBe(3);
    await expectAccessible(page);
  },
);

it.skipIf(!hasChromium)('shows whatever was said as text, and it is copied as it was', async () => {
  await page.goto(`${open.url}#/traces/hostile`);
  await page.getByRole('tree').waitFor();
  await page.getByRole('treeitem').nth(1).click();
  await page.getByRole('heading', { name: 'Said' }).waitFor();
  expect(await page.title()).toBe('Trace · plusx studio');
  expect(await page.locator('main img, main b, main i').count()).toBe(0);
  expect(await wide()).toBe(0);
  const copied = await page.evaluate(() => document.querySelector('.one-step .said')?.textContent ?? '');
  expect(copied.slice(0, 200_000)).toBe(HOSTILE.slice(0, 200_000));
  await expectAccessible(page);
});

it.skipIf(!hasChromium)('asks once before a trace is deleted, and says what to do where there is none', async () => {
  for (const id of ['voted', 'talk', 'hostile', 'many']) {
    await page.goto(`${open.url}#/traces/${id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: /^(?:Traces|No traces yet)$/ }).waitFor();
    expect(await store.traces.get(id)).toBeUndefined();
  }
  await page.getByRole('heading', { name: 'No traces yet' }).waitFor();
  await expectAccessible(page);
  await page.goto(`${open.url}#/traces/voted`);
  await page.getByText('There is no trace voted').waitFor();
});

it.skipIf(!hasChromium)('nothing else was complained of, and no other host was asked', () => {
  expect(met.filter((line) => !line.includes('404'))).toEqual([]);
});
