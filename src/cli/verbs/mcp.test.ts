import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it } from 'vitest';
import { plusx } from '../test-support/plusx.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

function configured(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'plusx-mcp-'));
  const careful = { formula: 'plusx:tiny + selfConsistency(n=3)', about: 'for sums' };
  writeFileSync(join(cwd, 'plusx.config.json'), JSON.stringify({ models: { careful, quick: 'plusx:tiny' } }));
  return cwd;
}

describe('plusx mcp', () => {
  it('offers what the configuration names over standard input and output', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const cwd = configured();
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], cwd, stderr: 'ignore' }),
    );
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['careful', 'quick']);
    expect(tools[0]?.description).toContain('for sums: plusx:tiny + selfConsistency(n=3)');
    const reply = await client.callTool({ name: 'careful', arguments: { question: 'What is 2 + 3 ?' } });
    expect(reply).toMatchObject({
      content: [{ type: 'text', text: expect.stringMatching(/\S/) as string }],
      _meta: { 'plusx/usage': { cost: 0, plusx: { calls: 3 } } },
    });
    await client.close();
  });

  it('needs names, and a key where there are some', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'plusx-mcp-'));
    expect(await plusx(['mcp'], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining('names no models') as string,
    });
    const keyed = configured();
    const { out } = await plusx(['keys', 'add', 'mia', '--models', 'quick'], { cwd: keyed });
    expect(await plusx(['mcp'], { cwd: keyed })).toMatchObject({
      code: 2,
      err: expect.stringContaining('PLUSX_MCP_KEY') as string,
    });
    const client = new Client({ name: 'test', version: '1' });
    const env = { PLUSX_MCP_KEY: out.trim() };
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], cwd: keyed, env, stderr: 'ignore' }),
    );
    expect(await client.callTool({ name: 'careful', arguments: { question: 'x' } })).toMatchObject({ isError: true });
    expect((await client.callTool({ name: 'quick', arguments: { question: 'x' } })).isError ?? false).toBe(false);
    await client.close();
  });
});
