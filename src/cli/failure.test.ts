import { describe, expect, it } from 'vitest';
import { inTerminal } from './test-support/in-process.ts';
import { plusx, type Ended } from './test-support/plusx.ts';

const ASK = ['ask', 'What is 17 * 24?', '-m', 'enumerable'];

/** What a mistake must look like: one line (and, for a formula, the two that point into it), nothing else. */
const mistake = (code: number, says: RegExp, pointer: readonly string[] = []): unknown => ({
  code,
  out: '',
  line: expect.stringMatching(new RegExp(`^plusx: .*(?:${says.source})`)),
  pointer,
});

function seen({ code, out, err }: Ended): unknown {
  const [line, ...pointer] = err.trimEnd().split('\n');
  return { code, out, line, pointer };
}

describe.concurrent('a mistake is one line with the way out', () => {
  it.each<[string, string, RegExp, number]>([
    ['an unknown technique', 'selfConsistancy(n=3)', /Unknown technique .* Did you mean `selfConsistency`\?/, 0],
    ['an unknown option', 'reRead + selfConsistency(m=3)', /no option "m" .* Did you mean `n`\?/, 25],
    ['n=0', 'selfConsistency(n=0)', /n must be a positive integer, got 0/, 18],
    ['a formula that ends too early', 'selfConsistency(n=', /expected, and the formula ends/, 18],
    ['an unknown scorer', 'bestOfN(score=lenght)', /Unknown scorer "lenght".*Did you mean `length`\?/, 14],
    ['a missing scorer', 'bestOfN(n=3)', /score is required/, 0],
    ['a combiner behind a +', 'mixture(enumerable)', /combines models.*Did you mean `mixture\(a, b\)`\?/, 0],
  ])('%s in --plus', async (_, formula, says, position) => {
    expect(seen(await plusx([...ASK, '-p', formula]))).toEqual(
      mistake(2, says, [`  ${formula}`, `  ${' '.repeat(position)}^`]),
    );
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown verb', ['shw'], /unknown command 'shw' \(Did you mean show\?\)/],
    ['an unknown option', ['ask', 'x', '--modl', 'y'], /unknown option '--modl' \(Did you mean --model\?\)/],
    [
      'a budget in money without a price',
      ['ask', 'x', '-m', 'ollama/none', '--budget', 'usd=1'],
      /Give its price with --price/,
    ],
    ['no model', ['ask', 'x'], /No model is named\. Use --model/],
    ['no question', ['ask', '-m', 'enumerable'], /The question is empty/],
    ['n that is no number', ['show', 'x', '-m', 'enumerable', '-n', 'many'], /must be a positive integer, got "many"/],
    [
      'an unknown limit',
      [...ASK, '--budget', 'dollars=1'],
      /There is no limit "dollars".*Limits are calls, tokens, usd, ms/,
    ],
    [
      'a limit without a number',
      [...ASK, '--budget', 'calls=lots'],
      /calls must be a number of at least 0, got "lots"/,
    ],
    [
      'a curve over nothing',
      ['curve', 'x.jsonl', '-m', 'enumerable', '--over', '1,2'],
      /Write an option and its values/,
    ],
    [
      'a curve over n=0',
      ['curve', 'x.jsonl', '-m', 'enumerable', '--over', 'n=0,2'],
      /must be a positive integer, got "0"/,
    ],
    [
      'an unknown technique asked for',
      ['techniques', 'bestofN'],
      /Unknown technique "bestofN"\. Did you mean `bestOfN`\?/,
    ],
  ])('%s', async (_, args, says) => {
    expect(seen(await plusx(args))).toEqual(mistake(2, says));
  });

  it.each<[string, string, RegExp]>([
    ['the nearest one', 'enumerabel', /Unknown model "enumerabel".*Did you mean `enumerable`\?.*plusx models/],
    ['the nearest provider', 'opnai/gpt-5-mini', /Did you mean `openai\/gpt-5-mini`\?/],
    ['the nearest scheme', 'pol:samples.jsonl', /Did you mean `pool:samples\.jsonl`\?/],
    ['where they are listed', 'qqq', /Unknown model "qqq".*`plusx models` lists them/],
  ])('an unknown model: %s', async (_, name, says) => {
    expect(seen(await plusx(['ask', 'x', '-m', name]))).toEqual(mistake(2, says, [`  ${name}`, '  ^']));
  });

  it.each([
    ['calls=0', /Budget of 0 calls would be exceeded.*Raise `--budget calls=`/],
    ['tokens=3', /Budget of 3 tokens would be exceeded.*Raise `--budget tokens=`/],
  ])('a budget too small for one call: %s', async (budget, says) => {
    expect(seen(await plusx([...ASK, '--budget', budget]))).toEqual(mistake(1, says));
  });

  it('a store that cannot be written', async () => {
    const { code, err } = await plusx([...ASK, '--store', '/proc/none/calls.db']);
    expect(code).toBe(1);
    expect(err).toMatch(/^plusx: Store .*\n$/);
  });

  it('a stack trace only where it is asked for', async () => {
    const { err } = await plusx([...ASK, '--budget', 'calls=0'], { env: { PLUSX_DEBUG: '1' } });
    expect(err).toMatch(/^\s+at /m);
  });
});

describe('an option that is given twice', () => {
  it.each([
    [
      ['ask', 'q', '-m', 'enumerable', '-p', 'reRead', '-p', 'selfRefine'],
      "option '-p, --plus <X>' is given twice. Join techniques with +",
    ],
    [
      ['ask', 'q', '-m', 'enumerable', '--model', 'plusx:tiny'],
      "option '-m, --model <model>' is given twice. Give it once.",
    ],
    [['curve', 'arithmetic', '-m', 'enumerable', '--over', 'n=1,2', '--over', 'k=3'], 'is given twice'],
    [['eval', 'arithmetic', '--limit', '1', '--limit=2'], 'is given twice'],
  ])('is refused: %j', async (args, problem) => {
    const ended = await inTerminal(args);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(problem);
  });

  it('is none where each adds something, or a flag is said again', async () => {
    const ended = await inTerminal([
      'ask',
      'What is 2 + 2?',
      '-m',
      'enumerable',
      '--stop',
      'x',
      '--stop',
      'y',
      '-q',
      '-q',
    ]);
    expect([ended.code, ended.err]).toEqual([0, '']);
  });
});

it.each([
  ['gpt-5-mini', 'Did you mean `openai/gpt-5-mini`?'],
  ['deepseek-chat', 'Did you mean `deepseek/deepseek-chat`?'],
  ['claude-sonnet', 'Did you mean `ai-sdk:@ai-sdk/anthropic/claude-sonnet`?'],
  ['enumerabel', 'Did you mean `enumerable`?'],
  ['nothing-like-it', '`plusx models` lists them.'],
])('the model %s is not known, and what may be meant is said', async (name, hint) => {
  const ended = await inTerminal(['ask', 'q', '-m', name]);
  expect(ended.code).toBe(2);
  expect(ended.err).toContain(hint);
});
