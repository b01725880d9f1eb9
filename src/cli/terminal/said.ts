/** What was said at each step: the prompts and the texts of the calls of a trace, in the order of the tree. */
import { textOf, type Message, type Span } from '../../core/index.ts';
import type { Output } from './terminal.ts';
import { harmless, oneLine } from './text.ts';

/** Every call with its address, what it was asked and what came back. */
export function saidIn(root: Span, out: Output): string {
  return callsOf(root)
    .map(({ path, name, status, said, preview }, i) => {
      const head = `${i + 1}. ${oneLine(path) || 'run'} · ${oneLine(name)}${status === 'ok' ? '' : ` (${status})`}`;
      const asked = (said?.prompt ?? []).map((message) =>
        out.paint('dim', indented(`${message.role}: `, wordsOf(message))),
      );
      const prefix = said?.prefix ? [out.paint('dim', indented('begins with: ', said.prefix))] : [];
      const texts = said?.texts ?? (preview === undefined ? [] : [preview]);
      return [out.paint('bold', head), ...asked, ...prefix, ...texts.map((text) => indented('→ ', text))].join('\n');
    })
    .join('\n\n');
}

/** The calls of a trace, first to last. */
export function callsOf(span: Span): readonly Span[] {
  return span.kind === 'call' ? [span] : span.children.flatMap(callsOf);
}

/** The text of a message; what is no text by its kind. */
function wordsOf(message: Message): string {
  if (message.role === 'system') return message.content;
  const others = message.content.filter(({ type }) => type !== 'text').map(shown);
  return [textOf(message.content), ...others].filter(Boolean).join('\n');
}

function shown(part: { readonly type: string }): string {
  const { toolName, input, output } = part as {
    readonly toolName?: string;
    readonly input?: unknown;
    readonly output?: unknown;
  };
  if (toolName === undefined) return `[${part.type}]`;
  return `[${part.type} ${toolName}: ${JSON.stringify(input ?? output)}]`;
}

const indented = (mark: string, text: string): string =>
  `   ${mark}${harmless(text).replaceAll(/\n(?!\n|$)/g, `\n   ${' '.repeat(mark.length)}`)}`;
