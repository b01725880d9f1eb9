/**
 * Files of other programs, by those programs: they read what is exported to them, and what they write of a run against `plusx serve` is
 * read here. Each is looked for on the PATH (`inspect`, `promptfoo`, `lm_eval`), and where it is not, its part is skipped.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromForeign, fromForeignLines } from '../../evaluate/index.ts';
import { folder, lines, type Folder } from '../test-support/folder.ts';
import { plusx, startServer } from '../test-support/plusx.ts';

const run = promisify(execFile);
const LONG = 240_000;
type Fields = { readonly [field: string]: unknown };

/** Whether a program is there, and a word about it where it is not. */
function isThere(program: string): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((at) => existsSync(join(at, program)));
  if (!found) console.warn(`skipped, there is no ${program} on the PATH`);
  return found;
}

const [inspect, promptfoo, lmEval] = [isThere('inspect'), isThere('promptfoo'), isThere('lm_eval')];

describe.skipIf(!inspect && !promptfoo && !lmEval)('files of other programs', () => {
  let here: Folder;
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    here = await folder();
    server = await startServer(here.path);
    await here.write('t.jsonl', lines(...SUMS));
    const asked = [
      'eval',
      't.jsonl',
      '-m',
      'enumerable',
      '--metric',
      'numeric',
      '--repeats',
      '2',
      '--run',
      'ours',
      '-q',
    ];
    const { code, err } = await plusx(asked, { cwd: here.path });
    if (code !== 0) throw new Error(err);
  }, LONG);
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
    await here[Symbol.asyncDispose]();
  });

  const other = (program: string, ...args: string[]) =>
    run(program, args, {
      cwd: here.path,
      timeout: LONG,
      maxBuffer: 2 ** 26,
      env: {
        ...process.env,
        ...OFFLINE,
        LOCAL_API_KEY: 'none',
        LOCAL_BASE_URL: server.url,
        PROMPTFOO_CONFIG_DIR: here.path,
      },
    });
  const exported = async (format: string, file: string): Promise<string> => {
    const made = ['runs', 'export', 'ours', '--format', format, '--out', file];
    expect(await plusx(made, { cwd: here.path })).toMatchObject({ code: 0 });
    return readFile(join(here.path, file), 'utf8');
  };
  const fileIn = async (at: string, like: RegExp): Promise<string> => {
    const all = await readdir(join(here.path, at), { recursive: true });
    return join(here.path, at, all.find((name) => like.test(name)) ?? `nothing like ${like} in ${all.join(', ')}`);
  };
  const documentIn = async (file: string): Promise<Fields> => JSON.parse(await readFile(file, 'utf8')) as Fields;
  const compared = (one: string, two: string) =>
    plusx(['compare', '--runs', `${one},${two}`, '--json'], { cwd: here.path });

  it.skipIf(!inspect)(
    'Inspect reads our log, and its own log of a run is read',
    async () => {
      const log = fromForeign(JSON.parse(await exported('inspect', 'ours.json')), 'ours.json');
      const { stdout } = await other('inspect', 'log', 'dump', 'ours.json');
      const dumped = fromForeign(JSON.parse(stdout), 'dumped.json');
      expect(dumped).toEqual(log);
      expect(dumped?.results.map(({ id, replies }) => [id, replies.length])).toEqual(SUMS.map(({ id }) => [id, 2]));

      await here.write('task.py', INSPECT_TASK);
      const model = [
        '--model',
        'openai-api/local/plusx:tiny',
        '--epochs',
        '2',
        '--max-tokens',
        '20',
        '--display',
        'none',
      ];
      await other('inspect', 'eval', 'task.py', ...model, '--log-format', 'json', '--log-dir', 'logs');
      const file = await fileIn('logs', /\.json$/);
      const theirs = fromForeign(await documentIn(file), file);
      expect(theirs).toMatchObject({ task: 'sums', formula: 'openai-api/local/plusx:tiny', metric: 'includes' });
      expect(theirs?.results.map(({ id, question, grade, replies }) => [id, question, grade, replies.length])).toEqual([
        ['a', ASKED[0], 1, 2],
        ['b', ASKED[1], 0, 2],
      ]);
      expect(theirs?.results[0]?.usage).toMatchObject({ calls: 2, inputTokens: expect.any(Number), usd: undefined });
      expect(JSON.parse((await compared('ours', file)).out)).toMatchObject({ pairs: [{ items: 2 }] });

      await other('inspect', 'log', 'convert', file, '--to', 'eval', '--output-dir', 'packed');
      const packed = await compared('ours', await fileIn('packed', /\.eval$/));
      expect([packed.code, packed.err]).toEqual([2, expect.stringContaining('inspect log convert')]);
    },
    LONG,
  );

  it.skipIf(!promptfoo)(
    'promptfoo imports our output, and its own outputs of a run are read, one document or lines',
    async () => {
      const output = fromForeign(JSON.parse(await exported('promptfoo', 'ours.json')), 'ours.json');
      await other('promptfoo', 'import', 'ours.json');
      await other('promptfoo', 'export', 'eval', 'latest', '-o', 'back.json');
      const back = fromForeign(await documentIn(join(here.path, 'back.json')), 'ours.json');
      const told = (of: typeof back) =>
        of?.results.map(({ id, question, grade, expected, replies }) => [
          id,
          question,
          grade,
          expected,
          replies.length,
        ]);
      expect(told(back)).toEqual(told(output));
      expect(back).toMatchObject({ formula: 'enumerable', metric: 'numeric', task: 't.jsonl' });

      await here.write('config.json', JSON.stringify(promptfooConfig(server.url)));
      const files = [
        '-o',
        'theirs.json',
        '-o',
        'theirs.jsonl',
        '--repeat',
        '2',
        '--no-cache',
        '--no-progress-bar',
        '--no-table',
      ];
      // It ends with 100 where an assertion failed, as one does here.
      const ended = await other('promptfoo', 'eval', '-c', 'config.json', ...files).then(
        () => 0,
        (error: { readonly code?: unknown }) => error.code,
      );
      expect(ended).toBe(100);
      const document = fromForeign(await documentIn(join(here.path, 'theirs.json')), 'theirs');
      const said = document?.results.map(({ id, question, grade, expected, replies }) => [
        id,
        question,
        grade,
        expected,
        replies.length,
      ]);
      expect(said).toEqual([
        ['0', ASKED[0], 1, 'A', 2],
        ['1', ASKED[1], 0, 'zzz9', 2],
      ]);
      const rows = (await readFile(join(here.path, 'theirs.jsonl'), 'utf8')).trim().split('\n');
      expect(
        fromForeignLines(
          rows.map((row) => JSON.parse(row) as Fields),
          'theirs',
        ),
      ).toEqual(document);
    },
    LONG,
  );

  it.skipIf(!lmEval)(
    'lm-eval: our lines have the form of its own, and those of a run are read',
    async () => {
      await here.write('sums.yaml', lmEvalTask(join(here.path, 'asked.jsonl')));
      await here.write('asked.jsonl', lines(...ASKED.map((question, i) => ({ id: 'ab'[i], question, is: 'Answer' }))));
      const model = `model=plusx:tiny,base_url=${server.url}/chat/completions,num_concurrent=1,max_retries=1`;
      const how = ['--tasks', 'sums', '--include_path', here.path, '--apply_chat_template', '--log_samples'];
      await other(
        'lm_eval',
        '--model',
        'local-chat-completions',
        '--model_args',
        model,
        ...how,
        '--output_path',
        'out',
      );
      const file = await fileIn('out', /samples_.*\.jsonl$/);
      const rows = (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row) as Fields);
      const theirs = fromForeignLines(rows, file);
      expect(theirs?.task).toBe('sums');
      expect(theirs?.formula).toMatch(/ \| words$/);
      expect(theirs?.results.map(({ id, question }) => [id, question])).toEqual(
        ['a', 'b', 'a', 'b'].map((id) => [id, ASKED['ab'.indexOf(id)]]),
      );
      const grades = rows.map((row) => row['exact_match']);
      expect(theirs?.results.map(({ grade }) => grade)).toEqual(grades);
      expect(new Set(grades)).toEqual(new Set([0, 1])); // one filter leaves a word, the other all

      const [own] = (await exported('lm-eval', 'samples_ours.jsonl')).split('\n');
      const [ours, one] = [JSON.parse(own ?? '') as Fields, rows[0] as Fields];
      for (const field of [
        'doc_id',
        'doc',
        'target',
        'arguments',
        'resps',
        'filtered_resps',
        'filter',
        'metrics',
        'exact_match',
      ])
        expect([field, shapeOf(ours[field])]).toEqual([field, shapeOf(one[field])]);
      const sums = await compared('ours', await fileIn('out', /results_.*\.json$/));
      expect(sums.err).toContain('Take the file of samples beside it');
    },
    LONG,
  );
});

