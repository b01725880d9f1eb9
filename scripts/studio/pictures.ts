/**
 * Takes the pictures of docs/studio.md: pages in a real Chromium, narrow, usual and wide, on what the built-in model does.
 *
 *     node scripts/studio/pictures.ts [--out FOLDER] [--png]
 *
 * `--png` writes whole pictures for the eye in place of small ones for the docs.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { ask, plus, user, type Span } from '../../src/core/index.ts';
import { tiny } from '../../src/models/index.ts';
import { selfConsistency } from '../../src/search/index.ts';
import { openMemory, openStore } from '../../src/store/index.ts';
import { openChromium } from '../../src/studio/test-support/chromium.ts';
import { buildPages, startStudio } from '../../src/studio/test-support/server.ts';
import { calculator } from '../../src/tools/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'docs/pictures/studio') }, png: { type: 'boolean' } },
});
const MOST_BYTES = 60_000;
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];
const QUESTION =
  'Question: Karl has 195 cups. He buys 38 boxes of 35. How many cups does Karl have?\nSolve it step by step.';
const X = 'plusx:tiny + calculator';

interface Shown {
  readonly name: string;
  readonly address: string;
  /** Widths that are dark. */
  readonly dark: readonly number[];
  /** What is done before the picture is taken. */
  ready(page: Page): Promise<unknown>;
}

const PAGES: readonly Shown[] = [
  {
    name: 'play',
    address: `play?${new URLSearchParams({ x: X, q: QUESTION }).toString()}`,
    dark: [360],
    async ready(page) {
      await page.getByRole('heading', { name: 'Techniques' }).waitFor();
      await page.getByLabel('Samples').fill('60');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText(/^Done/).waitFor({ timeout: 120_000 });
    },
  },
  { name: 'runs', address: 'runs', dark: [1280], ready: (page) => page.getByRole('link', { name: 'lift' }).waitFor() },
  {
    name: 'run',
    address: 'runs/lift',
    dark: [2560],
    ready: (page) => page.getByRole('heading', { name: 'Items' }).waitFor(),
  },
  {
    name: 'traces',
    address: 'traces',
    dark: [360],
    ready: (page) => page.getByRole('link', { name: X }).first().waitFor(),
  },
  {
    name: 'trace',
    address: 'traces/voted',
    dark: [1280],
    async ready(page) {
      await page.getByRole('tree').waitFor();
      await page.getByRole('button', { name: 'The dearest branch' }).click();
      await page.getByRole('heading', { name: /^Said/ }).waitFor();
    },
  },
  {
    name: 'memory',
    address: 'memory?in=default&q=how%20do%20I%20open%20a%20memory',
    dark: [2560],
    async ready(page) {
      await page.getByRole('region', { name: 'Found notes' }).getByRole('link').first().click();
      await page.getByRole('region', { name: 'Note', exact: true }).waitFor();
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), 'plusx-pictures-'));
const plusx = (...args: readonly string[]): void => {
  execFileSync(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};
const file = join(folder, '.plusx/store.db');
plusx(
  'compare',
  'tiny:large',
  '-m',
  'plusx:tiny',
  '-p',
  'calculator',
  '-p',
  'selfConsistency(n=5)',
  '--limit',
  '50',
  '--run',
  'lift',
  '-q',
);
plusx('eval', 'tiny:large', '-m', 'plusx:tiny', '--limit', '50', '--run', 'alone', '-q');
for (const name of ['library.md', 'store.md']) cpSync(join(ROOT, 'docs', name), join(folder, name));
plusx('memory', 'index', 'library.md', 'store.md');
const store = openStore(file);
for (const [id, model] of [
  ['alone', tiny()],
  ['one', plus(tiny(), calculator())],
  ['voted', plus(tiny(), calculator(), selfConsistency({ n: 5 }))],
] as const) {
  const { trace, text } = await ask(model, QUESTION, { trace: 'texts' });
  const root = trace as Span;
  root.facts = { formula: model.name };
  root.said = { prompt: [user(QUESTION)], texts: [text] };
  await store.traces.put({ id, root });
}
const memory = openMemory({ file: join(folder, '.plusx/memory.db') });

await buildPages();
const open = await startStudio({ store, memory });
const browser = await openChromium();
mkdirSync(values.out, { recursive: true });
for (const { width, height } of SIZES) {
  const page = await browser.newPage({ viewport: { width, height } });
  const session = await page.context().newCDPSession(page);
  for (const { name, address, dark, ready } of PAGES) {
    await page.emulateMedia({ colorScheme: dark.includes(width) ? 'dark' : 'light', reducedMotion: 'reduce' });
    await page.goto(`${open.url}#/${address}`);
    await page.reload();
    await ready(page);
    await page.mouse.move(0, 0);
    if (values.png) await page.screenshot({ path: join(values.out, `${name}-${width}.png`) });
    else writeFileSync(join(values.out, `${name}-${width}.webp`), await small(session, { name, width, height }));
  }
  await page.close();
}
await browser.close();
await open[Symbol.asyncDispose]();
await memory.close();
rmSync(folder, { recursive: true });

/** The page as WebP, a wide one made smaller: as good as the bytes allow. */
async function small(
  session: CDPSession,
  { name, width, height }: { readonly name: string; readonly width: number; readonly height: number },
): Promise<Buffer> {
  const clip = { x: 0, y: 0, width, height, scale: Math.min(1, 1280 / width) };
  for (let quality = 80; quality > 0; quality -= 10) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality, clip });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length < MOST_BYTES) return bytes;
  }
  throw new Error(`The picture of ${name} is larger than ${MOST_BYTES} bytes at any quality.`);
}
