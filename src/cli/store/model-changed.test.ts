/** A server whose model changes under its name, between one command and the next. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { folder, type Folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

let here: Folder;
let server: OpenAIServer;
let state: string;
beforeEach(async () => {
  here = await folder();
  state = 'fp_1';
  server = await openaiServer({ answers: { '408': 0.6, '398': 0.4 }, models: ['m'], fingerprint: () => state });
});
afterEach(async () => {
  await server.close();
  await here[Symbol.asyncDispose]();
});

const COMMANDS = [
  ['ask', ['ask', 'What is 17 * 24?', '-p', 'selfConsistency(n=4)']],
  ['eval', ['eval', 'arithmetic', '--limit', '3', '-p', 'selfConsistency(n=4)']],
] as const;

describe.each(COMMANDS)('%s', (_, args) => {
  const run = async (seed: number): Promise<readonly string[]> => {
    const given = ['-m', 'server/m', '--store', join(here.path, 'store.db'), '--seed', String(seed)];
    const ended = await inTerminal([...args, ...given], {
      env: { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: '/nowhere/servers.json' },
    });
    expect(ended.code).toBe(0);
    return [
      ...`${ended.err}\n${ended.out}`.matchAll(/replies that were kept are of "([^"]*)", and the server [^:]*/g),
    ].map(([said]) => said.replace(/ on \d{4}-\d\d-\d\d$/, ' on DAY'));
  };

  it('says once that draws are used of a model that has gone, which a run after them has shown', async () => {
    expect(await run(1)).toEqual([]);
    expect(await run(1)).toEqual([]);
    state = 'fp_2';
    expect(await run(2)).toEqual([]);
    const calls = server.requests.length;
    expect(await run(1)).toEqual([
      'replies that were kept are of "m, fp_1", and the server answered as "m, fp_2" on DAY',
    ]);
    expect(await run(2)).toEqual([]);
    expect(server.requests.length).toBe(calls);
  });
});
