/** A server whose configuration changes while it is asked without a pause: no request is lost, and each has one configuration. */
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterEach, assert, expect, it, vi } from 'vitest';
import { openaiServer } from '../../testing/index.ts';
import { plusx, type Ended } from '../test-support/plusx.ts';

/** Draws of the first configuration; each one after it has one more. */
const FIRST = 6;

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  said(): string;
}

function start(cwd: string): Promise<Started> {
  return new Promise((resolve, reject) => {
    let said = '';
    const ended = plusx(['serve', '--port', '0'], {
      cwd,
      started(child) {
        running.push(child);
        child.stderr?.on('data', (text: string) => {
          said += text;
          const [, url] = /Listening on (\S+)\./.exec(said) ?? [];
          if (url !== undefined) resolve({ url, child, ended, said: () => said });
        });
      },
    });
    ended.then(({ err }) => reject(new Error(err)), reject);
  });
}

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly isStream: boolean;
  /** The latest configuration that was known to hold when it was asked for. */
  readonly round: number;
}

const formulaOf = (round: number): string => `mine/test + selfConsistency(n=${round + FIRST})`;
const formulaIn = (text: string): string | undefined => /"formula":"([^"]+)"/.exec(text)?.[1];

it('0 requests are lost through ten reloads, by SIGHUP and by the file, good ones and bad ones', async () => {
  const upstream = await openaiServer({ answers: 'Five.', latencyMs: (index) => (index * 37) % 400 });
  const cwd = mkdtempSync(join(tmpdir(), 'plusx-reload-'));
  const file = join(cwd, 'plusx.config.json');
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const configOf = (round: number, serve: object = {}): string =>
    JSON.stringify({
      models: { m: formulaOf(round) },
      providers: { mine: { baseURL: upstream.url, quirks: { n: false } } },
      serve: { limits: { calls: 100 + round }, ...serve },
    });
  write(configOf(0));
  const { url, child, ended, said } = await start(cwd);

  const answers: Answered[] = [];
  const state = { round: 0, over: false };
  const ask = async (isStream: boolean): Promise<Answered> => {
    const { round } = state;
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: isStream, messages: [{ role: 'user', content: 'What is 2 + 3?' }] }),
    });
    return { status: response.status, text: await response.text(), isStream, round };
  };
  const client = async (isStream: boolean): Promise<void> => {
    while (!state.over) answers.push(await ask(isStream));
  };
  const clients = Array.from({ length: 8 }, (_, i) => client(i % 2 === 0));
  const currently = async (): Promise<string | undefined> => formulaIn((await ask(false)).text);
  /** Half of a file, or a configuration that cannot be: it is refused, and the one before goes on. */
  const refused = async (text: string): Promise<string | undefined> => {
    const before = said().length;
    write(text);
    await vi.waitFor(() => assert(said().slice(before).includes('The configuration stays as it was')), 5000);
    return currently();
  };
  for (let round = 1; round <= 10; round++) {
    const bad = [undefined, '{"models":', configOf(round, { limits: { calls: -1 } })][round % 3];
    expect(bad === undefined ? await currently() : await refused(bad)).toBe(formulaOf(round - 1));
    write(configOf(round, round === 5 ? { port: 1 } : {}));
    if (round % 2 === 0) child.kill('SIGHUP');
    await expect.poll(currently, { timeout: 5000 }).toBe(formulaOf(round));
    state.round = round;
  }
  state.over = true;
  await Promise.all(clients);
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.filter(({ isStream, text }) => isStream && !text.endsWith('[DONE]\n\n'))).toEqual([]);
  for (const { text, round } of answers) {
    const used = Number(/n=(\d+)/.exec(formulaIn(text) ?? '')?.[1]) - FIRST;
    expect(used).toBeGreaterThanOrEqual(round); // none is answered by a configuration that was gone when it was sent
    expect(used).toBeLessThanOrEqual(10);
  }
  expect(said()).toContain('Start again for: port.');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  await upstream.close();
}, 60_000);
