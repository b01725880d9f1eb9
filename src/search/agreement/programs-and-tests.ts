/** Whether a program passes a test. */
import type { Context, Language, Sandbox } from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';

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
  const done = await stoppable(sandbox.run({ language, code }, { signal }), signal);
  const value = done.kind === 'value' ? done.value : undefined;
  return typeof value === 'object' && value !== null && 'agreement' in value && value.agreement === true;
}
