/** The pages of runs in a real Chromium: a list, one run while it goes on and after it, runs side by side, and deletion. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { NO_USAGE, plus } from '../../core/index.ts';
import { evaluate, type ItemResult } from '../../evaluate/index.ts';
import { tiny } from '../../models/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { loadTask } from '../../tasks/index.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from '../test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from '../test-support/server.ts';

const HOSTILE = `<img src=x onerror="document.title='run'">\u202E\u0000\u001B[31m${'y'.repeat(50_000)}`;

const NO_PULSE = { paused: false, done: 0, total: undefined, rate: 0, calls: 0, tokens: undefined, usd: undefined };

let browser: Browser;
let open: OpenStudio;
let store: Store;
let page: Page;
let met: readonly string[];
/** Seconds since a process that works on a run was last heard of. */
let silentSeconds = 0;

async function save(name: string, item: ItemResult): Promise<void> {
  await store.runs.saveItem(name, { item: item.id, status: item.error === undefined ? 'ok' : 'failed', result: item });
}

beforeAll(async () => {
  if (!hasChromium) return;
  await buildPages();
  store = openStore({ file: ':memory:' });
  const task = await loadTask('tiny:steps');
  for (const [name, model] of [
    ['alone', tiny()],
    ['voted', plus(tiny(), selfConsistency({ n: 5 }))],
  ] as const) {
    const settings = { metric: task.metric.name };
    await store.runs.open({ name, task: task.name, formula: model.name, seed: 0, settings });
    const { results } = await evaluate(model, task, { limit: 30, journal: store.journal, records: true });
    for (const item of results) await save(name, item);
    await store.runs.setStatus(name, 'done');
  }
  const progress: Store['runs']['progress'] = async (name) =>
    (await store.runs.progress(name)).map((one) => ({ ...one, silentSeconds }));
  open = await startStudio({ store: { ...store, runs: { ...store.runs, progress } } });
  browser = await openChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  met = complaints(page, open.origin);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await open?.[Symbol.asyncDispose]();
});

const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

it.skipIf(!hasChromium)('lists runs, and puts those that are chosen side by side', async () => {
  await page.goto(`${open.url}#/runs`);
  await page.getByRole('link', { name: 'voted' }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Find runs').fill('alone');
  expect(await page.getByRole('link', { name: 'voted' }).count()).toBe(0);
  await page.getByLabel('Find runs').fill('');
  await page.getByLabel('Compare alone').check();
  await page.getByLabel('Compare voted').check();
  await page.getByRole('button', { name: 'Compare 2' }).click();
  await page.getByRole('heading', { name: 'Runs side by side' }).waitFor();
  await page.getByRole('img', { name: /plusx:tiny: \d+/ }).waitFor();
  await page.getByText('items flip').click();
  expect(await page.getByRole('region', { name: 'Items that flip' }).locator('tbody tr').count()).toBeGreaterThan(0);
  await expectAccessible(page);
});

it.skipIf(!hasChromium)('shows one run, its items, and the candidates of one', async () => {
  await page.goto(`${open.url}#/runs/voted`);
  await page.getByRole('heading', { name: 'voted' }).waitFor();
  await page.locator('.item').first().click();
  await page.getByText(/^5 candidates/).click();
  expect(await page.getByRole('region', { name: 'Candidates' }).locator('tbody tr').count()).toBe(5);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Open in the playground' }).click();
  await expect.poll(() => page.getByLabel('Model and X', { exact: true }).inputValue()).toContain('selfConsistency');
});

it.skipIf(!hasChromium)(
  'draws the curves of a run as the command line does, against what a person chooses',
  async () => {
    await store.runs.open({ name: 'curved', task: 't', formula: 'm', seed: 0, settings: { curve: { option: 'n' } } });
    const point = (n: number) => ({ n, accuracy: n / 10, ci95: [0, 1], samplesPerItem: n, tokensPerItem: 100 * n });
    for (const [i, formula] of ['m + a', HOSTILE].entries())
      await store.runs.saveItem('curved', {
        item: `curve ${i + 1}`,
        status: 'ok',
        result: { task: 't', formula, over: 'n', items: 9, failed: 0, method: 'pool', curve: [point(1), point(5)] },
      });
    await store.runs.setStatus('curved', 'done');
    await page.goto(`${open.url}#/runs/curved`);
    const picture = page.getByRole('img', { name: /^Accuracy as more is spent/ });
    const drawn = async (): Promise<string> => decodeURIComponent((await picture.getAttribute('src')) ?? '');
    await picture.waitFor();
    const width = () => picture.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth);
    await expect.poll(width).toBe(760);
    expect(await drawn()).toContain('>n (logarithmic)<');
    await page.getByLabel('What the axis counts').selectOption('tokens an answer');
    expect(await drawn()).toContain('>tokens an item');
    expect(await page.getByRole('region', { name: 'Points of m + a' }).locator('tbody tr').count()).toBe(2);
    expect(await page.title()).toBe('Runs · plusx studio');
    expect(await wide()).toBe(0);
    await expectAccessible(page);
  },
);

