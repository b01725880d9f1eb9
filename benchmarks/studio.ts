/**
 * How fast the studio is, in a real Chromium: `npm run build && node benchmarks/studio.ts [--minutes 2] [--only NAME,...] [--page]`.
 * Names: sizes, paint, frames, traces, memory. Without a Chromium on the machine all but the sizes are left out. `--page` writes
 * docs/measurements/studio.md.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasChromium, openChromium } from '../src/studio/test-support/launch.ts';
import { frames } from './studio/frames.ts';
import { memory } from './studio/memory.ts';
import { paint } from './studio/paint.ts';
import type { Row } from './studio/row.ts';
import { sizes } from './studio/sizes.ts';
import { traces } from './studio/traces.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    only: { type: 'string', default: 'sizes,paint,frames,traces,memory' },
    page: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const only = new Set(values.only.split(','));
const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
const before = load();

const rows: Row[] = [];
if (only.has('sizes')) rows.push(...(await sizes()));
if (hasChromium) {
  const browser = await openChromium();
  try {
    if (only.has('paint')) rows.push(...(await paint(browser)));
    if (only.has('frames')) rows.push(...(await frames(browser)));
    if (only.has('traces')) rows.push(...(await traces(browser)));
    if (only.has('memory')) rows.push(...(await memory(browser, minutes)));
  } finally {
    await browser.close();
  }
} else
  console.log('There is no Chromium on this machine, so only sizes are measured. Install it as /usr/bin/chromium.');

const table = `| | measured | goal |
|---|---|---|
${rows.map(({ what, value, goal = '' }) => `| ${what} | ${value} | ${goal} |`).join('\n')}
`;
console.log(table);
if (values.page)
  writeFileSync(
    join(import.meta.dirname, '../docs/measurements/studio.md'),
    `# The studio's speed

Written by \`npm run build && node benchmarks/studio.ts --page\`, in Chromium without a graphics card. The machine has ${cpus().length} cores; its
load was ${before} before the run and ${load()} at its end, the measurement's own processes included. Pages and server share it.

${table}
What is said of a time is the median of five, and the worst of them after it. Traces are opened by their link from the list of traces,
each for the first time, until the first row is painted. Frames are those of the browser's own \`requestAnimationFrame\`; it gives at
most 60 a second here. Memory is what is alive after a collection.
`,
  );
