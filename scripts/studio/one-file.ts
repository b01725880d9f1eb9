/**
 * The pages of the studio as one file that opens from disk: scripts and styles in the page, under a policy that names them by
 * their hashes and lets nothing else run or be asked for.
 */
import { createHash } from 'node:crypto';
import { build, type InlineConfig, type Rolldown } from 'vite';

export async function oneFile(config: InlineConfig): Promise<string> {
  const built = await build({
    ...config,
    build: { write: false, cssCodeSplit: false, rolldownOptions: { output: { codeSplitting: false } } },
  });
  const { output } = built as Rolldown.RolldownOutput;
  const script = only(output, (part) => part.type === 'chunk' && part.isEntry);
  const style = only(output, ({ fileName }) => fileName.endsWith('.css'));
  const workers = output.flatMap((part) => {
    const [, name] = /([\w-]+)-worker-[\w-]+\.js$/.exec(part.fileName) ?? [];
    return name === undefined ? [] : [{ name, code: contained(textOf(part)) }];
  });
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = textOf(output.find(({ fileName }) => fileName === 'index.html'));
  const bare = page.replaceAll(
    /<script[^>]*\bsrc=[^>]*><\/script>\s*|<link[^>]*\brel="(?:stylesheet|modulepreload)"[^>]*>\s*/g,
    '',
  );
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n<style>${style}</style>\n`;
  const body = [
    ...workers.map(({ name, code }) => `<script type="text/plain" data-worker="${name}">${code}</script>`),
    `<script type="module">${script}</script>\n`,
  ].join('\n');
  return before(before(bare, '</head>', head), '</body>', body);
}

type Part = Rolldown.RolldownOutput['output'][number];

function only(output: readonly Part[], is: (part: Part) => boolean): string {
  const found = output.filter(is);
  if (found.length !== 1) throw new Error(`One part is needed, and there are ${found.length}.`);
  return contained(textOf(found[0]));
}

function textOf(part: Part | undefined): string {
  if (!part) throw new Error('A part of the page was not built.');
  return part.type === 'chunk' ? part.code : String(part.source);
}

/** A script and a style end at their closing tag, wherever that stands: in strings it is written in another way. */
function contained(code: string): string {
  const safe = code.replaceAll(/<\/(script|style)/gi, '<\\/$1');
  // Both begin a state of the parser in which the closing tag is no longer one.
  if (/<!--[\s\S]*<script/i.test(safe))
    throw new Error('A script holds a comment of HTML that cannot be put into a page.');
  return safe;
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What is put there is text: nothing of it is read as a pattern. */
function before(page: string, end: string, what: string): string {
  const index = page.lastIndexOf(end);
  if (index < 0) throw new Error(`The page has no ${end}.`);
  return `${page.slice(0, index)}${what}${page.slice(index)}`;
}
