import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer } from '../../testing/servers/openai-server.ts';
import { inTerminal } from '../test-support/in-process.ts';

let server: OpenAIServer;
beforeEach(async () => {
  server = await openaiServer({ answers: { '408': 0.6, '398': 0.4 }, models: ['m'] });
});
afterEach(() => server.close());

const QUESTION = 'What is 17 * 24?';
const VOTE = ['-m', 'server/m', '-p', 'selfConsistency(n=4)'];
const run = (args: readonly string[], more: { env?: { [name: string]: string }; reply?: string } = {}) =>
  inTerminal(args, {
    ...more,
    env: { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: '/nowhere/servers.json', ...more.env },
  });

/** Every verb that may call a model, with what it says at most. */
const VERBS: readonly (readonly [verb: string, args: readonly string[], most: RegExp])[] = [
  ['ask', ['ask', QUESTION, ...VOTE], /At most 4 calls\./],
  ['show', ['show', QUESTION, ...VOTE, '-n', '3'], /At most 15 calls \(3 samples before and after/],
  ['eval', ['eval', 'arithmetic', ...VOTE, '--limit', '5'], /At most 20 calls \(5 items, 4 calls each\)/],
  [
    'curve',
    ['curve', 'arithmetic', ...VOTE, '--over', 'n=1,4', '--limit', '5'],
    /At most 20 calls \(5 items, n up to 4, 4 calls each\)/,
  ],
  [
    'curve in runs',
    ['curve', 'arithmetic', '-m', 'server/m', '-p', 'selfRefine', '--over', 'rounds=1,2', '--limit', '5'],
    /At most 40 calls \(5 items, rounds up to 2, 8 calls each\)/,
  ],
  ['probe', ['probe', 'server/m', '--save', '/nowhere/servers.json'], /At most 29 calls/],
  ['demo', ['demo', '--exact'], /At most 64 calls \(16 samples before and after each X\)/],
];

describe('a dry run', () => {
  it.each(VERBS)('of %s says what it may spend, and asks nothing', async (_, args, most) => {
    const ended = await run([...args, '--dry-run']);
    expect(ended.code).toBe(0);
    expect(ended.out.replaceAll(/\s+/g, ' ')).toMatch(most);
    expect(ended.out.replaceAll(/\s+/g, ' ')).toContain('Nothing was asked.');
    expect(server.requests).toEqual([]);
    const { calls } = JSON.parse((await run([...args, '--dry-run', '--json'])).out) as { calls: number };
    expect(most.source).toContain(`At most ${calls} calls`);
    expect(server.requests).toEqual([]);
  });

  it('gives tokens and dollars where they are bounded, and the reason where they are not', async () => {
    const bounded = await run([
      'ask',
      QUESTION,
      ...VOTE,
      '--max-tokens',
      '10',
      '--price',
      '1,4',
      '--dry-run',
      '--json',
    ]);
    const document = JSON.parse(bounded.out) as { inputTokens: number };
    expect(document).toMatchObject({
      formula: 'server/m + selfConsistency(n=4)',
      free: false,
      calls: 4,
      outputTokens: 40,
      usd: (document.inputTokens * 1 + 40 * 4) / 1e6,
      unbounded: [],
    });
    const open = await run(['ask', QUESTION, ...VOTE, '--dry-run', '--json']);
    expect(JSON.parse(open.out)).toMatchObject({ calls: 4, outputTokens: null, usd: null });
    expect((JSON.parse(open.out) as { unbounded: { what: string }[] }).unbounded.map(({ what }) => what)).toEqual([
      'output',
      'usd',
    ]);
  });
});

describe('before the first call', () => {
  it('the worst case is said, and is kept', async () => {
    const ended = await run(['eval', 'arithmetic', ...VOTE, '--limit', '5']);
    expect(ended.err).toContain('At most 20 calls (5 items, 4 calls each).');
    expect(ended.code).toBe(0);
  });

  it('is quiet where nothing is billed, and with --quiet', async () => {
    expect((await run(['ask', QUESTION, '-m', 'enumerable'])).err).not.toContain('At most');
    expect((await run(['ask', QUESTION, ...VOTE, '--quiet'])).err).toBe('');
  });

  it.each([
    ['n', 130, 0],
    ['', 130, 0],
    ['y', 0, 12],
    ['Yes ', 0, 12],
  ])('a terminal asks above the threshold: %j', async (reply, code, requests) => {
    const ended = await run(['eval', 'arithmetic', ...VOTE, '--limit', '12', '--ask-above', 'calls=47'], { reply });
    expect(ended.questions).toHaveLength(1);
    expect(ended.code).toBe(code);
    expect(server.requests).toHaveLength(requests);
    expect(ended.err.includes('Nothing was asked.')).toBe(code === 130);
  });

  it.each([
    ['at the threshold', ['--ask-above', 'calls=48'], {}],
    ['with --yes', ['--ask-above', 'calls=1', '--yes'], {}],
    ['under a budget below the threshold', ['--ask-above', 'calls=10', '--budget', 'calls=10'], {}],
    ['where the dollars are bounded and few', ['--ask-above', 'calls=1', '--max-tokens', '10', '--price', '1,4'], {}],
    ['where the variable allows more', [], { PLUSX_ASK_ABOVE: 'calls=48' }],
  ])('nobody is asked %s', async (_, more, env) => {
    const ended = await run(['eval', 'arithmetic', ...VOTE, '--limit', '12', ...more], { reply: 'n', env });
    expect(ended.questions).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('asks by what the variable says, and by dollars', async () => {
    const few = await run(['eval', 'arithmetic', ...VOTE, '--limit', '12'], {
      reply: 'n',
      env: { PLUSX_ASK_ABOVE: 'calls=47' },
    });
    expect(few.questions).toHaveLength(1);
    const dear = await run(['ask', QUESTION, ...VOTE, '--max-tokens', '1000', '--price', '1000,4000'], { reply: 'n' });
    expect(dear.questions).toHaveLength(1);
    expect(server.requests).toEqual([]);
    const wrong = await run(['ask', QUESTION, ...VOTE], { reply: 'n', env: { PLUSX_ASK_ABOVE: 'cals=3' } });
    expect(wrong.err).toContain('PLUSX_ASK_ABOVE: There is no limit "cals" (did you mean calls?)');
  });

  it('asks nobody where nobody is there', async () => {
    await run(['eval', 'arithmetic', ...VOTE, '--limit', '12', '--ask-above', 'calls=1']);
    expect(server.requests).toHaveLength(12);
  });
});
