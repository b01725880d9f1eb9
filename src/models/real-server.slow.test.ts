/**
 * A server and a model that nobody here wrote: llama.cpp's own server with a small instruct model, as `../shared/real/serve`
 * starts it. What is checked in a cell stands in scripts/measure/servers/cells.ts.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { CELLS, measure } from '../../scripts/measure/servers/cells.ts';
import { subjectOf } from '../../scripts/measure/servers/subject.ts';
import { realServer } from './test-support/real-server.ts';

/** A probe writes some 600 tokens, on a machine that may be busy. */
const PROBE_MS = 900_000;

const found = await realServer();

describe.skipIf(!found)('llama.cpp with SmolLM2-135M-Instruct', async () => {
  if (!found) return;
  const { baseURL, close } = found;
  const common = { name: 'llama.cpp', baseURL, model: 'SmolLM2-135M-Instruct', weights: 'chatml' };
  const chat = await subjectOf({ ...common, provider: 'llama.cpp' }, AbortSignal.timeout(PROBE_MS));
  const completions = await subjectOf(
    { ...common, provider: 'llama.cpp', api: 'completions' },
    AbortSignal.timeout(PROBE_MS),
  );

  afterAll(close);

  // Seeds side by side are left out: the server computes what comes together in one batch, and its last bits differ.
  it.each(['ask', 'stream', 'log-probabilities', 'stop', 'token limit', 'tools with history', 'JSON schema', 'eval'])(
    'chat: %s',
    async (name) => {
      expect(await measure(cell(name), chat)).toEqual({ kind: 'works', told: expect.any(String) });
    },
  );

  it.each([
    'ask',
    'stream',
    'log-probabilities',
    'continuation',
    'stop',
    'token limit',
    'JSON schema',
    'particle filter',
  ])('completions: %s', async (name) => {
    expect(await measure(cell(name), completions)).toEqual({ kind: 'works', told: expect.any(String) });
  });

  it.each(['tools with history', 'score, also with emoji'])('completions: %s is refused in one line', async (name) => {
    expect(await measure(cell(name), completions)).toEqual({ kind: 'refused', told: expect.any(String) });
  });
});

function cell(name: string): (typeof CELLS)[number] {
  const found = CELLS.find((one) => one.name === name);
  if (!found) throw new Error(`no cell is called ${name}`);
  return found;
}
