import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anthropicReply, vendorServer } from '../../models/installed/test-support/vendors.ts';
import { openaiServer, type OpenAIServer } from '../../testing/index.ts';
import { folder, lines, type Folder } from '../test-support/folder.ts';
import { json, plusx, type Ended } from '../test-support/plusx.ts';

const QUESTION = 'What is 2 + 2?';
let at: Folder;
let server: OpenAIServer;
beforeEach(async () => {
  at = await folder();
  server = await openaiServer({ answers: 'The answer is 4.' });
});
afterEach(async () => {
  await server.close();
  await at[Symbol.asyncDispose]();
});

const run = (args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<Ended> =>
  plusx(args, { cwd: at.path, env });
const configure = (config: object): Promise<string> => at.write('plusx.config.json', JSON.stringify(config));

describe('the configuration on the command line', () => {
  it('says where runs are kept, for the verb that grades them again too', async () => {
    await configure({ defaults: { store: 'runs.db' } });
    await at.write('q.csv', 'input,expected\nWhat is 17 * 24?,408\n');
    const verb = ['eval', 'q.csv', '-m', 'enumerable', '--metric', 'exact'];
    expect((await run([...verb, '--run', 'first', '--quiet'])).err).toBe('');
    const again = await run(['regrade', 'first', '--metric', 'numeric', '--json']);
    expect(again.err).toBe('');
    expect(json(again)).toMatchObject({ metric: 'numeric', items: 1 });
  });

  it('names models, providers and what holds where nothing else is said', async () => {
    await configure({
      models: { careful: 'house/m + selfConsistency(n=3)' },
      providers: { house: { baseURL: server.url, key: { env: 'HOUSE_KEY' } } },
      defaults: {
        model: 'careful',
        request: { temperature: 0.5, maxTokens: 50 },
        store: 'calls.db',
        budget: { calls: 7 },
      },
    });
    await at.write('.env', 'HOUSE_KEY=of-the-house\nPATH=/evil\n');
    const asked = await run(['ask', QUESTION, '--json']);
    expect(asked.err).toContain('budget ends it at calls=7');
    expect(json(asked)).toMatchObject({
      formula: 'house/m + selfConsistency(n=3)',
      answer: '4',
      usage: { calls: 3, replays: 0 },
    });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer of-the-house');
    expect(server.requests[0]?.body).toMatchObject({ model: 'm', n: 3, temperature: 0.5, max_tokens: 50 });
    // The store is that of the configuration, in its folder, from anywhere below it.
    await mkdir(join(at.path, 'below'));
    await writeFile(join(at.path, 'below/.env'), 'HOUSE_KEY=another\n');
    const again = await plusx(['ask', QUESTION, '--json'], { cwd: join(at.path, 'below') });
    expect(json(again)).toMatchObject({ usage: { calls: 3, replays: 3 } });
    const other = await run([
      'ask',
      QUESTION,
      '-m',
      'careful + reRead',
      '--temperature',
      '1',
      '--budget',
      'calls=3',
      '--json',
    ]);
    expect(json(other)).toMatchObject({ formula: 'house/m + selfConsistency(n=3) + reRead' });
    expect(server.requests.at(-1)?.body).toMatchObject({ temperature: 1, max_tokens: 50 });
  });

  it('is the one that is named, or none', async () => {
    await configure({ defaults: { model: 'enumerable' } });
    const other = await at.write('other.json', JSON.stringify({ defaults: { model: 'plusx:tiny' } }));
    expect(json(await run(['ask', QUESTION, '--json']))).toMatchObject({ model: 'enumerable' });
    expect(json(await run(['--config', other, 'ask', QUESTION, '--json']))).toMatchObject({ model: 'plusx:tiny' });
    expect(json(await run(['ask', QUESTION, '--json', '--config', other]))).toMatchObject({ model: 'plusx:tiny' });
    const none = await run(['ask', QUESTION, '--no-config']);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('No model is named')]);
    const absent = await run(['ask', QUESTION, '--config', 'absent.json']);
    expect([absent.code, absent.err]).toEqual([2, expect.stringMatching(/absent\.json: no such file/)]);
  });

  it('may be a program in TypeScript', async () => {
    await at.write(
      'plusx.config.ts',
      'const n: number = 3;\nexport default { models: { voted: `enumerable + selfConsistency(n=${n})` } };\n',
    );
    expect(json(await run(['ask', QUESTION, '-m', 'voted', '--json']))).toMatchObject({
      formula: 'enumerable + selfConsistency(n=3)',
    });
  });

  it('that is wrong is said in one line, with the place', async () => {
    await configure({ models: { careful: 'enumerable + selfConsistancy' } });
    const formula = await run(['ask', QUESTION, '-m', 'careful']);
    expect([formula.code, formula.out]).toEqual([2, '']);
    expect(formula.err).toMatch(
      /plusx\.config\.json#\/models\/careful: Unknown technique "selfConsistancy".*Did you mean `selfConsistency`\?\n$/,
    );
    expect((await run(['ask', QUESTION, '-m', 'enumerable'])).code).toBe(0);
    await configure({ providers: { openai: { apiKey: 'sk-proj-0123456789abcdef' } } });
    const key = await run(['ask', QUESTION, '-m', 'enumerable']);
    expect(key.err).toMatch(/#\/providers\/openai\/apiKey: cannot be written here.*"key": \{ "env": "NAME" \}\n$/);
    expect(key.err).not.toContain('0123456789');
  });

  it('and .env change nothing of verbs that call no model', async () => {
    await configure({ defaults: { model: 'enumerable', budget: { calls: 1 } } });
    for (const verb of [
      ['techniques', 'reRead'],
      ['memory', 'list', '--json'],
    ]) {
      const [plain, configured] = [await run([...verb, '--no-config']), await run(verb)];
      expect([verb, configured]).toEqual([verb, plain]);
    }
  });
});

