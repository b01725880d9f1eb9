/** What every technique of the catalogue owes its readers, and that its costs can be computed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { techniques } from './catalog.ts';
import type { Field } from './core/index.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const pageOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

it('has every name once', () => {
  const names = techniques.map(({ definition }) => definition.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(60);
});

describe.each(techniques.map(({ definition }) => definition))('$name', ({ name, paper, summary, calls, rounds }) => {
  it('has a page with a picture, and stands in the README', () => {
    const page = readFileSync(join(ROOT, 'docs/techniques', `${pageOf(name)}.md`), 'utf8');
    expect(page).toContain(`(../pictures/techniques/${pageOf(name)}.svg)`);
    expect(existsSync(join(ROOT, 'docs/pictures/techniques', `${pageOf(name)}.svg`))).toBe(true);
    expect(README).toContain(`\`${name}\``);
  });

  it('has a page that says what it does to the distribution, when it helps and when it hurts, with figures of ours', () => {
    const page = readFileSync(join(ROOT, 'docs/techniques', `${pageOf(name)}.md`), 'utf8');
    expect(page).toContain("P'");
    const [, helps = '', hurts = ''] =
      /\*\*When it helps\.\*\*([\s\S]*)\*\*When it hurts\.\*\*([\s\S]*)/.exec(page) ?? [];
    for (const part of [helps, hurts]) expect(part).toMatch(/\d/);
    expect(page).toMatch(/scripts\/measure\/[\w-]+\.ts|benchmarks\/\w+\.ts|\.\.\/measurements\//);
    for (const [, link = ''] of page.matchAll(/\]\(((?:\.\.\/)?[\w./-]+\.(?:md|svg))[^)]*\)/g))
      expect([link, existsSync(join(ROOT, 'docs/techniques', link))]).toEqual([link, true]);
  });

  it('names its source and its cost', () => {
    expect(paper).toMatch(/\d{4}|^a mixture distribution$/);
    expect(summary.length).toBeGreaterThan(10);
    for (const cost of [calls, rounds]) expect(cost).toMatch(/^[\w\s+*/(),.?:="'-]+$/);
  });
});

it('has the defaults and the limits of options on record: another default makes another model of the same formula', async () => {
  const lines = techniques.flatMap(({ definition: { name, options } }) =>
    Object.entries<Field<unknown>>(options).map(([option, { kind, presence, values, min, max, ...field }]) => {
      const told = [
        presence === 'defaulted' ? `default ${JSON.stringify(field.default)}` : presence,
        ...(min === undefined ? [] : [`from ${min}`]),
        ...(max === undefined ? [] : [`to ${max}`]),
        ...(values === undefined ? [] : [values.join(' | ')]),
      ];
      return `${name}.${option}: ${kind}, ${told.join(', ')}`;
    }),
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../etc/options.txt');
});
