/** What the configuration file and `.env` say to the command line, before a verb begins. */
import type { Command } from 'commander';
import type { LoadedConfig } from '../../config/load.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `--config FILE`, `--no-config`. */
export interface ConfigOptions {
  readonly config?: string | false | undefined;
}

/** The terminal with the configuration and the variables that belong to it; what it has defaults for is set for the verb. */
export async function configured(terminal: Terminal, options: ConfigOptions, verb: Command): Promise<Terminal> {
  const read = await withConfig(terminal, options);
  if (read.loaded) setDefaults(verb, read.loaded);
  return read;
}

async function withConfig(terminal: Terminal, options: ConfigOptions): Promise<Terminal> {
  const { config: file } = options;
  const { loadConfig } = await import('../../config/load.ts');
  const { withDotenv } = await import('../../config/variables.ts');
  const loaded = file === false ? undefined : await loadConfig({ file });
  const { env, left } = await withDotenv(terminal.env, '.', loaded?.config);
  for (const { name, why } of left)
    terminal.err.write(
      `${terminal.err.paint('yellow', 'warning:')} ${name === '.env' ? name : `${name} of .env`} is not used: ${why}\n`,
    );
  return { ...terminal, env, loaded, again: () => withConfig(terminal, options) };
}

/** What the configuration says of each option that the verb has and that nobody gave. */
function setDefaults(verb: Command, { config: { defaults = {}, serve } }: LoadedConfig): void {
  const { request = {}, store, memory, budget } = defaults;
  const given: { readonly [option: string]: unknown } = {
    ...(CALLS.every((option) => has(verb, option)) && { budget, ...request }),
    store: hasOwnStore(verb) ? serve?.store : store,
    memory: verb.name() === 'serve' ? (serve?.memory ?? memory) : memory,
  };
  for (const [option, value] of Object.entries(given))
    if (value !== undefined && has(verb, option) && verb.getOptionValueSource(option) !== 'cli')
      verb.setOptionValueWithSource(option, value, 'config');
}

/** Whether a verb keeps keys and accounts, in a file of its own, and not calls and runs. */
const hasOwnStore = (verb: Command): boolean =>
  verb.name() === 'serve' || verb.name() === 'mcp' || verb.parent?.name() === 'keys';

/** The options that tell a verb which calls a model. */
const CALLS = ['model', 'plus'];

const has = (verb: Command, option: string): boolean => verb.options.some((one) => one.attributeName() === option);
