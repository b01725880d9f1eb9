/** A terminal that is a string: no colours, as wide as is said. */
import type { Output } from '../terminal/terminal.ts';

export function fakeOutput(columns = 80): Output & { readonly text: () => string } {
  let written = '';
  return {
    write: (text) => void (written += text),
    paint: (_, text) => text,
    isTerminal: true,
    columns,
    text: () => written,
  };
}
