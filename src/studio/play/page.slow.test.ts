/** The playground in a real Chromium: its main flow, the keyboard alone, whatever a model may say, and what everybody must be able to read. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { Model } from '../../core/index.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from '../test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from '../test-support/server.ts';
import { enumerable } from '../../models/index.ts';

const QUESTION = 'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?';

/** Texts that would do something if they were anything but text. */
const HOSTILE = [
  '<img src=x onerror="document.title=\'run\'">',
  '<script>document.title="run"</script>',
  '</textarea><b>bold</b>',
  '\u001B[31mred\u001B[0m',
  'left \u202Eright\u2066 to left',
  'nul\u0000l',
  '{{constructor.constructor("return 1")()}}',
  'x'.repeat(200_000),
];
const hostile = enumerable({
  name: 'hostile',
  answers: { '*': Object.fromEntries(HOSTILE.map((text) => [text, 1])) },
});
/** Answers after a while, until it is stopped. */
const slow: Model = {
  name: 'slow',
  can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 2 },
  async sample(request, context) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    context.signal.throwIfAborted();
    return enumerable({ name: 'slow', answers: { '*': { yes: 2, no: 1 } } }).sample(request, context);
  },
};

let browser: Browser;
let open: OpenStudio;
beforeAll(async () => {
  if (!hasChromium) return;
  await buildPages();
  open = await startStudio({ serving: { models: { hostile, slow }, scorers: {} } });
  browser = await openChromium();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await open?.[Symbol.asyncDispose]();
});

