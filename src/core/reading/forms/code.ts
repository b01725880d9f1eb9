/** Which part of a reply is the program. */
import { said } from '../thoughts.ts';

/** A fenced block of a text. */
export interface Block {
  /** The word behind the fence, in small letters; empty where there is none. */
  readonly tag: string;
  readonly code: string;
  /** Whether the line in front of it says that it was printed. */
  readonly isOutput: boolean;
}

/** The fenced blocks of a text, in their order. One that is not closed reaches to the end of the text. */
export function blocksIn(text: string): Block[] {
  const blocks: Block[] = [];
  let open:
    | { readonly fence: string; readonly tag: string; readonly isOutput: boolean; readonly lines: string[] }
    | undefined;
  let before = '';
  const close = (): void => {
    if (open) blocks.push({ tag: open.tag, code: open.lines.join('\n'), isOutput: open.isOutput });
    open = undefined;
  };
  for (const line of text.split('\n')) {
    const plain = line.trim();
    if (open) {
      if (plain.startsWith(open.fence) && plain.replaceAll(open.fence[0] ?? '', '') === '') close();
      else open.lines.push(line);
      continue;
    }
    const [fence] = /^(?:`{3,}|~{3,})/.exec(plain) ?? [];
    if (fence !== undefined && !plain.slice(fence.length).includes('`')) {
      const [tag = ''] =
        /^[\w+#.-]*/.exec(
          plain
            .slice(fence.length)
            .trim()
            .replace(/^\{\.?/, ''),
        ) ?? [];
      open = { fence, tag: tag.toLowerCase(), isOutput: PRINTED.test(before), lines: [] };
    } else if (plain !== '') before = plain.slice(-200);
  }
  close();
  return blocks;
}

const PRINTED =
  /(?:output|prints?|printed|results? (?:in|is|are)|results?|returns?|displays?|shows?|gives?|yields?|you (?:will|should) (?:see|get))[^.]{0,40}[:*]*$/i;
const JAVASCRIPT = new Set([
  'js',
  'javascript',
  'mjs',
  'cjs',
  'node',
  'nodejs',
  'jsx',
  'ts',
  'typescript',
  'tsx',
  'ecmascript',
]);
const PYTHON = new Set(['py', 'python', 'python3', 'py3', 'sage']);
const languageOf = (tag: string): string => (JAVASCRIPT.has(tag) ? 'javascript' : PYTHON.has(tag) ? 'python' : tag);
const NO_PROGRAM = new Set(
  'bash sh shell zsh console terminal cmd powershell output text txt plaintext plain json yaml yml toml diff markdown md html xml csv log stdout pycon none'.split(
    ' ',
  ),
);

/**
 * The program of a reply, in one of its languages or in any: its blocks in that language, or its blocks without one. Commands for a
 * shell and printed output are no program. Of two ways to define the same name the later one counts; a block that goes on from an
 * earlier one is joined to it, and one that only shows its use is left out. A reply without blocks is a program as a whole;
 * nothing where there are blocks and none is one.
 */
export function programIn(reply: string, language?: string): string | undefined {
  const text = said(reply);
  const blocks = blocksIn(text);
  if (blocks.length === 0) return text.trim() === '' ? undefined : text.trimEnd();
  const wanted = language === undefined ? undefined : languageOf(language.toLowerCase());
  const written = blocks.filter(({ code }) => code.trim() !== '');
  const tagged = written.filter(
    ({ tag }) => tag !== '' && !NO_PROGRAM.has(tag) && (wanted === undefined || languageOf(tag) === wanted),
  );
  const untagged = written.filter(
    ({ tag, isOutput, code }) => tag === '' && !isOutput && !/^\s*(?:\$|>>>|=>) /.test(code),
  );
  const own =
    wanted === undefined ? tagged.filter(({ tag }) => languageOf(tag) === languageOf(tagged[0]?.tag ?? '')) : tagged;
  const chosen = own.length > 0 ? own : untagged;
  return chosen.length === 0 ? undefined : joined(chosen.map(({ code }) => code));
}

const DEFINED =
  /^(?:export\s+(?:default\s+)?)?(?:(?:async\s+)?(?:function\*?|def|class)\s+|(?:const|let|var)\s+(?=\w+\s*=\s*(?:async\b|function\b|\(|\w+\s*=>)))([\w$]+)/gm;
const namesIn = (code: string): string[] => [...code.matchAll(DEFINED)].flatMap(([, name]) => name ?? []);

/** Several blocks as one program. */
function joined(blocks: readonly string[]): string {
  const all = blocks.map((code) => ({ code, names: namesIn(code) }));
  const lastDefining = all.findLastIndex(({ names }) => names.length > 0);
  // Without a definition, each block is a try at the whole, and the last one is what it came to.
  if (lastDefining === -1) return (all.at(-1)?.code ?? '').trimEnd();
  const defining = all.slice(0, lastDefining + 1);
  const kept = defining.filter(({ names }, i) => {
    const later = new Set(defining.slice(i + 1).flatMap((one) => one.names));
    return !names.some((name) => later.has(name));
  });
  return kept
    .map(({ code }) => code)
    .join('\n')
    .trimEnd();
}

/** The tests in a reply: one expression a line, without the word assert, a number or a semicolon around it. */
export function testsIn(reply: string): string[] {
  const text = said(reply);
  const blocks = blocksIn(text).filter(({ tag, isOutput }) => !isOutput && !NO_PROGRAM.has(tag));
  return (blocks.length > 0 ? blocks.map(({ code }) => code).join('\n') : text).split('\n').flatMap((line) => {
    const plain = line
      .trim()
      .replace(/^(?:[-*]|\d+[.)])\s+/, '')
      .replace(/;$/, '')
      .replace(/^(?:console\.)?assert(?:\((.*)\)$|\s+)/, (_, inside: string | undefined) => inside ?? '')
      .trim();
    return plain.includes('(') && !/^(?:\/\/|#)/.test(plain) ? [plain] : [];
  });
}
