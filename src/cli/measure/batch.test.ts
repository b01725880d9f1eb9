import { expect, it } from 'vitest';
import { sums } from '../test-support/gated.ts';
import { folder, lines } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

const SERVER = { PLUSX_BASE_URL: 'http://127.0.0.1:9/v1', PLUSX_MODEL: 'test-model' };
const RUN = ['--run', 'r'];

it.each<readonly [string, readonly string[], string]>([
  ['no store', ['eval'], 'name the run with --run NAME, or a store with --store FILE'],
  ['a memory', ['eval', ...RUN, '--memory', 'm.db'], '--batch and --memory do not go together'],
  [
    'workers',
    ['eval', '--workers', '--store', 'postgres://a@127.0.0.1:9/b'],
    '--batch and --workers do not go together',
  ],
  [
    'an early end',
    ['compare', ...RUN, '--until', 'decided', '-p', 'reRead'],
    '--batch and --until decided do not go together',
  ],
  ['time', ['curve', ...RUN, '--over', 'n=1,2', '--x', 'seconds'], '--batch and --x seconds do not go together'],
  [
    'a limit of time for a question',
    ['compile', '--budget', 'calls=900', '--per-question', 'ms<=9000'],
    '--batch and --per-question ms do not go together',
  ],
  [
    'a model without a server',
    ['eval', ...RUN, '-m', 'plusx:tiny'],
    "--batch is for models of servers that speak OpenAI's protocol, and plusx:tiny is none",
  ],
])('--batch with %s is refused in a line, before anything is asked', async (_, [verb = '', ...more], says) => {
  await using here = await folder();
  await here.write('t.jsonl', lines({ id: 'a', input: 'q', expected: '1' }));
  const { code, out, err } = await inTerminal([verb, `${here.path}/t.jsonl`, '--batch', ...more], { env: SERVER });
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(says);
  expect(err.trim().split('\n')).toHaveLength(1);
});

it.each([
  ['selfConsistency(n=[3, 5])', 'at most 6, where nothing is asked again: 3 for the race, 3 for the test'],
  [
    'demos(k=[0, 4]) + selfRefine(rounds=[1, 2])',
    'at most 31, where nothing is asked again: 1 for training, 15 for the',
  ],
  ['prompt("Be brief.", "Think.")', '25 for new wordings, ', '--reflect', 'openai/x'],
  ['auto', 'besides those of the diagnosis'],
])('compile says beforehand how many batches %s takes at most', async (space, says, ...more) => {
  await using here = await folder();
  await here.write('t.jsonl', sums(60));
  const asked = ['compile', `${here.path}/t.jsonl`, '--metric', 'numeric', '--space', space, '--budget', 'calls=9000'];
  const { code, out } = await inTerminal([...asked, ...more, '--batch', '--dry-run'], {
    env: { ...SERVER, OPENAI_API_KEY: 'none' },
  });
  expect(code).toBe(0);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(says);
});

it('a price of batches without batches is a mistake', async () => {
  const { code, err } = await inTerminal(['eval', 'arithmetic', '-m', 'enumerable', '--batch-price', '0.5']);
  expect([code, err]).toEqual([2, expect.stringContaining('add --batch')]);
});

it.each([
  [[], 10],
  [['--batch-price', '0.5'], 5],
])('says beforehand what batches cost at most: the plain price, or the share that is said %j', async (more, usd) => {
  await using here = await folder();
  await here.write('t.jsonl', lines({ id: 'a', input: 'q', expected: '1' }));
  const asked = ['eval', `${here.path}/t.jsonl`, '--batch', ...RUN, '--price', '0,10000', '--max-tokens', '1000'];
  const { out } = await inTerminal([...asked, ...more, '--dry-run', '--json'], { env: SERVER });
  expect(JSON.parse(out)).toMatchObject({ calls: 1, usd });
});
