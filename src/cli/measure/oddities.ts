/** What is odd about the items that a verb measures on, said before anything is asked. */
import { odditiesOf } from '../../tasks/oddities.ts';
import type { Task } from '../../tasks/index.ts';
import { writeWarnings } from '../run.ts';
import type { Terminal } from '../terminal/terminal.ts';

export function tellOddities(
  { items }: Task,
  { limit, quiet }: { readonly limit?: number | undefined; readonly quiet?: true | undefined },
  terminal: Terminal,
): void {
  const said = odditiesOf({ items: items.slice(0, limit) });
  writeWarnings(
    said.map((message) => ({ code: 'odd-items', message })),
    quiet,
    terminal,
  );
}