it.skipIf(!hasChromium)('follows a run that goes on, and shows what failed, whatever it says', async () => {
  await store.runs.open({
    name: 'going <b>on</b>',
    task: HOSTILE.slice(0, 300),
    formula: 'm',
    seed: 0,
    settings: { metric: 'exact' },
  });
  const item = (id: string, error?: string): ItemResult => ({
    id,
    grade: error === undefined ? 1 : undefined,
    answer: HOSTILE,
    samples: 1,
    usage: { ...NO_USAGE, calls: 1 },
    question: HOSTILE,
    expected: HOSTILE,
    replies: [],
    ...(error !== undefined && { error }),
  });
  await save('going <b>on</b>', item('1'));
  await page.goto(`${open.url}#/runs/${encodeURIComponent('going <b>on</b>')}`);
  await page.getByText('It goes on in the process that began it').waitFor();
  await save('going <b>on</b>', item('2', HOSTILE));
  await page.getByText('2 items · 1 failed').waitFor();
  await page.locator('.item').first().click();
  await page.getByRole('link', { name: 'Open in the playground' }).waitFor();
  expect(await page.title()).toBe('Runs · plusx studio');
  expect(await page.locator('main img, main b').count()).toBe(0);
  expect(await wide()).toBe(0);
  await expectAccessible(page);
  await store.runs.setStatus('going <b>on</b>', 'stopped');
  await page.getByText('goes on where it was').waitFor();
});

it.skipIf(!hasChromium)('a run whose process was killed is said to be left, and can be given up', async () => {
  await store.runs.open({ name: 'killed', task: 't', formula: 'm', seed: 0, settings: { metric: 'exact' } });
  await store.runs.begin('killed', { command: `plusx eval ${HOSTILE.slice(0, 200)}` });
  await store.runs.pulse('killed', { ...NO_PULSE, done: 300, total: 1000, rate: 0.1 });
  await page.goto(`${open.url}#/runs/killed`);
  await page.getByText('300 of 1,000 items · 0.10 a second · 1 h 56 min left').waitFor();
  silentSeconds = 60;
  await page.getByRole('status').filter({ hasText: 'Its process is gone' }).waitFor();
  expect(await page.getByLabel('The command').textContent()).toContain('<img src=x');
  expect(await page.locator('main img').count()).toBe(0);
  expect(await page.getByRole('button', { name: /Pause|Resume/ }).count()).toBe(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('stopped', { exact: true }).waitFor();
  expect(await store.runs.get('killed')).toMatchObject({ status: 'stopped' });
});

it.skipIf(!hasChromium)('asks once before a run is deleted, and says what to do where there is none', async () => {
  for (const { name } of await store.runs.list()) {
    await page.goto(`${open.url}#/runs/${encodeURIComponent(name)}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect(await store.runs.get(name)).toBeDefined();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: /^(?:Runs|No runs yet)$/ }).waitFor();
    expect(await store.runs.get(name)).toBeUndefined();
  }
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
  await expectAccessible(page);
});

it.skipIf(!hasChromium)('nothing was complained of, and no other host was asked', () => {
  expect(met).toEqual([]);
});
