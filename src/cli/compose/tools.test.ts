import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/index.ts';
import { plusx } from '../test-support/plusx.ts';

const SERVER = join(import.meta.dirname, '../../tools/mcp/test-support/mcp-server.ts');
const ABACUS = `"${process.execPath}" "${SERVER}" --stdio`;
const QUESTION = 'How much is 2 and 3?';

let server: OpenAIServer;
beforeAll(async () => {
  server = await openaiServer({
    answers: (request) =>
      request.body.messages?.some(({ role }) => role === 'tool')
        ? { content: `It is ${JSON.stringify(request.body.messages.at(-1)?.content)}.` }
        : { toolCalls: [{ name: 'add', arguments: '{"a":2,"b":3}' }] },
  });
});
afterAll(() => server.close());
const ask = (...more: string[]) =>
  plusx(['ask', QUESTION, '-m', 'server/m', '-q', ...more], { env: { PLUSX_BASE_URL: server.url } });

describe('plusx ask --mcp', () => {
  it('gives the tools of a server to react', async () => {
    const { code, out } = await ask('-p', 'react(tools=mcp)', '--mcp', ABACUS);
    expect([code, out]).toEqual([0, 'It is "5".\n']);
    const tools = server.requests.at(-1)?.body.tools as { function: { name: string } }[];
    expect(tools.map(({ function: { name } }) => name)).toEqual(['add', 'fail', 'picture', 'forever', 'pid']);
  });

  it('refuses two servers with a tool of one name, one that does not start, and a name that nothing has', async () => {
    const twice = await ask('-p', 'react(tools=mcp)', '--mcp', ABACUS, '--mcp', ABACUS);
    expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('Two MCP servers have a tool named add')]);
    const none = await ask('-p', 'react(tools=mcp)', '--mcp', 'no-such-program-anywhere');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('cannot be used')]);
    const unnamed = await ask('-p', 'react(tools=mcp)');
    expect([unnamed.code, unnamed.err]).toEqual([2, expect.stringContaining('mcp')]);
  });
});
