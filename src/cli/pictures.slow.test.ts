/**
 * Pictures as a browser shows them, on a white page and on a dark one: each has a ground of its own, and everything on it can be told
 * from the ground (texts 4.5 to 1, marks 3 to 1).
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { inTerminal } from './test-support/in-process.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!CHROMIUM) console.log('Pictures are not looked at: no Chromium is installed.');
const folder = await mkdtemp(join(tmpdir(), 'plusx-pictures-'));
afterAll(() => rm(folder, { recursive: true }));

const VOTE = ['-m', 'enumerable', '-p', 'selfConsistency(n=3)', '-q'];
const PICTURES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['show', ['show', 'What is 17 * 24?', ...VOTE]],
  ['curve', ['curve', 'arithmetic', '--limit', '12', '--over', 'n=1,2,4', ...VOTE]],
  [
    'two curves',
    ['curve', 'arithmetic', '--limit', '12', '--over', 'n=1,2', '-p', 'reRead + selfConsistency', ...VOTE],
  ],
];

/** Runs in the page: what is on the picture, and the least that each kind of thing stands out from its ground. */
const LOOK = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const svg = document.querySelector('svg');
  const ground = svg.querySelector('.ground');
  const on = getComputedStyle(ground).fill;
  const [whole, own] = [svg.getBoundingClientRect(), ground.getBoundingClientRect()];
  const texts = [...svg.querySelectorAll('text')].map((one) => contrast(getComputedStyle(one).fill, on));
  const marks = [...svg.querySelectorAll('rect:not(.ground), circle, .line')].map((one) => {
    const style = getComputedStyle(one);
    return contrast(style.fill === 'none' || style.fillOpacity === '0' ? style.stroke : style.fill, on);
  });
  const out = [...svg.querySelectorAll('text')].filter((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return left < whole.left || right > whole.right || top < whole.top || bottom > whole.bottom;
  });
  return {
    dark: light(on) < 0.2,
    covers: own.width === whole.width && own.height === whole.height,
    texts: [texts.length, Math.min(...texts)],
    marks: [marks.length, Math.min(...marks)],
    out: out.map((one) => one.textContent),
  };
})()`;
interface Looked {
  readonly dark: boolean;
  readonly covers: boolean;
  readonly texts: readonly [count: number, least: number];
  readonly marks: readonly [count: number, least: number];
  readonly out: readonly string[];
}

describe.skipIf(!CHROMIUM)('a picture', () => {
  it.each(PICTURES)('of %s can be read on any page', { timeout: 120_000 }, async (name, args) => {
    const file = join(folder, `${name}.svg`);
    expect((await inTerminal([...args, '--svg', file])).err).toBe('');
    const picture = await readFile(file, 'utf8');
    const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-gpu'] });
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ colorScheme, viewport: { width: 900, height: 900 } });
        await page.setContent(`<body style="background:${colorScheme === 'dark' ? '#fff' : '#000'}">${picture}</body>`);
        const { dark, covers, texts, marks, out } = await page.evaluate<Looked>(LOOK);
        expect({ name, dark, covers, out }).toEqual({ name, dark: colorScheme === 'dark', covers: true, out: [] });
        expect(texts[0]).toBeGreaterThan(3);
        expect(texts[1]).toBeGreaterThan(4.5);
        expect(marks[0]).toBeGreaterThan(1);
        expect(marks[1]).toBeGreaterThan(3);
      }
    } finally {
      await browser.close();
    }
  });
});
