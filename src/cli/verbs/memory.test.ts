import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, plusx } from '../test-support/plusx.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-cli-memory-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

describe.concurrent('plusx memory', () => {
  it('adds, lists, finds and removes notes, each user’s apart', async () => {
    const file = ['--memory', at('notes.db')];
    const added = json(
      await plusx([
        'memory',
        'add',
        'similar to < quick >?',
        '--feedback',
        'a synonym',
        '--user',
        'mia',
        ...file,
        '--json',
      ]),
    ) as { id: string; namespace: string };
    expect(added.namespace).toBe('mia@default');
    await plusx(['memory', 'add', 'How old is the moon?', '--answer', '4.5 billion years', ...file]);
    expect(json(await plusx(['memory', 'list', '--user', 'mia', ...file, '--json']))).toEqual({
      namespace: 'mia@default',
      notes: [{ id: added.id, text: 'similar to < quick >?', data: { feedback: 'a synonym' } }],
      namespaces: ['default', 'mia@default'],
    });
    const found = await plusx(['memory', 'search', 'moon', ...file, '--limit', '1']);
    expect(found.out).toContain('How old is the moon?\n  answer: 4.5 billion years');
    expect((await plusx(['memory', 'search', 'moon', '--user', 'leo', ...file])).err).toContain(
      'Nothing in leo@default',
    );
    const removed = json(await plusx(['memory', 'remove', '--all', '--user', 'mia', ...file, '--json']));
    expect(removed).toEqual({ namespaces: ['mia@default'], removed: 1 });
    expect(readFileSync(at('notes.db'), 'latin1')).not.toMatch(/quick|synonym|mia/);
    expect((await plusx(['memory', 'list', ...file])).out).toContain('How old is the moon?');
  }, 60_000);

  it('indexes documents, and ask answers from them and names the sources', async () => {
    writeFileSync(at('sea.md'), '# Depth\n\nThe sea is 4 km deep.\n\n# Salt\n\nIt is salty.\n');
    const file = ['--memory', at('docs.db')];
    const indexed = json(await plusx(['memory', 'index', at('sea.md'), '--namespace', 'docs', ...file, '--json']));
    expect(indexed).toEqual({ namespace: 'docs', files: [at('sea.md')], pieces: 2 });
    const ask = ['ask', 'What is the deep sea?', '-m', 'enumerable', '-p', 'rag(namespace="docs", k=1)', ...file];
    const asked = json(await plusx([...ask, '--json']));
    expect(asked).toMatchObject({ facts: { pages: [`${at('sea.md')}#1`] } });
    expect(asked).toMatchObject({ sources: [{ type: 'source', filename: at('sea.md') }] });
    expect((await plusx(ask)).err).toMatch(/\[1\] .*sea\.md, Depth\n/);
    expect(json(await plusx([...ask, '--json', '--user', 'mia']))).not.toHaveProperty('sources');
    const help = await plusx(['memory', 'index', '--help']);
    expect(help.out).toContain('Markdown');
  }, 60_000);

  it('remembers for ask and for eval', async () => {
    const file = ['--memory', at('asked.db')];
    await plusx(['memory', 'add', 'What is 17 * 24?', '--feedback', 'in base ten', '--user', 'mia', ...file]);
    const ask = ['ask', 'What is 17 * 24?', '-m', 'enumerable', '-p', 'memPrompt', ...file, '--json'];
    const facts = async (...more: string[]): Promise<unknown> =>
      (json(await plusx([...ask, ...more])) as { facts: unknown }).facts;
    expect(await facts('--user', 'mia')).toEqual({ notes: ['in base ten'], corrections: 0 });
    expect(await facts()).toEqual({ notes: [], corrections: 0 });
    const evaluated = await plusx([
      'eval',
      'arithmetic',
      '-m',
      'enumerable',
      '-p',
      'memPrompt',
      '--limit',
      '2',
      ...file,
      '-q',
    ]);
    expect([evaluated.code, evaluated.err]).toEqual([0, '']);
    const without = await plusx(['ask', 'q', '-m', 'enumerable', '-p', 'memPrompt']);
    expect(without.code).toBe(2);
    expect(without.err).toContain('--memory');
  }, 60_000);

  it('says what is wrong in one line', async () => {
    const file = ['--memory', at('wrong.db')];
    for (const [args, message] of [
      [['memory', 'remove', ...file], 'or say --all'],
      [['memory', 'remove', 'x', '--all', ...file], 'or say --all'],
      [['memory', 'list', '--namespace', 'a@b', ...file], 'without @ and #'],
      [['memory', 'add', ' ', ...file], 'The note is empty'],
      [['memory', 'index', at('nothing.md'), ...file], 'no such file'],
    ] as const) {
      const { code, err } = await plusx(args);
      expect([code === 0, err.trim().split('\n').length]).toEqual([false, 1]);
      expect(err).toContain(message);
    }
  }, 60_000);
});