const SUMS = [
  { id: 'a', input: 'What is 2 + 2?', expected: '4' },
  { id: 'b', input: 'What is 3 + 4?', expected: '7' },
];

/** What is asked of `plusx:tiny`, which begins every answer with a word: so one item can be got right, and the other cannot. */
const ASKED = ['What is 2 plus 3?', 'What is 4 plus 3?'] as const;

const OFFLINE = {
  HF_HUB_OFFLINE: '1',
  HF_DATASETS_OFFLINE: '1',
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
};

const INSPECT_TASK = `
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate

@task
def sums():
    samples = [Sample(id="a", input="${ASKED[0]}", target="a"), Sample(id="b", input="${ASKED[1]}", target=["zzz9", "zzz8"])]
    return Task(dataset=samples, solver=generate(), scorer=includes())
`;

const promptfooConfig = (url: string): object => ({
  prompts: ['What is {{a}} plus {{b}}?'],
  providers: [{ id: 'openai:chat:plusx:tiny', config: { apiBaseUrl: url, apiKey: 'none', max_tokens: 20 } }],
  tests: [
    { vars: { a: 2, b: 3 }, assert: [{ type: 'icontains', value: 'A' }] },
    { vars: { a: 4, b: 3 }, assert: [{ type: 'contains', value: 'zzz9', metric: 'right' }] },
  ],
});

const lmEvalTask = (file: string): string => `
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: ${JSON.stringify(file)}}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{is}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 20}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
filter_list:
  - name: words
    filter: [{function: regex, regex_pattern: "(\\\\w+)"}, {function: take_first}]
  - name: all
    filter: [{function: take_first}]
metadata: {version: 1}
`;

/** The kind of a value, and of the first one in it. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return 'gen_args_0' in value ? Object.keys(value.gen_args_0 as object) : 'object';
}
