/** Files that cannot be written are told before anything is paid for. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

let server: OpenAIServer;
beforeEach(async () => {
  server = await openaiServer({ answers: { '408': 0.6, '398': 0.4 }, models: ['m'] });
});
afterEach(() => server.close());

describe('a file that cannot be written', () => {
  it.each([
    ['eval --out', ['eval', 'arithmetic', '--limit', '2', '--out']],
    ['curve --out', ['curve', 'arithmetic', '--limit', '2', '-p', 'selfConsistency', '--over', 'n=1,2', '--out']],
    ['curve --svg', ['curve', 'arithmetic', '--limit', '2', '-p', 'selfConsistency', '--over', 'n=1,2', '--svg']],
    ['show --svg', ['show', 'What is 2 + 2?', '-n', '2', '--svg']],
  ])('is told before the first call: %s', async (_, args) => {
    await using here = await folder();
    const env = { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: join(here.path, 'none.json') };
    const notAFolder = await here.write('file', '');
    const failed = await inTerminal([...args, join(notAFolder, 'x'), '-m', 'server/m', '-q'], { env });
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/^plusx: .*: a folder is wanted, and a file stands there\. Check the path\.\n$/);
    expect(server.requests).toEqual([]);
    const made = await inTerminal([...args, join(here.path, 'new/folder/x'), '-m', 'server/m', '-q'], { env });
    expect(made.code).toBe(0);
    expect(server.requests.length).toBeGreaterThan(0);
  });
});
