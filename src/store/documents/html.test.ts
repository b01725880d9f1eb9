import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlSections } from './html.ts';
import { pieces } from './pieces.ts';
import type { Section } from './sections.ts';

const textOf = (sections: readonly Section[]): string =>
  sections.flatMap(({ blocks }) => pieces(blocks, 10_000)).join('\n====\n');
const seen = (html: string): string => textOf(htmlSections(html));

describe('what the reader of a page does not see is not read', () => {
  it.each([
    '<p hidden>no</p>',
    '<p hidden="until-found">no</p>',
    '<P HIDDEN>no</P>',
    '<div hidden><p>no</p><ul><li>no</ul></div>',
    '<p style="display:none">no</p>',
    '<p style="color: red; DISPLAY : None !important">no</p>',
    "<p style='display:/* */none'>no</p>",
    '<p style="display&#58;none">no</p>',
    '<p style=display:none>no</p>',
    '<span style="visibility: hidden">no</span>',
    '<span style="opacity:0">no</span>',
    '<span style="opacity: .0;">no</span>',
    '<span style="font-size:0px">no</span>',
    '<span style="position:absolute;left:-9999px">no</span>',
    '<span style="text-indent:-999em">no</span>',
    '<span style="clip:rect(0,0,0,0)">no</span>',
    '<span style="color:transparent">no</span>',
    '<!-- no -->',
    '<!-- no > no -->',
    '<!-- no <p>no</p> -->',
    '<!no>',
    '<?php no ?>',
    '<![CDATA[no]]>',
    '<script>no</script>',
    '<script>"</div>no"</script >',
    '<style>no</style>',
    '<template><div>no</div></template>',
    '<noscript>no</noscript>',
    '<iframe>no</iframe>',
    '<nav>no</nav>',
    '<svg><text>no</text></svg>',
    '<dialog>no</dialog>',
    '<audio>no</audio>',
    '<datalist><option>no</datalist>',
    '<input type="hidden" value="no">',
    '<img alt="no" title="no">',
    '<p title="no" data-x="no>no"></p>',
    '<table><tr hidden><td>no<td>no</table>',
    '<table><tr><td hidden>no<td></table>',
    '<b hidden>no</b>',
    '<div><b hidden>no</div>no</b>', // a browser goes on with what only formats
    '<p><i hidden>no<p>no</i>',
    '<div hidden><span>no</div no>',
    '<div hidden>no<table><tr><td>no</div>no</table>no</div>', // no end tag leaves its cell
    '<span><div hidden>no</span>no</div>',
    '<ul><li hidden>no<ul><li>no</ul>no</ul>',
    '<div hidden/>no</div>', // no element of HTML closes itself
    '<head>no-text<title>x</title></head>'.replace('no-text', ''),
  ])('%s', (hidden) => {
    expect(seen(`<body><p>before</p>${hidden}<p>behind</p>`)).toBe('before\n\nbehind');
  });

  it.each([
    ['<p>a<p hidden>no<p>b', 'a\n\nb'],
    ['<p hidden>no<div>b</div>', 'b'],
    ['<ul><li hidden>no<li>b</ul>', '- b'],
    ['<dl><dt hidden>no<dd>b</dl>', 'b'],
    ['<!doctype html><p hidden>no<table><tr><td>a<tr><td>b</table>', 'a\nb'],
    ['<p style="display:block">b</p>', 'b'],
    ['<p style="opacity:0.5">b</p>', 'b'],
    ['<p style="margin-left:-20px">b</p>', 'b'],
    ['<details><summary>s</summary>b</details>', 's\n\nb'],
    ['<dialog open>b</dialog>', 'b'],
    ['<p aria-hidden="true">b</p>', 'b'],
    ['<svg/><p>b', 'b'],
    ['<svg><path><p>b', 'b'],
    ['<b hidden>no</b>b', 'b'],
    ['<a hidden>no<a>b</a>', 'b'],
    ['<object>b</object>', 'b'],
    ['<head><title>t</title><p>b', 'b'],
    ['<head><title>t</title>b', 'b'],
    ['a < b and c > d', 'a < b and c > d'],
    ['1 <2', '1 <2'],
    ['<textarea><p>b</textarea>', '<p>b'],
    ['<!-->a<!--->b', 'ab'],
  ])('%s', (html, text) => expect(seen(html)).toBe(text));
});

it('keeps preformatted text, and joins the rest to lines', () => {
  expect(seen('<pre>\ndef f():\n    return <b>1</b>\n\n\n    # end\n</pre>')).toBe(
    'def f():\n    return 1\n\n\n    # end',
  );
  expect(seen('<p>a\n  b<br>c&nbsp;d</p>  <p>e</p>')).toBe('a b\nc d\n\ne');
  expect(seen('<pre>a<br>b')).toBe('a\nb');
});

