import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DOCUMENT_BYTES } from '../../core/bounds.ts';
import { DataError, type Note } from '../../core/index.ts';
import { memoryOf } from '../../remember/shared/memory-of.ts';
import { documents, indexDocuments } from './documents.ts';
import { paragraphs, pieces } from './pieces.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const shown = (notes: readonly Note[]): unknown[] =>
  notes.map(({ text, data }) => [data?.['heading'] ?? data?.['page'] ?? null, text.replaceAll(/\s+/g, ' ')]);

/** A PDF with one line of text a page. */
function pdfOf(lines: readonly string[]): string {
  const kids = lines.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${lines.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...lines.flatMap((line, i) => {
      const stream = `BT /F1 12 Tf 72 700 Td (${line}) Tj ET`;
      const font = '/Resources << /Font << /F1 3 0 R >> >>';
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * i} 0 R ${font} >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return `${text}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`;
}

it('reads Markdown by its headings', async () => {
  const file = write(
    'guide.md',
    'Before all.\n\n# Install\n\nOne way.\n\n## Linux\n\n```sh\n# no heading\nnpm i\n```\n\n# Use\n\nTwo `ways`.\n',
  );
  const notes = await documents([file]);
  expect(shown(notes)).toEqual([
    [null, 'Before all.'],
    ['Install', 'One way.'],
    ['Install > Linux', '```sh # no heading npm i ```'],
    ['Use', 'Two `ways`.'],
  ]);
  expect(notes[1]?.id).toMatch(/^guide\.md:[0-9a-f]{12}#2$/);
  expect(notes[1]).toMatchObject({ data: { source: file, mediaType: 'text/markdown' } });
});

it('reads HTML as it is seen, by its headings', async () => {
  const file = write(
    'page.html',
    `<html><head><title>T</title><style>p{}</style></head><body><nav>menu</nav><h1>The <b>Sea</b></h1>
     <p>It is 4&nbsp;km deep &amp; cold.<br>Very.</p><script>alert("no")</script>
     <h2>Ice</h2><ul><li>one</li><li>two</li></ul><pre>a  b</pre><table><tr><td>x</td><td>y</td></tr></table></body></html>`,
  );
  const [sea, ice] = await documents([file]);
  expect(shown([sea as Note])).toEqual([['The Sea', 'It is 4 km deep & cold. Very.']]);
  expect(ice?.data?.['heading']).toBe('The Sea > Ice');
  expect(ice?.text).toBe('- one\n- two\n\na  b\n\n| x | y |');
  expect(sea?.data?.['title']).toBe('T');
  expect(`${sea?.text}${ice?.text}`).not.toMatch(/menu|alert|p\{\}/);
});

it('reads PDF by its pages', async () => {
  const file = write('paper.pdf', pdfOf(['The first page.', 'Harbours freeze.']));
  expect(shown(await documents([file]))).toEqual([
    [1, 'The first page.'],
    [2, 'Harbours freeze.'],
  ]);
});

it('says which package reads a file that cannot be read, and which file holds no text', async () => {
  const load = async (): Promise<never> => {
    throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' });
  };
  for (const [name, peer] of [['a.pdf', 'unpdf']] as const)
    await expect(documents([write(name, 'x')], { load })).rejects.toThrow(`npm i ${peer}`);
  expect(await documents([write('a.txt', 'x')], { load })).toHaveLength(1);
  const broken = async (): Promise<never> => Promise.reject(new Error('no such CPU'));
  await expect(documents([write('a.pdf', 'x')], { load: broken })).rejects.toThrow(
    'does not load (Error: no such CPU)',
  );
  await expect(documents([write('a.bin', Uint8Array.of(1, 0, 2))])).rejects.toThrow('it holds no text');
  await expect(documents([write('a.txt', ' \n')])).rejects.toThrow('no text was found');
  await expect(documents([], { size: 0 })).rejects.toThrow('size must be a positive integer');
});

it('loses no word and makes no piece too long', () => {
  const paragraph = fc.array(fc.constantFrom('a', 'word', 'end.', 'émigré', '😀😀😀😀', 'x'.repeat(40)), {
    maxLength: 40,
  });
  const text = fc.array(paragraph, { maxLength: 6 }).map((all) => all.map((words) => words.join(' ')).join('\n\n'));
  const prose = (whole: string, size: number): string[] => pieces(paragraphs(whole, 'prose'), size);
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 120 }), fc.constantFrom('prose', 'lines'), (whole, size, kind) => {
      const made = pieces(paragraphs(whole, kind), size);
      expect(made.every((piece) => piece.length <= size && !/^\s*\n|\s$|^$/.test(piece))).toBe(true);
      expect(made.join('').replaceAll(/\s/g, '')).toBe(whole.replaceAll(/\s/g, ''));
      expect(made.every((piece) => piece.isWellFormed())).toBe(true);
      const uncut = whole.length <= size ? [whole.replace(/^(?:[ \t]*\n)+/, '').trimEnd()].filter(Boolean) : made;
      expect(made).toEqual(uncut);
    }),
    { seed: 11 },
  );
  expect(prose('One. Two two.\n\nThree.', 14)).toEqual(['One. Two two.', 'Three.']);
  expect(prose('One one. Two two. Three three.', 18)).toEqual(['One one. Two two.', 'Three three.']);
});

it('replaces what was indexed of a file before', async () => {
  const memory = memoryOf([{ id: 'mine', text: 'kept' }]);
  const file = write('a.txt', 'first part\n\nsecond part');
  expect(await indexDocuments(memory, 'default', [file], { size: 12 })).toBe(2);
  write('a.txt', 'only part');
  expect(await indexDocuments(memory, 'default', [file], { size: 12 })).toBe(1);
  expect((await memory.list('default')).map(({ text }) => text)).toEqual(['kept', 'only part']);
});

