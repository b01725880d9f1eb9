import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { folder } from '../test-support/folder.ts';
import { inTerminal, type InTerminal } from '../test-support/in-process.ts';

let server: OpenAIServer;
beforeEach(async () => {
  server = await openaiServer({ answers: { '408': 0.6, '398': 0.4 }, models: ['m'] });
});
afterEach(() => server.close());

const QUESTION = 'What is 17 * 24?';
const SETTINGS =
  '--system|Only the number.|--temperature|0.2|--top-p|0.9|--max-tokens|8|--stop|\\n\\n|--stop|Q:|--reasoning|low'.split(
    '|',
  );
const run = (...args: readonly string[]): Promise<InTerminal> =>
  inTerminal([...args, '-m', 'server/m', '-q'], {
    env: { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: '/nowhere/servers.json' },
  });

describe('settings of a request', () => {
  it.each([
    ['ask', ['ask', QUESTION]],
    ['show', ['show', QUESTION, '-n', '2', '-p', 'selfRefine(rounds=1)']],
    ['eval', ['eval', 'arithmetic', '--limit', '2', '-p', 'selfConsistency(n=2)']],
    ['curve', ['curve', 'arithmetic', '--limit', '2', '-p', 'selfConsistency', '--over', 'n=1,2']],
  ])('are those of every call of %s', async (_, args) => {
    expect((await run(...args, ...SETTINGS)).err).toBe('');
    expect(server.requests.length).toBeGreaterThan(0);
    for (const { body } of server.requests) {
      expect(body).toMatchObject({
        temperature: 0.2,
        top_p: 0.9,
        max_tokens: 8,
        stop: ['\n\n', 'Q:'],
        reasoning_effort: 'low',
      });
      expect(body.messages?.[0]).toEqual({ role: 'system', content: 'Only the number.' });
    }
  });

  it('stand in a formula too, for the model before them', async () => {
    const formula = 'selfRefine(rounds=1, critic=server/m + request(maxTokens=5, stop=["!"]))';
    await run('ask', QUESTION, '-p', `request(temperature=0.7) + ${formula}`, '--max-tokens', '9');
    const sent = server.requests.map(({ body }) => [body.temperature, body.max_tokens, body['stop']]);
    expect(sent).toEqual([
      [0.7, 9, undefined],
      [undefined, 5, ['!']],
      [0.7, 9, undefined],
    ]);
  });

  it('are part of a run: with others it does not go on', async () => {
    await using place = await folder();
    const eval2 = ['eval', 'arithmetic', '--limit', '2', '--run', 'r', '--store', `${place.path}/s.db`];
    expect((await run(...eval2, '--temperature', '0.5')).code).toBe(0);
    const other = await run(...eval2, '--temperature', '0.6');
    expect(other.code).not.toBe(0);
    expect(other.err).toMatch(/run "?r/i);
    expect((await run(...eval2, '--temperature', '0.5')).code).toBe(0);
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['--top-p', '0', 'above 0 and at most 1'],
    ['--top-p', '2', 'above 0 and at most 1'],
    ['--stop', '', 'must not be empty'],
    ['--max-tokens', '0', 'positive integer'],
  ])('%s %j is refused', async (flag, value, rule) => {
    await expect(run('eval', 'arithmetic', flag, value)).resolves.toMatchObject({
      err: expect.stringContaining(rule) as string,
    });
    expect(server.requests).toEqual([]);
  });
});
