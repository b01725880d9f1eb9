/** Pages that are saved as files: they open from disk, show what they showed, and nothing that a model wrote runs in them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, NO_USAGE, plus, user, type Span } from '../core/index.ts';
import { evaluate } from '../evaluate/index.ts';
import { tiny } from '../models/index.ts';
import { selfConsistency } from '../search/index.ts';
import { openStore } from '../store/index.ts';
import { loadTask } from '../tasks/index.ts';
import { complaints, hasChromium, openChromium } from './test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from './test-support/server.ts';

const TIMEOUT = 600_000;
const HOSTILE = `</script><script>document.title='run'</script><img src=x onerror="document.title='run'"><!--\u2028\u0000\uD800`;

describe.skipIf(!hasChromium)('a saved page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-saved-'));
  let browser: Browser;
  let context: BrowserContext;
  let studio: OpenStudio;
  beforeAll(async () => {
    await buildPages();
    const store = openStore({ file: ':memory:' });
    const model = plus(tiny(), selfConsistency({ n: 3 }));
    const { trace } = await ask(model, 'Question: Paul has 58 nails. He loses 46. How many?', { trace: 'texts' });
    await store.traces.put({ id: 'voted', root: trace as Span });
    const hostile: Span = {
      path: 'hostile',
      name: HOSTILE,
      kind: 'call',
      start: 0,
      end: 1,
      status: 'ok',
      usage: NO_USAGE,
      preview: HOSTILE,
      facts: { formula: HOSTILE },
      said: { prompt: [user(HOSTILE)], texts: [HOSTILE] },
      children: [],
    };
    await store.traces.put({ id: 'hostile', root: hostile });
    const task = await loadTask('tiny:steps');
    await store.runs.open({
      name: 'alone',
      task: task.name,
      formula: 'plusx:tiny',
      seed: 0,
      settings: { metric: task.metric.name },
    });
    const { results } = await evaluate(tiny(), task, { limit: 5, records: true });
    for (const result of results) await store.runs.saveItem('alone', { item: result.id, status: 'ok', result });
    await store.runs.setStatus('alone', 'done');
    studio = await startStudio({ store });
    browser = await openChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    await studio?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([['traces'], ['traces/voted'], ['traces/hostile'], ['runs'], ['runs/alone']])(
    '%s shows from disk what it showed',
    { timeout: TIMEOUT },
    async (at) => {
      const served = await context.newPage();
      await served.goto(`${studio.url}#/${at}`);
      await served.getByRole('heading', { level: 1 }).waitFor();
      await served.waitForLoadState('networkidle');
      const shown = await served.locator('main').innerText();
      const [download] = await Promise.all([
        served.waitForEvent('download'),
        served.getByRole('button', { name: 'Save', exact: true }).click(),
      ]);
      const file = join(folder, download.suggestedFilename());
      await download.saveAs(file);
      await served.close();

      const page = await context.newPage();
      const met = complaints(page, 'file:');
      await page.goto(pathToFileURL(file).href);
      await expect.poll(() => page.locator('main').innerText(), { timeout: 120_000 }).toBe(shown);
      expect(await page.title()).toMatch(/ · plusx studio$/);
      expect(met).toEqual([]);
      await page.close();
    },
  );
});