describe('what a model of the configuration is made of', () => {
  it('may be exported by a module that the configuration imports', async () => {
    await at.write(
      'own.ts',
      `import { enumerable, scorer } from 'plusx';
       export const guesser = enumerable({ name: 'guesser', answers: { '*': { '4': 1, '5': 1 } } });
       export const even = scorer('even', (sample) => Number(sample.content[0].text) % 2 === 0);`,
    );
    await at.write(
      'plusx.config.ts',
      "export default { imports: ['./own.ts'], models: { best: 'guesser + bestOfN(n=9, score=even)' }, defaults: { model: 'best' } };",
    );
    const below = join(at.path, 'below');
    await mkdir(below);
    const ended = await plusx(['ask', QUESTION, '--json'], { cwd: below });
    expect(json(ended)).toMatchObject({ formula: 'guesser + bestOfN(n=9, score=even)', text: '4' });
  });

  it('is asked for log-probabilities where its scorer goes by them', async () => {
    const env = { PLUSX_BASE_URL: server.url };
    await configure({ models: { sure: 'server/m + bestOfN(n=2, score=confidence)' } });
    await run(['ask', QUESTION, '-m', 'sure', '-q'], env);
    expect(server.requests[0]?.body).toMatchObject({ logprobs: true });
  });
});

describe('.env', () => {
  it('never sends a key of the environment to a server of its own', async () => {
    await at.write('.env', `OPENAI_BASE_URL=${server.url}\n`);
    const ended = await run(['ask', QUESTION, '-m', 'openai/m', '--dry-run'], { OPENAI_API_KEY: 'real' });
    expect(ended.err).toContain('warning: OPENAI_BASE_URL of .env is not used: OPENAI_API_KEY is set outside of it');
    expect(server.requests).toEqual([]);
    await at.write('.env', `OPENAI_BASE_URL=${server.url}\nOPENAI_API_KEY=its-own\n`);
    expect((await run(['ask', QUESTION, '-m', 'openai/m', '-q'])).out).toBe('The answer is 4.\n');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer its-own');
  });
});

