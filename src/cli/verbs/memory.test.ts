import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
    expect(asked).toMatchObject({ facts: { pages: [expect.stringMatching(/^sea\.md:[0-9a-f]{12}#1$/)] } });
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

  it('removes what is named or nothing, and says what else of the file may quote it', async () => {
    const file = ['--memory', at('quoted.db')];
    const add = async (text: string): Promise<string> =>
      (json(await plusx(['memory', 'add', text, ...file, '--json'])) as { id: string }).id;
    const one = await add('CANARY one');
    const two = await add('CANARY two');
    expect((await plusx(['memory', 'remove', one, 'nope', ...file])).code).toBe(2);
    expect((await plusx(['memory', 'list', ...file])).out).toContain('CANARY one');
    const first = await plusx(['memory', 'remove', one, ...file]);
    expect(first.out).toBe(
      `1 note removed. Nothing of it is left among the notes of ${at('quoted.db')}, in their index or in the log.\n`,
    );
    await plusx(['ask', 'q', '-m', 'enumerable', '--store', at('quoted.db')]);
    const second = await plusx(['memory', 'remove', two, ...file]);
    expect(second.out).toContain('The file also has 1 recorded call, which may quote what was removed.');
    expect(second.out).toContain('--recorded');
    expect((await plusx(['memory', 'remove', '--all', ...file])).out).toBe('There was no note to remove.\n');
    await plusx(['memory', 'remove', '--recorded', ...file]);
    expect((await plusx(['memory', 'remove', '--all', ...file])).out).toBe('There was no note to remove.\n');
    const again = json(await plusx(['ask', 'q', '-m', 'enumerable', '--store', at('quoted.db'), '--json']));
    expect(again).toMatchObject({ usage: { replays: 0 } });
  }, 60_000);

  it.skipIf(process.platform === 'win32')(
    'keeps its file and its folder for the owner',
    async () => {
      const cwd = mkdtempSync(join(folder, 'private-'));
      await plusx(['memory', 'add', 'x'], { cwd });
      await plusx(['eval', 'arithmetic', '-m', 'enumerable', '--limit', '1', '--run', 'r', '-q'], { cwd });
      for (const [name, mode] of [
        ['', 0o700],
        ['memory.db', 0o600],
        ['store.db', 0o600],
      ] as const)
        expect([name, statSync(join(cwd, '.plusx', name)).mode & 0o777]).toEqual([name, mode]);
    },
    60_000,
  );

  it('indexes notes anew that another version indexed', async () => {
    const file = ['--memory', at('older.db')];
    await plusx(['memory', 'add', 'How old is the moon?', ...file]);
    const older = new DatabaseSync(at('older.db'));
    older.exec("UPDATE notes SET embedder = 'ngrams-3-5-256'");
    older.close();
    expect((await plusx(['memory', 'search', 'moon', ...file])).err).toContain('plusx memory reindex');
    expect((await plusx(['memory', 'reindex', ...file])).out).toBe('1 note indexed anew.\n');
    expect((await plusx(['memory', 'search', 'moon', ...file])).out).toContain('How old');
  }, 60_000);

  it('says what is wrong in one line', async () => {
    const file = ['--memory', at('wrong.db')];
    for (const [args, message] of [
      [['memory', 'remove', ...file], 'or say --all'],
      [['memory', 'remove', 'x', '--all', ...file], 'or say --all'],
      [['memory', 'list', '--namespace', 'a@b', ...file], 'without @ and #'],
      [['memory', 'add', ' ', ...file], 'The note is empty'],
      [['memory', 'index', at('nothing.md'), ...file], 'no such file'],
      [['memory', 'remove', 'nope', ...file], 'There is no note nope in default, so nothing was removed.'],
    ] as const) {
      const { code, err } = await plusx(args);
      expect([code === 0, err.trim().split('\n').length]).toEqual([false, 1]);
      expect(err).toContain(message);
    }
  }, 60_000);
});
