import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionOf, type Json } from '../core/index.ts';
import { loadTask, type LoadTaskOptions } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(
  name: string,
  content: string | Uint8Array,
  options: LoadTaskOptions = {},
): Promise<readonly (readonly [id: string, question: string, expected: Json | undefined])[]> {
  await writeFile(join(folder, name), content);
  const { items } = await loadTask(join(folder, name), options);
  return items.map(({ id, request, expected }) => [id, questionOf(request.prompt), expected]);
}

describe('a file of questions', () => {
  it.each([
    ['q.csv', 'input,expected\nOne?,1\nTwo?,2\n'],
    ['bom.csv', '\uFEFFinput,expected\r\nOne?,1\r\n\r\nTwo?,2\r\n'],
    ['quotes.csv', 'input,expected\n"One?","1"\n"Two?",2'],
    ['semicolons.csv', 'input;expected\nOne?;1\nTwo?;2\n'],
    ['columns.csv', 'split,answer, question ,difficulty\ntest,1,One?,easy\ntest,2,Two?,hard\n'],
    ['q.tsv', 'input\texpected\nOne?\t1\nTwo?\t2\n'],
    ['Q.CSV', 'prompt,target\nOne?,1\nTwo?,2\n'],
    ['q.json', '[{"input": "One?", "expected": "1"}, {"input": "Two?", "expected": "2"}]'],
    ['problems.json', '[{"problem": "One?", "solution": "..", "answer": "1"}, {"problem": "Two?", "answer": "2"}]'],
    ['q.jsonl', '{"question": "One?", "answer": "1"}\n{"question": "Two?", "answer": "2"}\n'],
    ['q.csv.gz', gzipSync('input,expected\nOne?,1\nTwo?,2\n')],
  ])('may be %s', async (name, content) => {
    const items = await load(name, content);
    expect(items.map(([, question, expected]) => [question, expected])).toEqual([
      ['One?', '1'],
      ['Two?', '2'],
    ]);
  });

  it('has the line of its row as id, line breaks in fields counted, or the field that is named', async () => {
    const text = 'key,input,expected\na,"One\nor two?",1\nb,Three?,"3"\n';
    expect(await load('lines.csv', text)).toEqual([
      ['2', 'One\nor two?', '1'],
      ['4', 'Three?', '3'],
    ]);
    expect((await load('ids.csv', text, { mapping: { id: 'key' } })).map(([id]) => id)).toEqual(['a', 'b']);
  });

  it('is read by the mapping, whatever its fields are called', async () => {
    const mapping = { input: 'Frage', expected: 'input' };
    expect(await load('mapped.csv', 'Frage,input\nEins?,1\n', { mapping })).toEqual([['2', 'Eins?', '1']]);
    expect(await load('mapped.json', '[{"Frage": "Eins?", "input": 1}]', { mapping })).toEqual([['1', 'Eins?', 1]]);
  });

  it('holds JSON in its cells where the metric compares it', async () => {
    const [, cell] = (await load('json.csv', 'input,expected\nAll?,"[1, {""a"": 2}]"\n', { metric: 'json' }))[0] ?? [];
    expect(cell).toBe('All?');
    expect((await load('json2.csv', 'input,expected\nAll?,"[1, {""a"": 2}]"\n', { metric: 'json' }))[0]?.[2]).toEqual([
      1,
      { a: 2 },
    ]);
    await expect(load('json3.csv', 'input,expected\nAll?,[1\n', { metric: 'json' })).rejects.toThrow(
      'json3.csv:2: the expected answer is no JSON',
    );
  });

  const wrong: readonly (readonly [name: string, text: string, problem: string, options?: LoadTaskOptions])[] = [
    ['empty.csv', '', 'is empty. Its first row names the columns'],
    ['head.csv', 'input,expected\n', 'has no row under'],
    ['twice.csv', 'input,expected,input\na,b,c\n', ':1: names the column "input" twice'],
    ['short.csv', 'input,expected\nOne?,1\nTwo?\n', ':3: is no table: Invalid Record Length'],
    ['quote.csv', 'input,expected\n"One?,1\n', ':2: is no table: Quote Not Closed'],
    ['none.csv', 'a,b\n1,2\n', ':2: has no field for the question: it has a, b. Name it "input"'],
    ['noanswer.csv', 'question,b\n1,2\n', 'has no field for the expected answer'],
    ['blank.csv', 'question,answer\nOne?,1\nTwo?,\n', ':3: the field "answer" is missing'],
    ['unasked.csv', 'question,answer\n ,1\n', ':2: the question is empty'],
    ['both.csv', 'question,prompt,answer\na,b,c\n', 'has question and prompt. Say which is the question'],
    [
      'near.csv',
      'question,answer\na,b\n',
      'has no field "anser". Did you mean `answer`? It has question, answer.',
      { mapping: { expected: 'anser' } },
    ],
    ['object.json', '{"input": 1}', 'is no JSON list'],
    ['list.json', '[1]', ':1: is no JSON object'],
    ['emptylist.json', '[]', 'is empty'],
    ['lines.json', '{"input": "a"}\n{"input": "b"}', 'A file of one object a line ends in .jsonl'],
  ];
  it.each(wrong.map(([name, text, problem, options]) => ({ name, text, problem, options })))(
    '$name is refused: $text',
    async ({ name, text, problem, options }) => {
      await expect(load(name, text, options)).rejects.toThrow(problem);
    },
  );

  it('of a known set has known fields', async () => {
    await writeFile(join(folder, 'g.jsonl'), '{"question": "a", "answer": "#### 1"}');
    await expect(loadTask(`gsm8k:${join(folder, 'g.jsonl')}`, { mapping: { input: 'x' } })).rejects.toThrow(
      'mapping.input cannot be chosen',
    );
    await expect(loadTask('arithmetic', { mapping: { id: 'x' } })).rejects.toThrow('mapping.id cannot be chosen');
  });
});
