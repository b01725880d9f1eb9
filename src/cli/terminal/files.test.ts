import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder } from '../test-support/folder.ts';
import { outputFile } from './files.ts';

it('writes in the place of what was there, and only when there is something', async () => {
  await using here = await folder();
  const path = await here.write('a.json', 'old and long');
  {
    await using file = await outputFile(path);
    expect(await readFile(path, 'utf8')).toBe('old and long');
    await file?.write('new');
    await file?.write('newer');
  }
  expect(await readFile(path, 'utf8')).toBe('newer');
});

it('adds in order, makes the folder, and is for its owner', async () => {
  await using here = await folder();
  const path = join(here.path, 'deep/er/a.jsonl');
  {
    await using file = await outputFile(path);
    await Promise.all(['1', '2', '3'].map(async (text) => file?.add(text)));
  }
  expect(await readFile(path, 'utf8')).toBe('123');
  expect((await stat(path)).mode & 0o077).toBe(0);
});

it('leaves no file where nothing was written, and names what cannot be written', async () => {
  await using here = await folder();
  {
    await using file = await outputFile(join(here.path, 'none.json'));
    expect(file).toBeDefined();
  }
  expect(await readdir(here.path)).toEqual([]);
  expect(await outputFile(undefined)).toBeUndefined();
  const inFile = join(await here.write('file', ''), 'x.json');
  await expect(outputFile(inFile)).rejects.toThrow(/ENOTDIR|EEXIST/);
  await expect(outputFile(here.path)).rejects.toThrow('EISDIR');
});