describe('--save', () => {
  it('keeps the formula under a name, which then works everywhere', async () => {
    const saved = await run([
      'ask',
      QUESTION,
      '-m',
      'enumerable',
      '-p',
      'selfConsistency(n=3)',
      '--save',
      'voted',
      '-q',
    ]);
    expect(saved.code).toBe(0);
    expect(saved.err).toContain('kept as voted in ');
    expect(JSON.parse(await readFile(join(at.path, 'plusx.config.json'), 'utf8'))).toEqual({
      models: { voted: 'enumerable + selfConsistency(n=3)' },
    });
    const evaluated = await run(['eval', 'arithmetic', '-m', 'voted', '--limit', '2', '--json']);
    expect(json(evaluated)).toMatchObject({ formula: 'enumerable + selfConsistency(n=3)', items: 2 });
    expect((await run(['models'])).out).toMatch(/● voted +enumerable \+ selfConsistency\(n=3\)/);
    const misspelt = await run(['ask', QUESTION, '-m', 'votd']);
    expect(misspelt.err).toContain('Did you mean `voted`?');
  });

  it('rewrites no program, and says the line', async () => {
    await at.write('plusx.config.ts', 'export default {};\n');
    const ended = await run(['ask', QUESTION, '-m', 'enumerable', '--save', 'mine']);
    expect([ended.code, ended.out]).toEqual([2, '']);
    expect(ended.err).toContain('Add this line to its `models`: mine: "enumerable",');
  });
});

describe('a package of the AI SDK', () => {
  it('is a model by its name, where it is installed', async () => {
    await using vendor = await vendorServer(() => anthropicReply('four', { read: 1000, written: 1000 }));
    const env = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: `${vendor.url}/v1` };
    const ask = ['ask', QUESTION, '-m', 'ai-sdk:@ai-sdk/anthropic/claude-x', '-p', 'reRead', '--json'];
    const absent = await run(ask, env);
    expect([absent.code, absent.err]).toEqual([
      2,
      expect.stringMatching(/is not installed in .*Run `npm i @ai-sdk\/anthropic` there/),
    ]);
    await symlink(join(import.meta.dirname, '../../../node_modules'), join(at.path, 'node_modules'));
    expect(json(await run(ask, env))).toMatchObject({
      formula: 'ai-sdk:@ai-sdk/anthropic/claude-x + reRead',
      text: 'four',
    });
    expect(vendor.requests).toHaveLength(1);
    const priced = await run([...ask.slice(0, -1), '--price', '3,15,0.3,3.75'], env);
    expect(priced.err).toMatch(/1 call, 2,015 tokens \(1,000 cached, 1,000 kept\), \$0\.0042/);
    const hint = await run(['ask', QUESTION, '-m', 'anthropic/claude-x']);
    expect([hint.code, hint.err]).toEqual([2, expect.stringContaining('Write ai-sdk:@ai-sdk/anthropic/claude-x,')]);
  });
});

describe('a list of prices', () => {
  const PRICES = {
    date: '2026-10-11',
    source: 'a page',
    models: { 'server/m': { input: 2, output: 8, cachedInput: 0.2 } },
  };
  const MODEL = ['-m', 'server/m', '--max-tokens', '10'];

  it('bounds the dollars beforehand, with its date, and counts them afterwards', async () => {
    const file = await at.write('prices.json', JSON.stringify(PRICES));
    const env = { PLUSX_BASE_URL: server.url };
    const dry = json(await run(['ask', QUESTION, ...MODEL, '--prices', file, '--dry-run', '--json'], env)) as {
      readonly usd: number;
      readonly inputTokens: number;
      readonly prices: unknown;
    };
    expect(dry.usd).toBeCloseTo((dry.inputTokens * 2 + 10 * 8) / 1e6, 9);
    expect(dry.prices).toEqual([{ date: '2026-10-11', source: 'a page' }]);
    const asked = await run(['ask', QUESTION, ...MODEL, '--prices', file, '--json'], env);
    expect(asked.err).toContain('Prices of 2026-10-11 (a page).');
    const { usage } = json(asked) as {
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number; usd: number };
    };
    expect(usage.usd).toBeCloseTo((usage.inputTokens * 2 + usage.outputTokens * 8) / 1e6, 12);
    const given = json(
      await run(['ask', QUESTION, ...MODEL, '--prices', file, '--price', '1,1', '--dry-run', '--json'], env),
    );
    expect(given).toMatchObject({ prices: [] });
    const wrong = await run(['ask', QUESTION, '-m', 'server/m', '--price', '1,2,3,4,5'], env);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('as in 3,15,0.3,3.75')]);
  });

  it('of the configuration is shown with the models', async () => {
    await at.write('prices.json', JSON.stringify(PRICES));
    await configure({ prices: 'prices.json', models: { mine: 'server/m + reRead' } });
    const shown = await run(['models', '--json'], { PLUSX_BASE_URL: server.url });
    const [mine] = json(shown) as { readonly name: string; readonly prices: unknown }[];
    expect(mine).toMatchObject({
      name: 'mine',
      about: 'server/m + reRead',
      prices: [
        {
          model: 'server/m',
          input: 2,
          output: 8,
          cachedInput: 0.2,
          cacheWriteInput: null,
          date: '2026-10-11',
          source: 'a page',
        },
      ],
    });
    expect((await run(['models'])).out.replaceAll(/\s+/g, ' ')).toContain(
      'server/m: $2 in, $8 out, $0.2 cached for a million tokens (2026-10-11)',
    );
  });
});

