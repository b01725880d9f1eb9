/** OpenAI's Python package, as it comes from the registry, in front of a server of ours, with and without X. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenAIServerOptions } from '../../testing/index.ts';
import { threeRounds } from '../test-support/conversations.ts';
import { judge, type Judge } from '../test-support/judge.ts';
import { serving } from '../test-support/serving.ts';
import { readShared } from '../test-support/shared.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'plusx-python-'));
const packed = readShared('wire/openai-openapi.json.gz');

/** A Python with the package; nothing, and a word about it, where none can be had. */
async function pythonWithClient(): Promise<string | undefined> {
  const python = join(folder, 'bin/python');
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'openai'], {
      timeout: 120_000,
    });
    return python;
  } catch (error) {
    console.warn(`skipped, there is no Python with the package openai: ${String(error).slice(0, 200)}`);
    return undefined;
  }
}

/** Starting and ending takes its time where much else is going on. */
const HOOK_MS = 120_000;

const python = await pythonWithClient();
afterAll(() => rmSync(folder, { recursive: true }), HOOK_MS);

/** What is answered is chosen by the id of the model. */
const answers: OpenAIServerOptions['answers'] = async (request) => {
  switch (request.body.model) {
    case 'tools':
      return threeRounds(request);
    case 'json':
      return '{"answer":4} END more';
    case 'many':
      return { 'The answer is 4.': 1, 'The answer is 5.': 1, 'The answer is 6.': 1 };
    case 'refuses':
      return { content: '', refusal: 'I cannot help with that.' };
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, 3000).unref());
      return '';
    default:
      return 'The answer is 4.';
  }
};

/** So is how a request fails. */
const failures: OpenAIServerOptions['failures'] = (_index, { body: { model = '' } }) => {
  const [, status] = /^fails(\d+)$/.exec(model) ?? [];
  return status === undefined ? undefined : Number(status);
};

describe.skipIf(python === undefined)('the Python package openai', () => {
  let mock: Judge | undefined;
  beforeAll(async () => {
    mock = packed && (await judge(packed));
  }, HOOK_MS);
  afterAll(() => mock?.close());

  it.each([
    'up/{}',
    'up/{} + selfConsistency(n=3)',
    'up/{} + reRead',
    'up/{} + selfRefine(rounds=1)',
    'fusion(up/{}, up/{})',
  ])('holds its conversations with %s', async (formula) => {
    mock?.forget();
    const open = await serving({ answers, failures, ignoresFormat: true }, { gate: mock?.gate });
    try {
      const script = join(import.meta.dirname, '../test-support/python/conversations.py');
      const { stdout } = await run(python as string, [script, open.url, formula], { timeout: 100_000 });
      const told = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { name: string; failed?: string });
      expect(told.filter(({ failed }) => failed !== undefined)).toEqual([]);
      expect(told).toHaveLength(15);
      await open.upstream.idle();
      const left = open.upstream.requests.filter(({ body }) => body.model === 'slow').map(({ state }) => state);
      expect([left.length > 0, ...new Set(left)]).toEqual([true, 'aborted']);
      expect(mock?.verdicts.filter(({ wrong }) => wrong.length > 0) ?? []).toEqual([]);
    } finally {
      await open.close();
    }
  });
});
