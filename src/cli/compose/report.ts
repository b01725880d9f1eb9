/** The file of `--report`: by its ending a page in HTML, Markdown, a table or JSON. */
import { reportCsv, reportHtml, reportMarkdown, type Report } from '../../evaluate/index.ts';
import { UsageError } from '../failure.ts';
import { csvRow } from '../terminal/csv.ts';
import { outputFile } from '../terminal/files.ts';
import { jsonText } from '../terminal/terminal.ts';

export interface ReportFile extends AsyncDisposable {
  write(report: Report, document: unknown): Promise<void>;
}

const FORMS: { readonly [ending: string]: (report: Report, document: unknown) => string } = {
  html: reportHtml,
  md: reportMarkdown,
  csv: (report) => reportCsv(report, csvRow),
  json: (_, document) => jsonText(document),
};

/** Opened before the first call; none where none is named. */
export async function reportFile(path: string | undefined): Promise<ReportFile | undefined> {
  if (path === undefined) return undefined;
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const form = Object.hasOwn(FORMS, ending) ? FORMS[ending] : undefined;
  if (!form)
    throw new UsageError(`--report ${path} must end in .html, .md, .csv or .json: the ending says what it is.`);
  const file = await outputFile(path);
  return {
    write: async (report, document) => file?.write(form(report, document)),
    [Symbol.asyncDispose]: async () => file?.[Symbol.asyncDispose](),
  };
}
