import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Report } from '../../compile/index.ts';
import { openSearch, type OpenedSearch, type SearchSpec } from '../cluster/search.ts';
import { folder, lines } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { fakeOutput } from '../test-support/output.ts';

const ARITHMETIC = ['arithmetic', '-m', 'enumerable', '--limit', '40'];
const SPACE = ['--space', 'selfConsistency(n=[3, 9])'];
interface Shown {
  readonly picked: string;
  readonly verdict: string;
  readonly stages: readonly { readonly name: string }[];
}

it('compiles, keeps a file, goes on from the store without a call, and the file is a model', async () => {
  await using here = await folder();
  const [store, out, report] = ['s.db', 'x.plusx.json', 'report.json'].map((name) => join(here.path, name)) as [
    string,
    string,
    string,
  ];
  const verb = ['compile', ...ARITHMETIC, ...SPACE, '--budget', 'calls=1500', '--store', store, '--out', out];
  const first = await inTerminal([...verb, '--json', '--report', report]);
  expect(first.code).toBe(0);
  const shown = JSON.parse(first.out) as Shown;
  expect(JSON.parse(await readFile(report, 'utf8'))).toEqual(shown);
  expect(shown.stages.map(({ name }) => name)).toEqual(['race', 'test']);
  expect(first.err).toContain('compile enumerable on arithmetic, metric numeric');
  expect(first.err).toContain('not 13: what they draw alike is drawn once');
  const again = await inTerminal([...verb, '--json', '-q']);
  expect(JSON.parse(again.out)).toEqual(shown);
  const table = await inTerminal([...verb, '-q']);
  expect(table.out.replaceAll(/\s+/g, ' ')).toContain(shown.verdict);
  expect(table.out.replaceAll(/\s+/g, ' ')).toContain(`use it with -m ${out}`);
  const file = JSON.parse(await readFile(out, 'utf8')) as { readonly plus: string };
  expect(`enumerable${file.plus && ' + '}${file.plus}`).toBe(shown.picked);
  const used = await inTerminal(['eval', 'arithmetic', '--limit', '5', '-m', out, '--json']);
  expect(JSON.parse(used.out)).toMatchObject({ formula: shown.picked, model: 'enumerable' });
  const { openStore } = await import('../../store/index.ts');
  const opened = openStore({ file: store });
  const [run] = await opened.runs.list();
  const events = await opened.runs.items(run?.name ?? '');
  await opened.close();
  expect(run?.status).toBe('done');
  expect(events.map(({ result }) => (result as { readonly kind?: string }).kind ?? 'report')).toEqual(
    expect.arrayContaining(['round', 'pick', 'test', 'report']),
  );
});

it('--earlier takes reports of other searches, and tells of a file that is none', async () => {
  await using here = await folder();
  const [store, report, other] = ['s.db', 'report.json', 'other.json'].map((name) => join(here.path, name)) as [
    string,
    string,
    string,
  ];
  const verb = ['compile', ...ARITHMETIC, ...SPACE, '--budget', 'calls=900', '--store', store, '-q', '--json'];
  const first = await inTerminal([...verb, '--seed', '1', '--report', report]);
  expect(first.code).toBe(0);
  const informed = await inTerminal([...verb, '--seed', '2', '--earlier', report, '--earlier', report]);
  expect(informed.code).toBe(0);
  // What others say makes it another run: the one without begins anew.
  const alone = await inTerminal([...verb, '--seed', '2']);
  const { openStore } = await import('../../store/index.ts');
  const opened = openStore({ file: store });
  expect(await opened.runs.list()).toHaveLength(3);
  await opened.close();
  expect(JSON.parse(alone.out)).toMatchObject({ seed: 2 });
  await writeFile(other, '{"picked": "enumerable"}');
  const wrong = await inTerminal([...verb, '--earlier', other]);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain(`${other}: is no report of a search. \`plusx compile ... --report FILE\` writes one`);
});

it('--dry-run says what it would do, as text and as JSON, and asks nothing', async () => {
  const [text, json] = await Promise.all(
    [[], ['--json']].map((more) =>
      inTerminal(['compile', ...ARITHMETIC, '--budget', 'calls=3000', '--dry-run', ...more]),
    ),
  );
  expect(text?.out).toContain('maybe(anyOf(reRead, planAndSolve)) + demos(k=[0, 4])');
  expect(text?.out).toContain('Nothing was asked.');
  expect(JSON.parse(json?.out ?? '')).toMatchObject({
    size: '60',
    budget: { calls: 3000 },
    worst: { calls: expect.any(Number) },
  });
});