it('writes tables as rows, under the names of their columns', () => {
  const rows = Array.from({ length: 60 }, (_, i) => `<tr><td>item ${i}<td>${i} kg`).join('');
  const table = `<table><caption>Stock</caption><thead><tr><th>name<th>weight</thead>${rows}</table>`;
  const made = pieces(htmlSections(table)[0]?.blocks ?? [], 200);
  expect(made[0]).toMatch(/^Stock\n\n\| name \| weight \|\n\|---\|---\|\n\| item 0 \| 0 kg \|/);
  expect(made.length).toBeGreaterThan(5);
  expect(made.every((piece) => piece.includes('| name | weight |\n|---|---|\n| item') && piece.length <= 200)).toBe(
    true,
  );
  expect(made.join('\n').match(/\| item \d+ \| \d+ kg \|/g)).toHaveLength(60);
  expect(seen('<table><tr><td>a|b<td rowspan=2>c<tr><td>d<tr><td colspan=2>e</table>')).toBe(
    '| a\\|b | c |\n| d | c |\n| e |  |',
  );
  expect(seen('<table><tr><td>one<tr><td>two</table>')).toBe('one\ntwo');
});

it('reads a table that lays out a page as text', () => {
  expect(seen('<table><tr><td>menu<td><h2>News</h2><p>One.</p><p>Two.</p><tr><td>foot</table>')).toBe(
    'menu\n====\nOne.\n\nTwo.\n\nfoot',
  );
  expect(seen('<table><tr><td><table><tr><td>a<td>b</table><td>c</table>')).toBe('| a | b |\n\nc');
});

it.each([
  ['&lt;p&gt; &amp;amp; &quot;&apos;', '<p> &amp; "\''],
  ['&eacute;&Eacute;&szlig;&euro;&hellip;&mdash;&rarr;&Omega;&omega;', 'éÉß€…—→Ωω'],
  ['&#233;&#xe9;&#XE9;&#150;', 'ééé–'],
  ['&#0;&#xd800;&#x110000;', '\ufffd\ufffd\ufffd'],
  ['&copy 2020 &nothing; AT&T &ampx', '© 2020 &nothing; AT&T &ampx'],
])('reads %s', (html, text) => expect(seen(html)).toBe(text));

it('reads XHTML, in which elements close themselves', () => {
  const xml =
    '<?xml version="1.0"?><html><body><script src="x"/><div hidden="hidden"/><p>a<![CDATA[<b>]]></p></body></html>';
  expect(textOf(htmlSections(xml, { xml: true }))).toBe('a<b>');
});

it('takes title and headings, those without a text of their own too', () => {
  const page =
    '<title> The &amp; title </title><svg><title>no</title></svg><h1>A</h1><h2>B</h2><p>x</p><h3> C \n c </h3><h2>D</h2><h1>E';
  expect(htmlSections(page).map(({ title, heading, blocks }) => [title, heading, blocks[0]?.text])).toEqual([
    ['The & title', 'A > B', 'x'],
    ['The & title', 'A > B', 'C c'],
    ['The & title', 'A', 'D'],
    ['The & title', undefined, 'E'],
  ]);
});

it('reads any markup, and shows nothing between the ends of a hidden division', () => {
  const tags = 'p div span b i a ul li ol dl dt dd table tr td th tbody caption h2 section object pre br button'.split(
    ' ',
  );
  const bit = fc.oneof(
    fc.constantFrom(...tags).map((tag) => `<${tag}>x`),
    fc.constantFrom(...tags).map((tag) => `</${tag}>x`),
    fc.constantFrom('<!-- -->', '<', '&', '<a b="', '<script>', '</script>', '<svg>', '</svg>', '\n', '"', '>'),
  );
  const any = fc.array(bit, { maxLength: 15 }).map((bits) => bits.join(''));
  fc.assert(
    fc.property(
      any,
      fc.array(fc.constantFrom(...tags.filter((tag) => !/^(?:div|t.*|caption)$/.test(tag))), { maxLength: 8 }),
      (html, inner) => {
        expect(() => htmlSections(html)).not.toThrow();
        const hidden = inner.map((tag, i) => (i % 2 === 0 ? `<${tag}>SECRET` : `</${tag}>SECRET`)).join('');
        expect(seen(`<div><p>a</p><div hidden>SECRET${hidden}</div></div>`)).not.toContain('SECRET');
      },
    ),
    { numRuns: 300, seed: 9 },
  );
});

it('captions of a table are paragraphs of their own before it', () => {
  expect(seen('<table><caption>Ti<b>t</b>le</caption><tr><td>a<td>b<tr><td>c<td>d</table>')).toBe(
    'Title\n\n| a | b |\n| c | d |',
  );
  expect(seen('<p>x<table><caption>One</caption><caption>Two</caption><tr><td>a</table>')).toBe('x\n\nOne\n\nTwo\n\na');
});

it('a cell closes what was open in its row, hidden or not', () => {
  expect(seen('<table><tr><span hidden>no<td>yes</table>')).toBe('yes');
  expect(seen('<table><tr><span hidden>no<th>yes<td>too</table>')).toContain('yes');
});
