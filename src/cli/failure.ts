/** Errors as a person at a terminal should see them: one line with the way out, and the exit code that goes with it. */
import { FormulaError, PlusxError } from '../core/index.ts';
import { EXIT, type Terminal } from './terminal/terminal.ts';
import { harmless } from './terminal/text.ts';

/** The command line asks for something that cannot be. */
export class UsageError extends PlusxError {
  override readonly kind = 'usage';
}

/** Ctrl-C: the reason of the signal every call gets. */
export class Interrupted extends PlusxError {
  constructor() {
    super('Interrupted.');
  }
}

/** The run was cancelled from elsewhere. What follows is the same as at Ctrl-C. */
export class Cancelled extends Interrupted {
  override readonly message = 'Cancelled.';
}

/** A person was asked whether to begin, and does not want to. */
export class Declined extends PlusxError {
  constructor() {
    super('Nothing was asked.');
  }
}

/** Says what went wrong on standard error and returns the exit code. */
export function report(error: unknown, { err, env, signal }: Terminal): number {
  if (error instanceof Interrupted || (signal.aborted && isAbort(error))) {
    err.write(`${err.paint('yellow', error instanceof Cancelled ? error.message : 'Interrupted.')}\n`);
    return EXIT.interrupted;
  }
  if (error instanceof Declined) {
    err.write(`${err.paint('yellow', error.message)}\n`);
    return EXIT.interrupted;
  }
  err.write(`${err.paint('red', 'plusx:')} ${describe(error)}\n`);
  if (error instanceof FormulaError) {
    const [formula = '', caret = ''] = error.pointer.split('\n');
    err.write(`${err.paint('dim', formula)}\n${err.paint('red', caret)}\n`);
  }
  if (env['PLUSX_DEBUG'] === '1' && error instanceof Error) err.write(`${err.paint('dim', String(error.stack))}\n`);
  return error instanceof PlusxError && error.kind === 'usage' ? EXIT.usage : EXIT.error;
}

function describe(error: unknown): string {
  if (error instanceof PlusxError) return inCommandLineWords(harmless(error.message)) + hintFor(error);
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path !== undefined) return `${path}: no such file. Check the path.`;
  if (code === 'EISDIR' && path !== undefined) return `${path} is a folder, and a file is wanted.`;
  if ((code === 'ENOTDIR' || code === 'EEXIST') && path !== undefined)
    return `${path}: a folder is wanted, and a file stands there. Check the path.`;
  if ((code === 'EACCES' || code === 'EROFS' || code === 'EPERM') && path !== undefined)
    return `${path}: no permission. Choose another place.`;
  const line = harmless(error instanceof Error ? message : String(error)).replaceAll(/\s+/g, ' ');
  return error instanceof RangeError ? line : `${line} (PLUSX_DEBUG=1 shows where)`;
}

/** What a program would pass as an option stands on the command line as a flag or a variable. */
function inCommandLineWords(message: string): string {
  return message
    .replaceAll(/`budget\.(\w+)`/g, '`--budget $1=`')
    .replaceAll(/`?mapping\.(input|expected|id)`?/g, '`--$1-field`')
    .replace(' or lower `maxOutputTokens`', ' or lower `--max-tokens`')
    .replace(/, or pass `apiKey`/, '')
    .replace(/Give the model `price: [^`]*` in US dollars a token/, 'Give its price with --price')
    .replace(/Pass `host: \{ memory: [^`]*` \([^)]*\) where you ask the model/, 'Name one with --memory FILE')
    .replace('or call `reindex()` once', 'or run `plusx memory reindex` once')
    .replace('with `baseURL`', 'in PLUSX_BASE_URL or the variable of the provider');
}

/** Whose models have names like these. */
const MAKERS: readonly (readonly [names: RegExp, provider: string])[] = [
  [/^(?:gpt-|chatgpt-|o\d)/i, 'openai'],
  [/^deepseek/i, 'deepseek'],
  [/^(?:mistral|ministral|magistral|codestral)/i, 'mistral'],
  [/^claude/i, 'ai-sdk:@ai-sdk/anthropic'],
  [/^gemini/i, 'ai-sdk:@ai-sdk/google'],
];

/** Where to look a name up. */
function hintFor({ message }: PlusxError): string {
  const [, file] = /^Unknown \w+ "([^"]+\.[cm]?[jt]s)"/.exec(message) ?? [];
  if (file !== undefined)
    return `${/[.?]$/.test(message) ? '' : '.'} A formula loads no file: add --import ${file}, and name what it exports.`;
  const [, bare = ''] = /^Unknown model "([^"/:]+)"/.exec(message) ?? [];
  const [, maker] = MAKERS.find(([names]) => names.test(bare)) ?? [];
  if (maker !== undefined && !message.endsWith('?')) return `. Did you mean \`${maker}/${bare}\`?`;
  if (message.startsWith('Unknown model')) return `${message.endsWith('?') ? '' : '.'} \`plusx models\` lists them.`;
  return /^Unknown technique .*[^.]$/.test(message)
    ? `${message.endsWith('?') ? '' : '.'} \`plusx techniques\` lists them.`
    : '';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error instanceof Interrupted);
}
