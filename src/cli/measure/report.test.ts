import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder } from '../test-support/folder.ts';
import { inTerminal } from '../test-support/in-process.ts';

it.each([
  ['eval', ['-p', 'selfConsistency(n=3)']],
  ['compare', ['-p', 'selfConsistency(n=3)']],
  ['curve', ['-p', 'selfConsistency', '--over', 'n=1,3']],
  ['diagnose', ['--budget', 'calls=120']],
] as const)('%s writes its report by the ending of the file', async (verb, more) => {
  await using here = await folder();
  const args = [verb, 'arithmetic', '-m', 'enumerable', '--limit', '8', '--quiet', ...more];
  const written: { [ending: string]: string } = {};
  for (const ending of ['html', 'md', 'csv', 'json']) {
    const file = join(here.path, `report.${ending}`);
    const ended = await inTerminal([...args, '--report', file]);
    expect([ending, ended.code, ended.err]).toEqual([ending, 0, '']);
    written[ending] = await readFile(file, 'utf8');
  }
  expect(written['html']).toMatch(/^<!doctype html>.*<img alt="|^<!doctype html>.*<table/s);
  expect(written['md']).toMatch(/^# .*\n\n.*\n\n- /);
  expect(written['csv']?.split('\r\n').length).toBeGreaterThan(2);
  expect(JSON.parse(written['json'] ?? '')).toMatchObject({ task: 'arithmetic' });
  const refused = await inTerminal([...args, '--report', 'report.pdf']);
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.err).toContain('must end in .html, .md, .csv or .json');
});