describe('--prompt-cache', () => {
  it('makes the first call alone', async () => {
    const long = 'a long text '.repeat(600);
    const together = async (...more: readonly string[]): Promise<number> => {
      const slow = await openaiServer({ answers: 'The answer is 4.', latencyMs: 100 });
      try {
        // groq takes no n, so that every draw is a call.
        const env = { GROQ_API_KEY: 'k', GROQ_BASE_URL: slow.url };
        await run(['ask', long, '-m', 'groq/m', '-p', 'selfConsistency(n=4)', '-q', ...more], env);
        return slow.highWaterMark;
      } finally {
        await slow.close();
      }
    };
    expect(await together()).toBe(4);
    expect(await together('--prompt-cache', 'prompt')).toBe(3);
  });
});

describe('a task of the configuration', () => {
  it('is a file with its mapping and its metric, from anywhere below', async () => {
    await at.write('orders.csv', 'question,answer,kind\nWhat is 2 + 2?,4,a\nWhat is 3 + 3?,6,b\n');
    await at.write('plain.jsonl', lines({ input: QUESTION, expected: '4' }));
    await configure({
      tasks: {
        orders: {
          file: 'orders.csv',
          mapping: { input: 'question', expected: 'answer' },
          metric: 'numeric',
          group: 'kind',
        },
        plain: 'plain.jsonl',
        sums: 'arithmetic',
      },
      defaults: { model: 'enumerable' },
    });
    const below = join(at.path, 'below');
    await mkdir(below);
    const evaluated = async (...args: readonly string[]) =>
      json(await plusx(['eval', ...args, '--json'], { cwd: below }));
    expect(await evaluated('orders')).toMatchObject({ items: 2, metric: 'numeric' });
    expect(await evaluated('orders', '--metric', 'contains')).toMatchObject({ items: 2, metric: 'contains' });
    expect(await evaluated('plain')).toMatchObject({ items: 1, metric: 'exact' });
    expect(await evaluated('sums', '--limit', '3')).toMatchObject({ items: 3, metric: 'numeric' });
  });

  it('may be made in TypeScript', async () => {
    await at.write(
      'plusx.config.ts',
      `const item = { id: '1', request: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'What is 2 + 2?' }] }] }, expected: null };
       export default { tasks: { mine: { name: 'mine', items: [item], metric: { name: 'always', grade: () => 1 } } } };`,
    );
    expect(json(await run(['eval', 'mine', '-m', 'enumerable', '--json']))).toMatchObject({
      task: 'mine',
      metric: 'always',
      accuracy: 1,
    });
    const graded = await run(['eval', 'mine', '-m', 'enumerable', '--metric', 'exact']);
    expect([graded.code, graded.err]).toEqual([2, expect.stringContaining('mine is made by the configuration')]);
  });
});
