/** What of this machine the command line lets techniques use. Each part is opened when a technique first asks for it. */
import { LANGUAGES, type Host, type Language, type Sandbox } from '../../core/index.ts';
import type { RunOptions } from './options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { OpenSandbox } from '../../sandbox/index.ts';
import { openStoreAt } from '../store/open.ts';

export interface OpenHost {
  readonly host: Host;
  close(): Promise<void>;
}

/**
 * A sandbox for programs, which is started when the first of them is there to be run; the memory of `--memory FILE`; and the
 * person in front of the terminal, where a verb has one person's question.
 */
export async function openHost(
  { memory: file }: Pick<RunOptions, 'memory'> = {},
  respond?: Terminal['respond'],
): Promise<OpenHost> {
  const store = file === undefined ? undefined : await openStoreAt(file);
  const opened = new Map<Language, Promise<OpenSandbox>>();
  const open = (language: Language): Promise<OpenSandbox> => {
    const known = opened.get(language);
    if (known) return known;
    // To look for Python takes time, and most programs are in JavaScript.
    const opening = import('../../sandbox/index.ts').then(({ openSandbox }) =>
      openSandbox({ python: language === 'python' ? 'auto' : 'none' }),
    );
    opened.set(language, opening);
    return opening;
  };
  const sandbox: Sandbox = {
    name: 'sandbox',
    languages: LANGUAGES, // where there is no Python, it says so when a program is there
    run: async (program, options) => (await open(program.language)).run(program, options),
  };
  return {
    host: { sandbox, ...(store && { memory: store.memory }), ...(respond && { respond }) },
    async close() {
      await store?.close();
      for (const opening of opened.values())
        await opening.then(
          ({ close }) => close(),
          () => {},
        );
    },
  };
}
