import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, plus, type Message, type ToolResultPart } from '../../core/index.ts';
import { react } from '../index.ts';
import { MCP_TOOLS } from '../../core/bounds.ts';
import { mcpTools, McpUnreachable, type McpServer, type McpTools } from './mcp.ts';
import { scripted } from '../../models/written/index.ts';
import { serveHttp } from './test-support/mcp-server.ts';

const stdio: McpServer = {
  command: process.execPath,
  args: [fileURLToPath(new URL('./test-support/mcp-server.ts', import.meta.url)), '--stdio'],
};
const seen: (string | undefined)[] = [];
const { url, http } = await serveHttp(seen);
afterAll(() => void http.close());

const outputsIn = (prompt: readonly Message[] = []) =>
  prompt
    .flatMap(({ role, content }) => (role === 'tool' ? content : []))
    .filter((part): part is ToolResultPart => part.type === 'tool-result')
    .map(({ output }) => output);

describe.each([
  ['standard input and output', stdio],
  ['streamable HTTP', { url, headers: { authorization: 'Bearer x' } } satisfies McpServer],
])('an MCP server over %s', (_how, server) => {
  let tools: McpTools;
  beforeAll(async () => void (tools = await mcpTools(server)));
  afterAll(() => tools.close());

  it('lists its tools, all pages of them, under a name that a formula can hold', () => {
    expect([tools.name, Object.keys(tools.tools)]).toEqual([
      'small_abacus',
      ['add', 'fail', 'picture', 'forever', 'pid'],
    ]);
    expect(plus(scripted(['x']), react({ tools })).name).toBe('scripted + react(tools=small_abacus)');
  });

  it('says which of them only read', () => {
    expect(Object.entries(tools.tools).filter(([, { readOnly }]) => readOnly)).toMatchObject([['add', {}]]);
  });

  it('is used by a model, errors and pictures included', async () => {
    const call = (toolName: string, input: object = {}) => ({ toolName, input });
    const model = scripted([
      { toolCalls: [call('add', { a: 2, b: 3 }), call('fail'), call('picture'), call('pid')] },
      'The answer is 5.',
    ]);
    expect((await ask(plus(model, react({ tools })), 'q')).text).toBe('The answer is 5.');
    expect(model.calls[0]?.request.tools?.[0]).toMatchObject({ name: 'add', description: 'adds two numbers' });
    expect(outputsIn(model.calls[1]?.request.prompt)).toEqual([
      { type: 'text', value: '5' },
      { type: 'error-text', value: 'the beads are stuck' },
      {
        type: 'content',
        value: [
          { type: 'text', text: 'a dot' },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
        ],
      },
      { type: 'json', value: { pid: expect.any(Number) } },
    ]);
  });

  it('is sent every number as the model wrote it', async () => {
    const model = scripted([
      { toolCalls: [{ toolName: 'add', input: '{"a": 9123456789012345671, "b": 1e400}' }] },
      'done',
    ]);
    const sent: string[] = [];
    const stringify = JSON.stringify;
    const spy = vi.spyOn(JSON, 'stringify').mockImplementation((...given: Parameters<typeof stringify>) => {
      const text = stringify(...given);
      if (text?.includes('"tools/call"')) sent.push(text);
      return text;
    });
    await ask(plus(model, react({ tools })), 'q').finally(() => spy.mockRestore());
    expect(sent[0]).toContain('"arguments":{"a":9123456789012345671,"b":1e400}');
  });

  it('is stopped by an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const model = scripted([{ toolCalls: [{ toolName: 'forever', input: {} }] }, 'never']);
    const running = ask(plus(model, react({ tools })), 'q', { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(running).rejects.toBe(reason);
  });

  it('may be asked for some of its tools only, under another name', async () => {
    const some = await mcpTools({ ...server, name: 'mine', only: ['add'] });
    expect([some.name, Object.keys(some.tools)]).toEqual(['mine', ['add']]);
    await some.close();
    await expect(mcpTools({ ...server, only: ['subtract'] })).rejects.toThrow('"subtract", which the server does not');
  });
});

it('sends the headers it is given, and ends the server it started', async () => {
  expect(new Set(seen)).toEqual(new Set(['Bearer x']));
  const tools = await mcpTools(stdio);
  const run = { abortSignal: new AbortController().signal };
  const told = (await tools.tools['pid']?.execute({}, run)) as { structuredContent: { pid: number } } | undefined;
  const pid = told?.structuredContent.pid ?? 0;
  expect(pid).toBeGreaterThan(1);
  expect(process.kill(pid, 0)).toBe(true);
  await tools.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it('says which server cannot be used and why', async () => {
  const broken = mcpTools({ command: process.execPath, args: ['-e', 'process.exit(3)'] });
  await expect(broken).rejects.toBeInstanceOf(McpUnreachable);
  await expect(mcpTools({ command: 'plusx-no-such-program' })).rejects.toThrow('ENOENT');
  await expect(mcpTools({ url: 'http://127.0.0.1:1/mcp' })).rejects.toThrow('http://127.0.0.1:1/mcp cannot be used');
});

describe('a list of tools that a server gives in pages', () => {
  const listing = (how: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
    mcpTools({
      command: process.execPath,
      args: [fileURLToPath(new URL('./test-support/paging-server.ts', import.meta.url)), how],
      ...more,
    });
  /** What a server does with the cursor, and the tools that are known afterwards, or why the server cannot be used. */
  const FORMS: readonly (readonly [how: string, ends: readonly string[] | string])[] = [
    ['one page', ['a']],
    ['two pages', ['a', 'b']],
    ['an empty cursor once', ['a', 'b']],
    ['an empty cursor for ever', ['a']],
    ['the same cursor for ever', ['a']],
    ['two cursors in turn', ['a', 'b']],
    ['a tool twice', ['a']],
    ['a new cursor for ever', 'its list of tools does not end within 100 pages'],
    ['a flood of tools', `it lists more than ${MCP_TOOLS} tools`],
    ['a page that never comes', 'it did not list its tools within 1500 ms'],
    ['pages that come slowly for ever', 'it did not list its tools within 1500 ms'],
  ];
  it.each(FORMS)('%s', async (how, ends) => {
    const opened = listing(how, typeof ends === 'string' && ends.endsWith(' ms') ? { timeoutMs: 1500 } : {});
    const found = await opened.then(
      async ({ tools, close }) => (await close(), Object.keys(tools)),
      (error: unknown) => (error instanceof McpUnreachable ? error.message.split(': ')[1]?.split('. ')[0] : error),
    );
    expect(found).toEqual(ends);
  });

  it('is no longer waited for once the signal aborts, whose reason is what is thrown', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 300);
    await expect(listing('a page that never comes', { signal: controller.signal })).rejects.toBe(reason);
    await expect(listing('one page', { signal: controller.signal })).rejects.toBe(reason);
  });
});

it('keeps keys in addresses, arguments and headers to itself', async () => {
  const secret = 'sk-0123456789';
  const servers: McpServer[] = [
    { command: process.execPath, args: ['-e', `throw new Error("${secret}")`, secret], env: { KEY: secret } },
    { command: 'plusx-no-such-program', args: [secret] },
    { url: `http://127.0.0.1:1/mcp?key=${secret}`, headers: { authorization: `Bearer ${secret}` } },
    { url: `http://me:${secret}@127.0.0.1:1/mcp` },
  ];
  for (const server of servers) {
    const message = await mcpTools(server).then(
      () => 'it was reached',
      (error: unknown) => String(error),
    );
    expect(message).toContain('cannot be used');
    expect(message).not.toContain(secret);
  }
});

it('sends credentials of an address as a header, and shows an address that is none without them', async () => {
  seen.length = 0;
  const tools = await mcpTools({ url: url.replace('://', '://me:hunter2@') });
  await tools.close();
  expect(new Set(seen)).toEqual(new Set([`Basic ${btoa('me:hunter2')}`]));
  await expect(mcpTools({ url: 'htps://me:hunter2@x.test/mcp?key=a' })).rejects.toThrow('got "htps://x.test/mcp"');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