it('--space auto looks at what can help first, within the budget, and says why each part is in or out', async () => {
  await using here = await folder();
  const verb = ['compile', 'arithmetic', '-m', 'enumerable', '--limit', '60', '--budget', 'calls=900'];
  const [first, again] = [
    await inTerminal([...verb, '--json', '--store', join(here.path, 's.db')]),
    await inTerminal([...verb, '--json', '--store', join(here.path, 's.db')]),
  ];
  const report = JSON.parse(first.out) as Report;
  expect(report.stages[0]).toMatchObject({ name: 'diagnosis', arms: 1 });
  expect(report.stages.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(900);
  expect(report.plan.parts?.find(({ part }) => part.startsWith('selfConsistency'))?.why).toMatch(/points on \d+ items/);
  expect(report.plan.parts?.find(({ part }) => part.startsWith('deepConf'))?.why).toMatch(/log-probabilities/);
  expect(first.err).toMatch(/ {2}(?:in|out) +selfConsistency\(n=\[3, 5, 9, 15\]\): .*points/);
  expect(JSON.parse(again.out)).toEqual(report);
});

const FEW = lines(...Array.from({ length: 3 }, (_, i) => ({ input: `What is ${i} + 1?`, expected: i + 1 })));
const TWICE = lines(...Array.from({ length: 30 }, () => ({ id: 'a', input: 'What is 1 + 1?', expected: 2 })));

it.each([
  ['without a budget', [...ARITHMETIC, ...SPACE], 'say how much, as in --budget calls=2000'],
  [
    'a budget of one call',
    [...ARITHMETIC, ...SPACE, '--budget', 'calls=1'],
    'compares nothing: the base and one composition need calls=',
  ],
  [
    'an output that --model would not know',
    [...ARITHMETIC, '--budget', 'calls=900', '--out', 'x.json'],
    'must end with .plusx.json',
  ],
  ['3 examples', ['few.jsonl', '-m', 'enumerable', '--metric', 'numeric', '--budget', 'calls=900'], 'has 3 items'],
  ['duplicate ids', ['twice.jsonl', '-m', 'enumerable', '--metric', 'numeric', '--budget', 'calls=900'], '"a"'],
  [
    'a misspelt technique',
    [...ARITHMETIC, '--space', 'maybe(reRaed)', '--budget', 'calls=900'],
    'Did you mean `reRead`?',
  ],
  ['nothing to choose', [...ARITHMETIC, '--space', 'demos(k=0)', '--budget', 'calls=900'], 'holds the base alone'],
  [
    'what no question may take',
    [...ARITHMETIC, ...SPACE, '--per-question', 'calls<=2', '--budget', 'calls=900'],
    'may take 3 calls a question, more than 2',
  ],
  ['a model without what it needs', [...ARITHMETIC, '--space', 'maybe(minP(p=0.1))', '--budget', 'calls=900'], 'minP'],
])('%s is one line with the way out, and nothing is asked', async (_, args, problem) => {
  await using here = await folder();
  await here.write('few.jsonl', FEW);
  await here.write('twice.jsonl', TWICE);
  const given = args.map((arg) => (/^\w+\.jsonl$/.test(arg) ? join(here.path, arg) : arg));
  const { code, err, out } = await inTerminal(['compile', ...given, '--store', join(here.path, 's.db'), '-q']);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(problem);
  expect(
    err
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('plusx:')),
  ).toHaveLength(1);
});

it('a worker that opens another model by the name of --reflect, or another space, leaves the search to others', async () => {
  const terminal = { out: fakeOutput(), err: fakeOutput(), env: {}, signal: new AbortController().signal };
  const space = 'maybe(reRead) + prompt("A.")';
  const spec = { opened: space, space, budget: { calls: 900 }, limit: 40 };
  const open = (more: Pick<SearchSpec, 'reflect' | 'names'>): Promise<OpenedSearch> =>
    openSearch({ ...spec, ...more }, { task: 'arithmetic', model: 'enumerable', seed: 1 }, terminal);
  await expect(open({ reflect: { model: 'enumerable', name: 'another' }, names: [] })).rejects.toThrow(
    'Here the model of --reflect is enumerable, and the run is of another. Use the same configuration and files.',
  );
  await expect(open({ reflect: { model: 'enumerable', name: 'enumerable' }, names: [] })).rejects.toThrow(
    /^Here the space of arithmetic has other compositions/,
  );
});
