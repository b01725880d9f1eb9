/** What the playground asks, as code for elsewhere. Questions and formulas stand in it as data. Runs in a browser. */

import type { Turn } from './turns.ts';

export const LANGUAGES = ['TypeScript', 'Command line', 'curl'] as const;
export type CodeLanguage = (typeof LANGUAGES)[number];

export interface CodeOf {
  readonly question: string;
  readonly turns?: readonly Turn[];
  readonly formula: string;
  readonly seed: number;
}

/** `origin` is where the server listens. */
export function codeOf(language: CodeLanguage, asked: CodeOf, origin: string): string {
  switch (language) {
    case 'TypeScript':
      return inTypeScript(asked, origin);
    case 'Command line':
      return onTheCommandLine(asked);
    case 'curl':
      return withCurl(asked, origin);
  }
}

const messagesOf = ({
  question,
  turns = [],
}: CodeOf): readonly { readonly role: string; readonly content: string }[] => [
  ...turns.map(({ role, text }) => ({ role, content: text })),
  { role: 'user', content: question },
];

/** The composed model behind its endpoint: what any program takes over, whatever models the server knows. */
function inTypeScript(asked: CodeOf, origin: string): string {
  const { question, turns = [], formula, seed } = asked;
  const what = turns.length > 0 ? `{ prompt: ${literal(messagesOf(asked))} }` : quoted(question);
  return `import { ask } from 'plusx';
import { openaiCompatible } from 'plusx/models';

const model = openaiCompatible({ baseURL: ${quoted(`${origin}/v1`)}, model: ${quoted(formula)} });
const { text, usage } = await ask(model, ${what}, { seed: ${seed} });
console.log(text, usage);
`;
}

/** One question, and instructions before it: no more can be said on a command line. */
function onTheCommandLine({ question, turns = [], formula, seed }: CodeOf): string {
  const [first, ...others] = turns;
  if (others.length > 0 || (first && first.role !== 'system'))
    return '# The command line asks one question. Take TypeScript or curl for a conversation.\n';
  const system = first ? ` --system ${shell(first.text)}` : '';
  return `npx plusx show ${shell(question)} -m ${shell(formula)}${system} --seed ${seed}\n`;
}

function withCurl(asked: CodeOf, origin: string): string {
  const { formula, seed } = asked;
  const body = JSON.stringify({ model: formula, messages: messagesOf(asked), seed });
  return `curl ${shell(`${origin}/v1/chat/completions`)} -H 'content-type: application/json' \\\n  -d ${shell(body)}\n`;
}

/** A value as a literal of JavaScript. */
const literal = (value: unknown): string =>
  JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

const quoted = (text: string): string => literal(text);

/** A text as one word of a POSIX shell. No word of a shell holds a NUL. */
const shell = (text: string): string => `'${text.replaceAll('\u0000', '').replaceAll("'", "'\\''")}'`;
