/**
 * Whatever the text, twice of it costs about twice as much. What is compared is processor time of the same machine and the
 * same run; a reader that looks back over what it has read takes four times as long and more.
 */
import { expect, it } from 'vitest';
import { DataError } from '../../core/index.ts';
import { htmlSections } from './html.ts';
import { markdownSections } from './markdown.ts';
import { paragraphs, pieces } from './pieces.ts';
import type { Section } from './sections.ts';

const readers: { readonly [name: string]: (text: string) => readonly Section[] } = {
  HTML: (text) => htmlSections(text),
  Markdown: (text) => markdownSections(text, 'a.md'),
  text: (text) => [{ blocks: paragraphs(text, 'prose') }],
  code: (text) => [{ blocks: paragraphs(text, 'lines') }],
};
const forms: { readonly [name: string]: (n: number) => string } = {
  'nested divisions': (n) => '<div>'.repeat(n),
  'end tags of nothing': (n) => '<div>'.repeat(n) + '</span>'.repeat(n),
  'items in open formatting': (n) => '<b>'.repeat(n) + '<li></li>'.repeat(n),
  'items in open spans': (n) => `<ul>${'<span>'.repeat(n)}${'<li></li>'.repeat(n)}`,
  'hidden formatting left open': (n) => '<div><b hidden></div>'.repeat(n) + '</b>'.repeat(n),
  'nested tables': (n) => '<table><tr><td>'.repeat(n),
  'cells that span': (n) => `<table>${'<tr><td rowspan=999 colspan=999>'.repeat(n / 10)}`,
  drawings: (n) => '<svg><p>'.repeat(n),
  'comments that never end': (n) => `x ${'<!--'.repeat(n)}`,
  'tags that never end': (n) => '<a '.repeat(n),
  'values that never end': (n) => '<a b="'.repeat(n),
  'values of both quotes': (n) => `<a b="'<a b='"`.repeat(n),
  scripts: (n) => '<script>'.repeat(n),
  attributes: (n) => `<a${' x=1'.repeat(n)}>`,
  entities: (n) => '&amp'.repeat(n),
  backticks: (n) => '``a`'.repeat(n),
  fences: (n) => '~~~\n```\n'.repeat(n),
  quotes: (n) => '> '.repeat(n),
  brackets: (n) => '['.repeat(n),
  stars: (n) => '*a '.repeat(n),
  hashes: (n) => `# ${'#'.repeat(n)}x`,
  'tables of text': (n) => `|a|b|\n|-|-|\n${'|1|2|\n'.repeat(n)}`,
  notes: (n) => '[a]: # (x\n'.repeat(n),
  'one word': (n) => 'a'.repeat(n),
  lines: (n) => 'a\n'.repeat(n),
  paragraphs: (n) => 'a\n\n'.repeat(n),
  'empty lines': (n) => `a${'\n'.repeat(n)}b`,
  spaces: (n) => `a${' '.repeat(n)}b`,
};
const N = 30_000;

function seconds(work: () => unknown): number {
  const start = process.cpuUsage();
  try {
    work();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

it.each(Object.keys(readers).flatMap((reader) => Object.keys(forms).map((form) => [reader, form] as const)))(
  '%s: %s',
  (reader, form) => {
    const read = (n: number): unknown =>
      readers[reader]?.(forms[form]?.(n) ?? '').map(({ blocks }) => pieces(blocks, 1200));
    const ratios: number[] = [];
    // A tenth of a second is noise. What is quadratic takes seconds here, and each time.
    for (let tries = 0; tries < 4; tries++) {
      const once = seconds(() => read(N));
      ratios.push((seconds(() => read(2 * N)) + 0.1) / (once + 0.1));
      if ((ratios.at(-1) ?? 0) < 3) break;
    }
    expect(Math.min(...ratios)).toBeLessThan(3);
  },
  60_000,
);
