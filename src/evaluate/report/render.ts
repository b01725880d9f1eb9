/** Reports as Markdown, as a table of comma-separated values, and as one HTML file that asks nobody for anything. */
import { escaped } from '../picture/svg.ts';
import type { Report, Section, Table } from './report.ts';

/** For a page in a repository. Pictures are files of their own there, and left out. */
export function reportMarkdown({ title, summary, facts, sections }: Report): string {
  const head = [
    `# ${inline(title)}`,
    inline(summary),
    facts.map(([name, text]) => `- ${inline(name)}: ${inline(text)}`).join('\n'),
  ];
  const tables = sections.flatMap((section) =>
    section.kind === 'table' ? [`## ${inline(section.title)}`, markdownTable(section)] : [],
  );
  return `${[...head, ...tables].join('\n\n')}\n`;
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map(({ isText }) => (isText ? '---' : '---:'));
  return [
    line(columns.map(({ title }) => inline(title))),
    line(rule),
    ...rows.map((row) => line(row.map((cell) => (cell === undefined ? '' : inline(String(cell)))))),
  ].join('\n');
}

/** Text of a model on one line of Markdown, in which it is no markup. */
function inline(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]|#~]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** The first table, for a spreadsheet: `row` writes one row of cells. */
export function reportCsv({ sections }: Report, row: (cells: readonly unknown[]) => string): string {
  const first = sections.find((section): section is Table => section.kind === 'table');
  if (!first) return '';
  return [first.columns.map(({ title }) => title), ...first.rows].map(row).join('');
}

/** One file: light or dark as the reader has it set, fit for paper, no script, and no request to anywhere. What models wrote is text. */
export function reportHtml({ title, summary, facts, sections }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="summary">${escaped(summary)}</p>
<dl>${facts.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`).join('')}</dl>
${sections.map(htmlOf).join('\n')}
</body>
</html>
`;
}

function htmlOf(section: Section): string {
  const heading = `<h2>${escaped(section.title)}</h2>`;
  if (section.kind === 'picture') {
    const said = /<desc[^>]*>([^<]*)<\/desc>/.exec(section.svg)?.[1] ?? '';
    return `<section>${heading}<img alt="${said}" src="data:image/svg+xml,${encodeURIComponent(section.svg)}"></section>`;
  }
  const { columns, rows } = section;
  const cell = (value: string | number | undefined, i: number): string =>
    `<td${columns[i]?.isText ? '' : ' class="number"'}>${value === undefined ? '–' : escaped(String(value))}</td>`;
  const head = columns
    .map(({ title, isText }) => `<th scope="col"${isText ? '' : ' class="number"'}>${escaped(title)}</th>`)
    .join('');
  return `<section>${heading}<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
    .join('\n')}</tbody></table></div></section>`;
}

const STYLE = `:root{color-scheme:light dark;--ink:#222;--quiet:#667;--line:#d8dbe0;--ground:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--quiet:#a0a6b0;--line:#3a3f48;--ground:#16181d}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-top:2rem}.summary{font-size:1.1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:600;overflow-wrap:normal}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}img{max-width:100%;height:auto}
@media print{body{margin:0;max-width:none;color:#000;background:#fff}section{break-inside:auto}tr,img{break-inside:avoid}thead{display:table-header-group}}`;
