/** From the command `plusx studio` to what is painted, in a browser that is open. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { ms, type Row } from './row.ts';

const COMMAND = join(import.meta.dirname, '../../dist/cli/main.js');
const ROUNDS = 5;

export async function paint(browser: Browser): Promise<readonly Row[]> {
  if (!existsSync(COMMAND)) throw new Error('The command is not built. Run `npm run build` first.');
  await once(browser); // the machine is warm: what is compiled is kept
  const all = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await once(browser));
  return [
    { what: 'from the command to the address it prints', value: ms(all.map(({ address }) => address)) },
    { what: 'from the command to the first paint', value: ms(all.map(({ first }) => first)), goal: '< 1000 ms' },
    { what: 'from the command to all techniques listed', value: ms(all.map(({ listed }) => listed)) },
  ];
}

interface Times {
  readonly address: number;
  readonly first: number;
  readonly listed: number;
}

async function once(browser: Browser): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-studio-'));
  const context = await browser.newContext(); // nothing is cached
  const page = await context.newPage();
  const begun = performance.timeOrigin + performance.now();
  const server = spawn(process.execPath, [COMMAND, 'studio', '--port', '0'], { cwd: folder });
  try {
    const url = await addressOf(server);
    const address = performance.timeOrigin + performance.now() - begun;
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('.techniques button').first().waitFor({ state: 'attached' });
    const listed = performance.timeOrigin + performance.now() - begun;
    const painted = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const [entry] = list.getEntriesByName('first-contentful-paint');
            if (entry) resolve(performance.timeOrigin + entry.startTime);
          }).observe({ type: 'paint', buffered: true });
        }),
    );
    return { address, first: painted - begun, listed };
  } finally {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    await context.close();
    rmSync(folder, { recursive: true });
  }
}

function addressOf(server: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`plusx studio told no address: ${said.slice(0, 500)}`)), 30_000);
    server.once('exit', () => clearTimeout(late));
    const hear = (part: Buffer): void => {
      said += part.toString();
      const [url] = /http:\/\/[^\s"]+\/studio\/[^\s"]*/.exec(said) ?? [];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    };
    server.stdout?.on('data', hear);
    server.stderr?.on('data', hear);
    server.once('exit', (code) => reject(new Error(`plusx studio ended with ${code}: ${said.slice(0, 500)}`)));
  });
}
