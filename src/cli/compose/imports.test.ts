import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder } from '../test-support/folder.ts';
import { json, plusx } from '../test-support/plusx.ts';

const OWN = `
import { technique, enumerable, option, scorer, type Sample } from 'plusx';
import { fork } from 'plusx/core';

const text = ({ content }: Sample): string => content.map((part) => (part.type === 'text' ? part.text : '')).join('');
export const even = scorer('even', (sample) => Number(text(sample)) % 2 === 0);
export const close = (sample: Sample, { expected }: { expected: unknown }): number =>
  Math.max(0, 1 - Math.abs(Number(text(sample)) - Number(expected)) / 10);
export const guesser = enumerable({ name: 'guesser', answers: { '*': { '407': 3, '408': 1 } } });
export const again = technique({
  name: 'again',
  room: 'search',
  summary: 'asks twice and takes the last',
  paper: 'mine, 2026',
  options: { n: option.integer({ doc: 'times', min: 1, default: 2 }) },
  calls: 'n',
  rounds: 'n',
  semantics: () => ({ kind: 'heuristic', target: 'P', why: 'the last of some' }),
  async run(base, request, context, { n }, last) {
    for (let i = 1; i < n; i++) await base.sample(request, fork(context, 'draw/' + i));
    return last(base, request, context);
  },
});
`;

describe.concurrent('--import', () => {
  it('gives a formula and --metric what a file exports, with plusx itself wherever the file lies', async () => {
    await using here = await folder();
    await here.write('package.json', '{"name": "theirs"}');
    await here.write('own.ts', OWN);
    await here.write('q.csv', 'input,expected\nWhat is 17 * 24?,408\n');
    const own = ['--import', 'own.ts'];
    const at = { cwd: here.path };
    const [best, twice, graded, dry] = await Promise.all([
      plusx(['ask', 'q', '-m', 'guesser', '-p', 'bestOfN(n=12, score=even)', ...own, '--json'], at),
      plusx(['ask', 'q', '-m', 'guesser', '-p', 'again(n=3)', ...own, '--json'], at),
      plusx(['eval', 'q.csv', '-m', 'guesser', '--metric', 'close', ...own, '--json'], at),
      plusx(['ask', 'q', '-m', 'guesser', '-p', 'again + selfConsistency', ...own, '--dry-run'], at),
    ]);
    expect([best.err, twice.err, graded.err]).toEqual(['', '', '']);
    expect(json(best)).toMatchObject({ text: '408', formula: 'guesser + bestOfN(n=12, score=even)' });
    expect(json(twice)).toMatchObject({ formula: 'guesser + again(n=3)', usage: { calls: 3 } });
    expect(json(graded)).toMatchObject({ metric: 'close', failed: 0 });
    expect([0.9, 1]).toContain((json(graded) as { accuracy: number }).accuracy);
    expect(dry.out).toContain('At most 10 calls.'); // its technique is understood like any other
  });

  it('takes TypeScript that imports and exports for a module, also in a folder that npm init made', async () => {
    await using here = await folder();
    await here.write('package.json', '{"name": "theirs", "type": "commonjs"}');
    await here.write('own.ts', "import { helped } from './helper.ts';\nexport const close = () => helped;");
    await here.write('helper.ts', 'export const helped: number = 0.5;');
    await here.write(
      'plusx.config.ts',
      "import { defineConfig } from 'plusx/config';\nexport default defineConfig({ imports: ['./own.ts'] });",
    );
    await here.write('q.csv', 'input,expected\nWhat is 17 * 24?,408\n');
    const graded = await plusx(['eval', 'q.csv', '-m', 'enumerable', '--metric', 'close', '--json'], {
      cwd: here.path,
    });
    expect(graded.err).toBe('');
    expect(json(graded)).toMatchObject({ accuracy: 0.5 });
  });

  it('is the only way: a file that a formula names is not loaded', async () => {
    await using here = await folder();
    await here.write(
      'trap.mjs',
      "import { writeFileSync } from 'node:fs';\nwriteFileSync('sprung', '');\nexport const x = 1;",
    );
    const formulas = [
      'bestOfN(score="./trap.mjs")',
      'bestOfN(score=./trap.mjs)',
      'selfConsistency(extract="./trap.mjs")',
      'trap',
    ];
    for (const formula of formulas) {
      const ended = await plusx(['ask', 'q', '-m', 'enumerable', '-p', formula], { cwd: here.path });
      expect(ended.code).toBe(2);
    }
    expect((await plusx(['ask', 'q', '-m', './trap.mjs'], { cwd: here.path })).err).toContain(
      'A formula loads no file: add --import ./trap.mjs, and name what it exports.',
    );
    await expect(access(join(here.path, 'sprung'))).rejects.toThrow('ENOENT');
  });

  it('names what is not there, and what is wrong', async () => {
    await using here = await folder();
    await here.write('wrong.ts', 'export const answer: number = 42;');
    await here.write('own.ts', OWN);
    const at = { cwd: here.path };
    const [absent, wrong, unknown] = await Promise.all([
      plusx(['ask', 'q', '-m', 'enumerable', '--import', 'nope.ts'], at),
      plusx(['ask', 'q', '-m', 'enumerable', '--import', 'wrong.ts'], at),
      plusx(['eval', 'arithmetic', '-m', 'enumerable', '--metric', 'closer', '--import', 'own.ts'], at),
    ]);
    expect(absent).toMatchObject({ code: 2, err: 'plusx: nope.ts: there is no such file. Check the path.\n' });
    expect(wrong.err).toMatch(/^plusx: wrong\.ts: the export answer is a number\. What is exported must be/);
    expect(unknown.err).toContain('Unknown metric "closer". Did you mean `close`?');
  });
});
