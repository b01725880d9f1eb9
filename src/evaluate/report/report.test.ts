import { describe, expect, it } from 'vitest';
import { plus, questionOf, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { metricOf, type Task } from '../../tasks/index.ts';
import { compare } from '../compare/compare.ts';
import { curve } from '../curve/curve.ts';
import { evaluate } from '../eval.ts';
import { intervalsSvg } from './intervals-svg.ts';
import { reportCsv, reportHtml, reportMarkdown } from './render.ts';
import { comparisonReport, curvesReport, evaluationReport } from './reports.ts';

/** What a model may write, to break out of where it is put. */
const HOSTILE = '</td><script>alert(1)</script><img src=x onerror=alert(2)> | `x` "\'&amp; https://evil.example';
const model = enumerable({ answers: (prompt) => ({ [HOSTILE]: 1, [`right ${questionOf(prompt)}`]: 2 }) });
const task: Task = {
  name: `task ${HOSTILE}`,
  items: Array.from({ length: 6 }, (_, i) => ({
    id: `<b>${i}`,
    request: { prompt: [user(`q${i}`)] },
    expected: `right q${i}`,
    tags: [i % 2 === 0 ? 'even|<i>' : 'odd'],
  })),
  metric: metricOf('exact'),
};
const voted = plus(model, selfConsistency());

const reports = [
  ['an evaluation', async () => evaluationReport(await evaluate(model, task))],
  ['a comparison', async () => comparisonReport(await compare([model, voted], task))],
  ['curves', async () => curvesReport([await curve(voted, task, { over: { n: [1, 2, 4] } })])],
] as const;

describe.each(reports)('the report of %s', (_, made) => {
  it('is one page that asks nobody for anything, and in which nothing a model wrote is markup', async () => {
    const html = reportHtml(await made());
    expect(html).toMatch(/^<!doctype html>/);
    const tags = new Set([...html.matchAll(/<([a-z0-9]+)/gi)].map(([, name]) => name?.toLowerCase()));
    for (const odd of ['script', 'link', 'iframe', 'b', 'i', 'a']) expect(tags).not.toContain(odd);
    // Every address is a picture in the page itself.
    const asked = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*"?([^"\s)>]*)/g)].map(([, to]) => to ?? '');
    expect(asked.filter((to) => !to.startsWith('data:image/svg+xml,') && to !== 'x')).toEqual([]);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('@media print');
    for (const [, svg = ''] of html.matchAll(/src="data:image\/svg\+xml,([^"]*)"/g))
      expect(decodeURIComponent(svg)).not.toMatch(/<script|<img|onerror=alert\(2\)>|href=/);
  });

  it('has tables whose rows are as long as their head, in Markdown too', async () => {
    const report = await made();
    const tables = report.sections.filter((section) => section.kind === 'table');
    expect(tables.every(({ columns, rows }) => rows.every((row) => row.length === columns.length))).toBe(true);
    const markdown = reportMarkdown(report);
    expect(markdown).not.toMatch(/<script|<img|<b>/);
    for (const block of markdown.split('\n\n').filter((text) => text.startsWith('|'))) {
      const bars = block
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(String.raw`\|`, '').split('|').length);
      expect(new Set(bars).size).toBe(1);
    }
  });
});

it('a table of an evaluation has its first table: by tag where there are tags', async () => {
  const csv = reportCsv(evaluationReport(await evaluate(model, task)), (cells) => `${cells.join(';')}\n`);
  expect(csv.split('\n').slice(0, 2)).toEqual([
    'tag;items;accuracy;95% from;to',
    expect.stringMatching(/^even\|<i>;3;\d/),
  ]);
});

it('says over how many items it is: those that failed, or that a budget left out, are not among them', async () => {
  const failing: typeof model = {
    ...model,
    sample: (request, context) =>
      questionOf(request.prompt) === 'q2' ? Promise.reject(new RangeError('no')) : model.sample(request, context),
  };
  const items = async (of: typeof model, budget = {}): Promise<unknown> => {
    const { facts, summary } = evaluationReport(await evaluate(of, task, { budget, concurrency: 1 }));
    return [new Map(facts).get('items'), summary.split(') ')[1]];
  };
  expect(await items(model)).toEqual(['6 of 6', 'over 6 items.']);
  expect(await items(failing)).toEqual(['5 of 6, 1 without a grade', 'over 5 items.']);
  expect(await items(model, { calls: 2 })).toEqual(['2 of 6, 4 without a grade', 'over 2 items.']);
});

it('says what an answer took as far as it is known', async () => {
  const result = await evaluate(voted, task);
  const took = (known: object): unknown => new Map(evaluationReport({ ...result, ...known }).facts).get('an answer');
  expect(took({ samplesPerItem: 5, tokensPerItem: 41.6, usdPerItem: 0.25 })).toBe('5 samples, 42 tokens, $0.25');
  expect(took({ samplesPerItem: 5, tokensPerItem: undefined, usdPerItem: undefined })).toBe('5 samples');
});

it('a picture shows both ends of a long label, and says the whole of it', () => {
  const label = `abcdefghijklmnop${'-'.repeat(30)}qrstuvwxyz0123456789`;
  const picture = intervalsSvg([{ label, value: 0.5, ci95: [0.4, 0.6] }], { title: 'Shares' });
  expect(picture).toContain('>abcdefghijklmno…qrstuvwxyz0123456789<');
  expect(picture).toContain(`<title>${label}</title>`);
});

it('a picture of differences has its zero inside, and colours what is certain', () => {
  const picture = intervalsSvg(
    [
      { label: 'better', value: 0.2, ci95: [0.1, 0.3] },
      { label: 'worse', value: -0.2, ci95: [-0.3, -0.1] },
      { label: 'open', value: 0.01, ci95: [-0.1, 0.12] },
    ],
    { title: 'Differences', isDifference: true },
  );
  expect([...picture.matchAll(/<circle class="(\w+)"/g)].map(([, kind]) => kind)).toEqual(['up', 'down', 'open']);
  const [zero, ...ends] = [...picture.matchAll(/d="M([\d.]+) /g)].map(([, x]) => Number(x));
  expect(ends[0]).toBeGreaterThan(zero ?? 0);
  expect(ends[1]).toBeLessThan(zero ?? 0);
  expect(picture).toContain('better: +20.0%, +10.0% to +30.0%');
});