it.each([
  ['code.py', 'def f(x):\n    y = x\n\n    return y\n', 'def f(x):\n    y = x\n\n    return y'],
  ['notes.txt', '  indented\n\n\n\n    more\t|  x  \n', '  indented\n\n\n\n    more\t|  x'],
  ['Makefile', 'all:\n\tcc x.c\n', 'all:\n\tcc x.c'],
  ['windows.txt', 'a\r\n\r\nb\r\n', 'a\n\nb'],
  ['data.csv', 'name,weight\n"a\n\nb",3\n', 'name,weight\n"a\n\nb",3'],
  ['unseen.txt', 'work\u00adflow\ufeff zero\u200bwidth \u{e0041}\u{e0042}end', 'workflow zerowidth end'],
])('keeps the white space of %s', async (name, text, kept) => {
  expect((await documents([write(name, text)])).map((note) => note.text)).toEqual([kept]);
});

it('cuts code between lines, within its fence, and values under their names', async () => {
  const steps = Array.from({ length: 40 }, (_, i) => `def step_${i}(x):\n    y = x + ${i}\n\n    return y\n`);
  const fenced = await documents([write('a.md', `# Steps\n\nText.\n\n\`\`\`python\n${steps.join('\n')}\n\`\`\`\n`)], {
    size: 300,
  });
  expect(fenced.length).toBeGreaterThan(5);
  for (const { text } of fenced) expect(text).toMatch(/^(?:Text\.\n\n)?```python\n[^]*\n```$/);
  expect(
    fenced
      .map(({ text }) => text)
      .join('\n')
      .match(/^ {4}return y$/gm),
  ).toHaveLength(40);
  const plain = await documents([write('a.py', steps.join('\n'))], { size: 300 });
  expect(
    plain
      .map(({ text }) => text)
      .join('\n')
      .match(/^ {4}return y$/gm),
  ).toHaveLength(40);
  const rows = Array.from({ length: 100 }, (_, i) => `item ${i},${i} kg`).join('\n');
  const values = await documents([write('a.csv', `name,weight\n${rows}`)], { size: 300 });
  expect(values.every(({ text }) => /^name,weight\n(?:item \d+,\d+ kg(?:\n|$))+$/.test(text))).toBe(true);
  expect(
    values
      .map(({ text }) => text)
      .join('\n')
      .match(/item/g),
  ).toHaveLength(100);
});

it('cuts anything to the size asked for', async () => {
  const fence = '```'.concat('x'.repeat(50));
  const wide = `| ${'name '.repeat(30)} | b |\n|---|---|\n| ${'value '.repeat(50)} | 1 |\n`;
  const file = write('a.md', `${fence}\n${'long '.repeat(99)}\n\`\`\`\n\n${wide}\n${'😀'.repeat(99)}`);
  for (const size of [2, 3, 10, 57, 58, 59, 64, 120, 1200])
    for (const { text } of await documents([file], { size })) {
      expect(text.length).toBeLessThanOrEqual(size);
      expect(text.isWellFormed()).toBe(true);
    }
});

it('is one document under all of its names', async () => {
  const memory = memoryOf();
  const file = write('a.md', '# A\n\nThe old text.\n\n# B\n\nMore.\n');
  mkdirSync(join(folder, 'sub'));
  symlinkSync(file, join(folder, 'link.md'));
  const names = [file, `${folder}/./a.md`, `${folder}/sub/../a.md`, join(folder, 'link.md'), relative('', file)];
  for (const name of names) {
    expect(await indexDocuments(memory, 'default', [name])).toBe(2);
    expect(await memory.list('default')).toHaveLength(2);
  }
  expect(await indexDocuments(memory, 'default', names)).toBe(2);
  write('a.md', '# A\n\nThe new text.\n');
  await indexDocuments(memory, 'default', [names[1] ?? '']);
  expect((await memory.list('default')).map(({ text }) => text)).toEqual(['The new text.']);
  // Files of one name in two folders are two.
  writeFileSync(join(folder, 'sub', 'a.md'), 'Another.');
  await indexDocuments(memory, 'default', [join(folder, 'sub', 'a.md')]);
  expect(await memory.list('default')).toHaveLength(2);
  expect(JSON.stringify((await memory.list('default')).map(({ id }) => id))).not.toContain(folder);
});

it('finds a section by its heading and a page by its title', async () => {
  const memory = memoryOf();
  await indexDocuments(memory, 'h', [
    write('a.md', '---\ntitle: Rules of the shop\n---\n# Refunds\n\nWithin thirty days.\n\n# Warranty\n\nTwo years.\n'),
    write('b.html', '<title>Opening hours</title><p>From nine to five.'),
  ]);
  expect((await memory.search('h', 'warranty', 1))[0]?.text).toBe('Two years.');
  expect((await memory.search('h', 'opening hours', 1))[0]?.text).toBe('From nine to five.');
  expect((await memory.search('h', 'rules', 1))[0]?.data?.['title']).toBe('Rules of the shop');
});

it('names the file that cannot be read', async () => {
  const large = write('large.html', '');
  truncateSync(large, DOCUMENT_BYTES + 1);
  for (const [file, problem] of [
    [join(folder, 'none.md'), 'there is no such file'],
    [folder, 'it is a folder'],
    [large, `${DOCUMENT_BYTES} can be read`],
    [write('broken.pdf', 'no pdf'), 'it cannot be read as application/pdf'],
    [write('a.html', '<div hidden>all of it'), 'no text was found'],
  ] as const) {
    const error: unknown = await documents([file]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain(`${file}: `);
    expect(String(error)).toContain(problem);
  }
});