async function opened(
  asked: { readonly [name: string]: string } = {},
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const met = complaints(page, open.origin);
  try {
    await page.goto(`${open.url}#/play?${new URLSearchParams(asked).toString()}`);
    await page.getByRole('heading', { name: 'Techniques' }).waitFor();
    await page.locator('.techniques button').first().waitFor({ state: 'attached' });
    await use(page);
    expect(met).toEqual([]);
  } finally {
    await context.close();
  }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const rows = (page: Page) => page.getByRole('table', { name: 'Answers and how probable they are' }).locator('.answer');

it.skipIf(!hasChromium)('shows what X makes of the answers', async () => {
  await opened({}, async (page) => {
    await page.getByLabel('Question', { exact: true }).fill(QUESTION);
    await page.getByLabel('Samples').fill('60');
    await expect.poll(() => page.locator('.run-bar').innerText()).toContain('At most 360 calls');
    await button(page, 'Run').click();
    await page.getByText(/^Done/).waitFor();
    expect(await rows(page).first().innerText()).toMatch(/^12\s/);
    expect(await page.locator('.legend').innerText()).toMatch(/60 samples[\s\S]*60 samples/);
    await expectAccessible(page);
    // How the winning answer came about.
    await rows(page).first().getByRole('button').click();
    await expect.poll(() => page.locator('.said').count()).toBeGreaterThan(4);
    await expectAccessible(page);
    // A link holds it all, and runs nothing.
    const link = page.url();
    expect(link).toContain('selfConsistency');
    const other = await page.context().newPage();
    await other.goto(link);
    await expect.poll(() => other.getByLabel('Question', { exact: true }).inputValue()).toBe(QUESTION);
    expect(await rows(other).count()).toBe(0);
    // Another seed draws others.
    await button(page, 'Another seed').click();
    await page.getByText(/^Done/).waitFor();
    expect(await page.getByLabel('Seed').inputValue()).toBe('2');
  });
});

it.skipIf(!hasChromium)('composes by clicking, says what is wrong at its character, and goes back', async () => {
  await opened({ q: QUESTION, x: 'plusx:tiny' }, async (page) => {
    const formula = page.getByLabel('Model and X', { exact: true });
    await page.getByLabel('Find a technique').fill('re-read');
    await page.getByLabel('Find a technique').fill('reread');
    await page.locator('.technique', { hasText: /^reRead/ }).click();
    expect(await formula.inputValue()).toBe('plusx:tiny + reRead');
    await page.getByLabel('Find a technique').fill('selfConsistency');
    await page.locator('.technique', { hasText: /^selfConsistency/ }).click();
    expect(await formula.inputValue()).toBe('plusx:tiny + reRead + selfConsistency');
    await page.getByRole('button', { name: 'Without reRead' }).click();
    expect(await formula.inputValue()).toBe('plusx:tiny + selfConsistency');
    await formula.focus();
    await page.keyboard.press('Control+z');
    expect(await formula.inputValue()).toBe('plusx:tiny + reRead + selfConsistency');
    await page.keyboard.press('Control+y');
    expect(await formula.inputValue()).toBe('plusx:tiny + selfConsistency');
    await formula.fill('plusx:tiny + selfConsistancy');
    await page.getByText('Did you mean').waitFor();
    expect(await page.locator('.marks mark').first().innerText()).toBe('s');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take selfConsistency' }).click();
    await expect.poll(() => page.locator('.marks mark').count()).toBe(0);
    expect(await formula.inputValue()).toBe('plusx:tiny + selfConsistency');
    // What this formula does not give, further techniques cannot use.
    await page.getByLabel('Find a technique').fill('topP');
    await page.getByText('not with this formula').first().waitFor();
  });
});

it.skipIf(!hasChromium)('is used with the keyboard alone', async () => {
  await opened({ x: 'plusx:tiny' }, async (page) => {
    await page.keyboard.press('q');
    await page.keyboard.type(QUESTION);
    await page.keyboard.press('Tab'); // the model
    await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await page.keyboard.type(' + selfCon');
    await page.getByRole('option', { name: /^selfConsistency/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('(n=');
    await page.keyboard.type('3)');
    await page.keyboard.press('Escape');
    expect(await page.getByLabel('Model and X', { exact: true }).inputValue()).toBe(
      'plusx:tiny + selfConsistency(n=3)',
    );
    await expect.poll(() => page.locator('.run-bar').innerText()).toContain('At most 800 calls');
    await page.keyboard.press('Control+Enter');
    await page.getByText(/^Done/).waitFor();
    // Everything that can be clicked can be reached.
    const reached = new Set<number>();
    let rounds = 0; // the page is left at its end and entered at its start
    while (rounds < 2) {
      await page.keyboard.press('Tab');
      const where = await page.evaluate(() => {
        const all = [
          ...document.querySelectorAll<HTMLElement>('a[href],button:not(:disabled),input,select,textarea,summary'),
        ];
        const here = document.activeElement;
        return here instanceof HTMLElement && here !== document.body ? all.indexOf(here) : -1;
      });
      if (where >= 0) reached.add(where);
      else rounds++;
    }
    const visible = await page.evaluate(
      () =>
        [
          ...document.querySelectorAll<HTMLElement>('a[href],button:not(:disabled),input,select,textarea,summary'),
        ].filter((one) => one.checkVisibility()).length,
    );
    expect(reached.size).toBe(visible);
    await page.locator('body').click({ position: { x: 640, y: 5 } });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  });
});

it.skipIf(!hasChromium)('stops when it is told, and asks nothing more', async () => {
  await opened({ q: 'yes or no?', x: 'slow + selfConsistency(n=3)', n: '5000' }, async (page) => {
    await expect.poll(() => button(page, 'Run').isEnabled()).toBe(true);
    await button(page, 'Run').click();
    await rows(page).first().waitFor();
    await button(page, 'Stop').click();
    await page.getByText(/^It was stopped · [\d,]+ calls/).waitFor();
    await button(page, 'Run').waitFor();
    // Another run takes up what the first one paid for.
    await page.getByLabel('Samples').fill('4');
    await button(page, 'Run').click();
    await page.getByText(/^Done/).waitFor();
  });
});

it.skipIf(!hasChromium)('two formulas stand side by side on the same draws', async () => {
  await opened({ q: QUESTION, x: 'plusx:tiny + selfConsistency(n=3)', n: '40' }, async (page) => {
    await button(page, 'Beside another formula').click();
    await page.getByLabel('The same question to').fill('plusx:tiny + selfConsistency(n=7)');
    await expect.poll(() => page.locator('.run-bar').innerText()).toContain('At most 440 calls');
    await button(page, 'Run').click();
    await page.getByText(/^Done/).waitFor();
    expect(await page.locator('.legend li').count()).toBe(3);
    await expectAccessible(page);
  });
});

it.skipIf(!hasChromium)('shows the next token before and after', async () => {
  await opened({ q: QUESTION, x: 'plusx:tiny + topK(k=2)', n: '5' }, async (page) => {
    await expect.poll(() => button(page, 'Run').isEnabled()).toBe(true);
    await button(page, 'Run').click();
    await page.getByText(/^Done/).waitFor();
    await button(page, 'Look').click();
    const tokens = page.getByRole('table', { name: 'Tokens and how probable they are' });
    await tokens.locator('.answer').first().waitFor();
    expect(await tokens.locator('.answer').nth(2).innerText()).toMatch(/0\.0%$/);
    await expectAccessible(page);
  });
});

it.skipIf(!hasChromium)('whatever is written is text, in every place', async () => {
  for (const question of [HOSTILE[0] as string, HOSTILE[4] as string])
    await opened({ q: question, x: 'hostile + selfConsistency(n=3)', n: '60' }, async (page) => {
      await expect.poll(() => button(page, 'Run').isEnabled()).toBe(true);
      await button(page, 'Run').click();
      await page.getByText(/^Done/).waitFor();
      expect(await page.title()).toBe('Playground · plusx studio');
      expect(await page.locator('main img, main script, main b').count()).toBe(0);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide).toBe(0);
      await rows(page).first().getByRole('button').click();
      await page.locator('.said').first().waitFor();
      await button(page, 'As code or link').click();
      for (const language of ['TypeScript', 'Command line', 'curl']) {
        await page.getByRole('button', { name: language, exact: true }).click();
        await button(page, 'Copy').click();
        await page.getByText('is copied').waitFor();
      }
      await expectAccessible(page);
    });
});

it.skipIf(!hasChromium)('says when its server is gone, and goes on by itself once it is back', async () => {
  const first = await startStudio();
  const { port } = new URL(first.origin);
  const page = await browser.newPage();
  await page.goto(`${first.url}#/play?${new URLSearchParams({ q: QUESTION, x: 'plusx:tiny' }).toString()}`);
  await page.locator('.techniques button').first().waitFor({ state: 'attached' });
  await first[Symbol.asyncDispose]();
  await page.getByLabel('Model and X', { exact: true }).fill('plusx:tiny + reRead');
  await page.locator('.lost', { hasText: 'does not answer' }).waitFor();
  await using _again = await startStudio({ port: Number(port) });
  await page.locator('.lost').waitFor({ state: 'hidden' });
  await expect.poll(() => button(page, 'Run').isEnabled()).toBe(true);
  await button(page, 'Run').click();
  await page.getByText(/^Done/).waitFor();
  await page.close();
});
