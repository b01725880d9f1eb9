import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

const verb = (name: string, ...more: readonly string[]): string[] =>
  [name, 'arithmetic', '-m', 'enumerable', '--limit', '8', '--quiet'].concat(more);

it.each([
  verb('eval', '-p', 'selfConsistency(n=3)'),
  verb('compare', '-p', 'selfConsistency(n=3)'),
  verb('curve', '-p', 'selfConsistency', '--over', 'n=1,3'),
  verb('diagnose', '--budget', 'calls=120'),
])('%s writes a page', async (...args) => {
  await using here = await folder();
  const file = join(here.path, 'report.html');
  expect(await inTerminal([...args, '--report', file])).toMatchObject({ code: 0, err: '' });
  expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>.*<h1>.*<table>/s);
});

it('writes what the ending of the file says', async () => {
  await using here = await folder();
  const written: { [ending: string]: string } = {};
  for (const ending of ['md', 'csv', 'json']) {
    const file = join(here.path, `report.${ending}`);
    await inTerminal([...verb('compare', '-p', 'selfConsistency(n=3)'), '--report', file]);
    written[ending] = await readFile(file, 'utf8');
  }
  expect(written['md']).toMatch(/^# .*\n\n.*\n\n- /);
  expect(written['csv']?.split('\r\n').length).toBe(4); // the head, two models, and the end of the last line
  expect(JSON.parse(written['json'] ?? '')).toMatchObject({ task: 'arithmetic' });
  const refused = await inTerminal([...verb('eval'), '--report', 'report.pdf']);
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.err).toContain('must end in .html, .md, .csv or .json');
});
