/** A seeded bug changes a text of the sources: each text is there, once, so that code that moves takes its bugs with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededBugs } from './test-support/seeded-bugs.ts';

it('every seeded bug finds the text that it changes once', async () => {
  const lost = (await seededBugs()).flatMap(({ technique, bug, file, from, to }) => {
    const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    return source.split(from).length === 2 && from !== to ? [] : [`${technique ?? 'core'}, ${bug}: ${file}`];
  });
  expect(lost).toEqual([]);
});
