/** The pages of memory in a real Chromium: notes found, written, changed and deleted, whatever they say. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { openMemory, type OpenMemory } from '../../store/index.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from '../test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from '../test-support/server.ts';

const MARKUP = `<img src=x onerror="document.title='run'"><b>b</b>\u202E\u0000\u001B[31m`;
const HOSTILE = `${MARKUP}\n${'z'.repeat(5 * 2 ** 20)}`;
const ODD = `../a?b#c&d=<i>e</i>\u202E${'w'.repeat(300)}`;

let browser: Browser;
let open: OpenStudio;
let memory: OpenMemory;
let page: Page;
let met: readonly string[];

beforeAll(async () => {
  if (!hasChromium) return;
  await buildPages();
  memory = openMemory({ file: ':memory:' });
  open = await startStudio({ memory });
  browser = await openChromium();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  met = complaints(page, open.origin);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await open?.[Symbol.asyncDispose]();
  await memory?.close();
});

const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

it.skipIf(!hasChromium)('says what to do where nothing is remembered, and takes the first note', async () => {
  await page.goto(`${open.url}#/memory`);
  await page.getByRole('heading', { name: 'Nothing is remembered yet' }).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('n');
  await page.getByLabel('Text').fill('to blim means to lose');
  await page.getByLabel('Says further').fill('{ "feedback": ');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('What it says further is not JSON').waitFor();
  await expectAccessible(page);
  await page.getByLabel('Says further').fill('{ "feedback": "blim is lose" }');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('region', { name: 'Note', exact: true }).getByText('to blim means to lose').waitFor();
  expect(await memory.list('default')).toMatchObject([
    { text: 'to blim means to lose', data: { feedback: 'blim is lose' } },
  ]);
});

it.skipIf(!hasChromium)('goes through the notes, and searches as a model searches', async () => {
  const many = Array.from({ length: 120 }, (_, n) => ({ id: `n${n}`, text: `note ${n} of the harbour` }));
  await memory.put('default', many);
  await page.goto(`${open.url}#/memory`);
  await page.reload();
  const lines = page.getByRole('region', { name: 'Notes', exact: true }).getByRole('listitem');
  await expect.poll(() => lines.count()).toBe(50);
  await page.getByRole('button', { name: 'More' }).click();
  await expect.poll(() => lines.count()).toBe(100);
  await page.getByRole('button', { name: 'More' }).click();
  await expect.poll(() => lines.count()).toBe(121);
  expect(await page.getByRole('button', { name: 'More' }).count()).toBe(0);
  await expectAccessible(page);
  await page.keyboard.press('/');
  await page.keyboard.type('what is to blim');
  const first = page.getByRole('region', { name: 'Found notes' }).locator('tbody tr').first();
  await expect.poll(() => first.innerText()).toMatch(/^1\s+1\s+1\s+0\.\d\d\s+to blim means to lose/);
  await first.getByRole('link').click();
  await page.getByRole('region', { name: 'Note', exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByLabel('Search the memory').fill('qqqq');
  await page.getByText('Nothing is near to that').waitFor();
});

it.skipIf(!hasChromium)('changes a note, and asks once before it deletes one', async () => {
  await page.goto(`${open.url}#/memory?in=default&note=n7`);
  await page.getByRole('button', { name: 'Change' }).click();
  await expectAccessible(page);
  await page.getByLabel('Text').fill('note 7 of the lighthouse');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('region', { name: 'Note', exact: true }).getByText('note 7 of the lighthouse').waitFor();
  expect(await memory.list('default', ['n7'])).toEqual([{ id: 'n7', text: 'note 7 of the lighthouse' }]);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  expect(await memory.list('default', ['n7'])).toHaveLength(1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('note 6 of the harbour').waitFor();
  await expect.poll(() => page.getByText('note 7 of').count()).toBe(0);
  expect(await memory.list('default', ['n7'])).toEqual([]);
});

it.skipIf(!hasChromium)('shows whatever is remembered as text, and it is copied as it was', async () => {
  await memory.put(ODD, [
    { id: '..', text: HOSTILE, data: { [MARKUP]: MARKUP } },
    { id: MARKUP, text: MARKUP },
    { id: ' ', text: '' },
  ]);
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${open.url}#/memory?${new URLSearchParams({ in: ODD }).toString()}`);
    await page.reload();
    await expect.poll(() => page.getByRole('listitem').count()).toBe(3);
    await page.getByRole('listitem').first().getByRole('link').click();
    await page.getByRole('region', { name: 'Note', exact: true }).waitFor();
    expect(await page.title()).toBe('Memory · plusx studio');
    expect(await page.locator('main img, main b, main i').count()).toBe(0);
    expect(await wide()).toBe(0);
    expect(await page.evaluate(() => document.querySelector('.one-note .said')?.textContent)).toBe(HOSTILE);
  }
  await page.goto(`${open.url}#/memory?${new URLSearchParams({ in: ODD, note: MARKUP }).toString()}`);
  await page.getByRole('button', { name: 'Change' }).waitFor();
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 900 });
});

it.skipIf(!hasChromium)('deletes a namespace, and says so where a note is gone', async () => {
  await page.goto(`${open.url}#/memory?in=default&note=n8`);
  await page.getByRole('button', { name: 'Delete all' }).click();
  await expectAccessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.waitForURL(/#\/memory$/);
  expect(await memory.namespaces()).toEqual([ODD]);
  await page.goto(`${open.url}#/memory?in=default&note=n8`);
  await page.getByText('The note is not there any more').waitFor();
  await expectAccessible(page);
  await using bare = await startStudio({});
  await page.goto(`${bare.url}#/memory`);
  await page.getByRole('heading', { name: 'No memory is open' }).waitFor();
  await expectAccessible(page);
});

it.skipIf(!hasChromium)('nothing else was complained of, and no other host was asked', () => {
  expect(met.filter((line) => !line.includes('404') && !line.startsWith('asked http://127.0.0.1'))).toEqual([]);
});
