import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Note } from '../core/index.ts';
import { memoryOf } from '../remember/shared/memory-of.ts';
import { documents, indexDocuments, pieces } from './documents.ts';

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
  expect(notes[1]).toMatchObject({ id: `${file}#2`, data: { source: file, mediaType: 'text/markdown' } });
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
  expect(ice?.text).toContain('one\n');
  expect(ice?.text).toContain('a  b');
  expect(ice?.text).toContain('x y');
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
  for (const [name, peer] of [
    ['a.md', 'marked'],
    ['a.html', 'node-html-parser'],
    ['a.pdf', 'unpdf'],
  ] as const)
    await expect(documents([write(name, 'x')], { load })).rejects.toThrow(`npm i ${peer}`);
  expect(await documents([write('a.txt', 'x')], { load })).toHaveLength(1);
  const broken = async (): Promise<never> => Promise.reject(new Error('no such CPU'));
  await expect(documents([write('a.md', 'x')], { load: broken })).rejects.toThrow('does not load (Error: no such CPU)');
  await expect(documents([write('a.bin', Uint8Array.of(1, 0, 2))])).rejects.toThrow('it holds no text');
  await expect(documents([write('a.txt', ' \n')])).rejects.toThrow('no text was found');
  await expect(documents([], { size: 0 })).rejects.toThrow('size must be a positive integer');
});

it('loses no word and makes no piece too long', () => {
  const paragraph = fc.array(fc.constantFrom('a', 'word', 'end.', 'émigré', '😀😀😀😀', 'x'.repeat(40)), {
    maxLength: 40,
  });
  const text = fc.array(paragraph, { maxLength: 6 }).map((all) => all.map((words) => words.join(' ')).join('\n\n'));
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 120 }), (whole, size) => {
      const made = pieces(whole, size);
      expect(made.every((piece) => piece.length <= size && piece.trim() === piece && piece !== '')).toBe(true);
      expect(made.join('').replaceAll(/\s/g, '')).toBe(whole.replaceAll(/\s/g, ''));
      expect(made.every((piece) => piece.isWellFormed())).toBe(true);
    }),
    { seed: 11 },
  );
  expect(pieces('One. Two two.\n\nThree.', 14)).toEqual(['One. Two two.', 'Three.']);
  expect(pieces('One one. Two two. Three three.', 18)).toEqual(['One one. Two two.', 'Three three.']);
});

it('replaces what was indexed of a file before', async () => {
  const memory = memoryOf([{ id: 'mine', text: 'kept' }]);
  const file = write('a.txt', 'first part\n\nsecond part');
  expect(await indexDocuments(memory, 'default', [file], { size: 12 })).toBe(2);
  write('a.txt', 'only part');
  expect(await indexDocuments(memory, 'default', [file], { size: 12 })).toBe(1);
  expect((await memory.list('default')).map(({ text }) => text)).toEqual(['kept', 'only part']);
});
