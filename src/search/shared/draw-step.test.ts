import { afterEach, describe, expect, it } from 'vitest';
import { ask, metStopSequence, plus, scorer, textOf } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { tinyTask } from '../../tasks/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/index.ts';
import { beamSearch } from '../beam-search/beam-search.ts';
import { particleFilter } from '../particle-filter/particle-filter.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

const ANSWERS = { 'one\ntwo\nthree': 2, 'one\nten\nsix': 1, 'won\ntwo\nsix': 1 };
async function served(knobs: OpenAIServerOptions) {
  const server = await openaiServer({ answers: ANSWERS, ...knobs });
  open.push(server);
  return { server, model: openaiCompatible({ model: 'm', baseURL: server.url, api: 'completions' }) };
}
const late = scorer('late', ({ content }) => textOf(content).charCodeAt(0) + textOf(content).length / 100);

describe('a step a draw', () => {
  it.each(['stop_reason', 'matched_stop'] as const)('goes by what a server says in %s', async (stopField) => {
    const { server, model } = await served({ stopField });
    const search = beamSearch({ beams: 2, width: 3, score: late, draw: 'step' });
    const { text, sample } = await ask(plus(model, search), 'q', { seed: 2 });
    expect(Object.keys(ANSWERS)).toContain(text);
    expect(sample.finish).toEqual({ unified: 'stop', raw: 'end' });
    expect(server.requests.every(({ body }) => JSON.stringify(body.stop) === '["\\n"]')).toBe(true);
  });

  it('is refused where a server says only that a text stopped', async () => {
    const { server, model } = await served({});
    const search = particleFilter({ n: 1, score: late, draw: 'step' });
    await expect(ask(plus(model, search), 'q')).rejects.toThrow(
      'draw must be "whole" for a back end that does not say',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('writes fewer tokens on the embedded model, for an answer of the same form', async () => {
    const { items } = await tinyTask('steps');
    const score = scorer('short', ({ content }) => -textOf(content).length);
    const tokens = { whole: 0, step: 0 };
    for (const { request } of items.slice(0, 4))
      for (const draw of ['whole', 'step'] as const) {
        const { text, usage } = await ask(plus(tiny(), beamSearch({ beams: 2, width: 2, score, draw })), request);
        expect(text).toMatch(/Answer: \d+/);
        tokens[draw] += usage.outputTokens ?? Number.NaN;
      }
    expect(tokens.step).toBeLessThan(0.7 * tokens.whole);
  });
});

it('knows the words for how a text ended', () => {
  const met = (raw: string | undefined, unified: 'stop' | 'length' = 'stop') => metStopSequence({ unified, raw });
  expect([met('stop-sequence'), met('stop_sequence'), met('end'), met('end_turn'), met('length', 'length')]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect([met('stop'), met(undefined)]).toEqual([undefined, undefined]);
});
