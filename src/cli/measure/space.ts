/** The space of `plusx compile`, and what the names in it mean. */
import { parse, type FormulaScope, type Model } from '../../core/index.ts';
import { parseSpace } from '../../compile/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { headOf, openScope, type ComposeOptions, type ComposeSettings, type OpenedScope } from '../compose/compose.ts';

export interface OpenedSpace extends OpenedScope {
  /** The model that compositions stand on. */
  readonly base: Model;
}

/** Opens the model that is named, and those that a space names. */
export async function openSpace(
  text: string,
  options: Omit<ComposeOptions, 'plus' | 'save'>,
  terminal: Terminal,
  settings: ComposeSettings,
): Promise<OpenedSpace> {
  const head = await headOf(options.model, terminal, settings);
  const read = (known: FormulaScope): void => {
    parse(head, known);
    parseSpace(text, known);
  };
  const opened = await openScope({ text: `${head} ${text}`, read }, options, terminal, settings);
  return { ...opened, base: parse(head, opened.scope) };
}
