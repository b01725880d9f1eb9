/** The same seed gives the same bytes on every engine: this Node, another major version, and Chromium. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, expect, it } from 'vitest';
import { draws } from './test-support/everywhere.ts';
import { randomWeights } from './test-support/random-weights.ts';

const RELEASE = new URL('../../training/release/tiny.plusx', import.meta.url);
const trained = existsSync(RELEASE) ? readFileSync(RELEASE) : undefined;
if (!trained) console.warn('everywhere: random weights are used, there is no training/release');
const weights = Buffer.from(trained ?? randomWeights({ sharpness: 2 })).toString('base64');
const ENTRY = join(import.meta.dirname, 'test-support/everywhere.ts');

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!CHROMIUM) console.warn('everywhere: no Chromium is installed, so it is not compared with');
const NODE_22 = process.env['PLUSX_NODE22'];
if (!NODE_22) console.warn('everywhere: PLUSX_NODE22 names no Node 22, so it is not compared with');

/** Answered by the test itself. */
const SITE = 'http://plusx.test/';

const folder = mkdtempSync(join(tmpdir(), 'plusx-everywhere-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const expected = draws(weights);

it('is worth comparing', async () => {
  const all = JSON.parse(await expected) as unknown[];
  expect(all).toHaveLength(24);
  expect(await draws(weights)).toBe(await expected);
});

it.skipIf(!NODE_22)('Node 22 draws the same bytes', async () => {
  const file = join(folder, 'weights');
  writeFileSync(file, weights);
  const script = `
    import { readFileSync } from 'node:fs';
    import { draws } from ${JSON.stringify(ENTRY)};
    console.log(process.version);
    console.log(await draws(readFileSync(${JSON.stringify(file)}, 'utf8')));`;
  const printed = execFileSync(NODE_22 ?? '', ['--no-warnings', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const [version = '', drawn] = printed.trimEnd().split('\n');
  expect(version).toMatch(/^v22\./);
  expect(process.version).not.toBe(version);
  expect(drawn).toBe(await expected);
});

it.skipIf(!CHROMIUM)('Chromium draws the same bytes', async () => {
  const bundle = await rolldown({ input: ENTRY, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: CHROMIUM ?? '',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const page = await context.newPage();
    await page.route(`${SITE}**`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: output[0].code })
        : route.fulfill({ contentType: 'text/html', body: '<title>everywhere</title>' }),
    );
    await page.goto(SITE);
    const drawn = await page.evaluate(
      `import('/everywhere.js').then(({ draws }) => draws(${JSON.stringify(weights)}))`,
    );
    expect(drawn).toBe(await expected);
  } finally {
    await context.close();
  }
});
