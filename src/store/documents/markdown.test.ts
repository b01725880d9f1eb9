import { expect, it } from 'vitest';
import { markdownSections } from './markdown.ts';
import { pieces } from './pieces.ts';

const read = (markdown: string) =>
  markdownSections(markdown, 'a.md').map(({ heading, blocks }) => [heading ?? null, pieces(blocks, 10_000).join('\n')]);
const seen = (markdown: string): string =>
  read(markdown)
    .map(([, text]) => text)
    .join('\n====\n');

it.each([
  ['# A\n\nx', [['A', 'x']]],
  ['# A #\nx', [['A', 'x']]],
  ['# C#\n\nx', [['C#', 'x']]],
  ['#A\n\nx', [[null, '#A\n\nx']]],
  [
    'A\n===\nx\n\nB\nb\n---\n\ny',
    [
      ['A', 'x'],
      ['A > B b', 'y'],
    ],
  ],
  [
    '# A\n### B\nx\n## C\ny',
    [
      ['A > B', 'x'],
      ['A > C', 'y'],
    ],
  ],
  [
    '# A\n\n# B\n\n## C\n',
    [
      [null, 'A'],
      ['B', 'C'],
    ],
  ],
  ['- a\n---\nb', [[null, '- a\n\nb']]],
  ['x\n\n---\n\ny\n\n* * *\n', [[null, 'x\n\ny']]],
  ['```sh\n# no heading\n```', [[null, '```sh\n# no heading\n```']]],
  [
    '- x\n\n  ```\n  # no heading\n  ```\n\n# B\ny',
    [
      [null, '- x\n\n  ```\n  # no heading\n  ```'],
      ['B', 'y'],
    ],
  ],
  [
    '~~~~\n```\n# no\n~~~\n~~~~\n# B\ny',
    [
      [null, '~~~~\n```\n# no\n~~~\n~~~~'],
      ['B', 'y'],
    ],
  ],
  ['x\n```\n# no', [[null, 'x\n\n```\n# no\n```']]],
  ['    # code\n\n    more', [[null, '    # code\n\n    more']]],
  ['<h2 align="center">A</h2>\n\nx', [['A', 'x']]],
])('finds the headings of %j', (markdown, sections) => expect(read(markdown)).toEqual(sections));

it.each([
  ['---\ntitle: T\nauthor: no\n---\n\na'],
  ['---\r\ntitle: T\r\nno: 1\r\n---\r\na'.replaceAll('\r\n', '\n')],
  ['+++\ntitle = "T"\n+++\na'],
  ['---\n# no\nno: 1\n...\na'],
  ['---\n---\na'],
  ['a <!-- no -->'],
  ['<!-- no\n\n# no\n\nno -->\na'],
  ['a\n\n<!-- no'],
  ['<!-- no --> a'],
  ['[//]: # (no)\n\na'],
  ['[//]: # "no\nno"\na'],
  ['[comment]: <> (no)\n\na'],
  ['<div hidden>\n\nno\n\n```\n</div>\n```\n\n</div>\n\na'],
  ['<div style="display:none">no</div>\n\na'],
  ['<div\n  style="display: none">no</div>\n\na'],
  ['<p hidden>\nno\n</p>\n\na'],
  ['<p hidden>no\n\na'],
  ['a <span hidden>no</span>'],
  ['<span title="no">a</span>'],
  ['<x-no attribute="no">a</x-no>'],
  ['<ignore the="no">a'],
  ['<script>\nno\n\nno\n</script>\n\na'],
  ['<style>no</style>a'],
  ['<br>a<br/>'],
])('does not show what its reader does not see: %j', (markdown) => expect(seen(markdown).trim()).toBe('a'));

it.each([
  'a `<div hidden>` b',
  'a ``<!-- ` -->`` b',
  '    <div hidden>',
  '```html\n<!-- shown -->\n<div hidden>\n```',
  'Array<string> and Map<K>',
  '<https://example.org/a?b=c> and <me@example.org>',
  '1 < 2 and 3 > 2',
  'a \\<b> c',
  'a <!-- not ended',
  '---\n\nText between two rules.\n\nb'.slice(5),
  '| a | b |\n|---|---|\n| 1 | 2 |',
  '* one\n  * two\n    * three',
  '> quoted\n> more',
  '$x_i <y$',
])('keeps what it sees: %j', (markdown) => expect(seen(markdown)).toBe(markdown));

it('takes the title from the front matter', () => {
  expect(markdownSections('---\ntitle: "Leave rules"\n---\na', 'a.md')[0]?.title).toBe('Leave rules');
  expect(markdownSections('---\n\nNot about the file.\n\n---\n\na', 'a.md')[0]?.title).toBeUndefined();
  expect(seen('---\n\nNot about the file.\n\n---\n\na')).toContain('Not about the file.');
});

it('refuses tags by the hundred that never end', () => {
  expect(() => markdownSections(`x ${`<a b='"<a b='<a b="`.repeat(40)}>`, 'a.md')).toThrow('a.md: more than 64 tags');
});
