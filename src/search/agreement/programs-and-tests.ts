/** Programs and tests in what a model wrote, and whether a program passes a test. */
import type { Context, Language, Sandbox } from '../../core/index.ts';
import { fencedBlocks } from '../../core/reading/text.ts';

/** The program in a reply: its longest fenced block, or all of it. */
export function programIn(text: string): string {
  const blocks = fencedBlocks(text);
  return blocks.reduce((longest, code) => (code.length > longest.length ? code : longest), blocks[0] ?? text).trim();
}

/** The tests in a reply: one expression a line, without the word assert, a list number or a semicolon around it. */
export function testsIn(text: string): string[] {
  const blocks = fencedBlocks(text);
  return (blocks.length > 0 ? blocks.join('\n') : text).split('\n').flatMap((line) => {
    const bare = line
      .trim()
      .replace(/^(?:[-*]|\d+[.)])\s+/, '')
      .replace(/;$/, '')
      .replace(/^(?:console\.)?assert(?:\((.*)\)$|\s+)/, (_, inside: string | undefined) => inside ?? '')
      .trim();
    return bare.includes('(') && !/^(?:\/\/|#)/.test(bare) ? [bare] : [];
  });
}

/** Runs a program with a test. Any other outcome, such as an error, a limit or a value of its own, is not a pass. */
export async function passes(
  program: string,
  test: string,
  language: Language,
  sandbox: Sandbox,
  { signal }: Context,
): Promise<boolean> {
  const code =
    language === 'javascript'
      ? `${program.replaceAll(/^export\s+(?:default\s+)?/gm, '')}\nreturn { agreement: Boolean(${test}) };`
      : `${program}\nanswer = {"agreement": bool(${test})}`;
  const done = await sandbox.run({ language, code }, { signal });
  const value = done.kind === 'value' ? done.value : undefined;
  return typeof value === 'object' && value !== null && 'agreement' in value && value.agreement === true;
}
