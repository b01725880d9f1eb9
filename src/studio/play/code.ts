/** What the playground asks, as code for elsewhere. Questions and formulas stand in it as data. Runs in a browser. */

export const LANGUAGES = ['TypeScript', 'Command line', 'curl'] as const;
export type CodeLanguage = (typeof LANGUAGES)[number];

export interface CodeOf {
  readonly question: string;
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

/** The composed model behind its endpoint: what any program takes over, whatever models the server knows. */
function inTypeScript({ question, formula, seed }: CodeOf, origin: string): string {
  return `import { ask } from 'plusx';
import { openaiCompatible } from 'plusx/models';

const model = openaiCompatible({ baseURL: ${quoted(`${origin}/v1`)}, model: ${quoted(formula)} });
const { text, usage } = await ask(model, ${quoted(question)}, { seed: ${seed} });
console.log(text, usage);
`;
}

function onTheCommandLine({ question, formula, seed }: CodeOf): string {
  return `npx plusx show ${shell(question)} -m ${shell(formula)} --seed ${seed}\n`;
}

function withCurl({ question, formula, seed }: CodeOf, origin: string): string {
  const body = JSON.stringify({ model: formula, messages: [{ role: 'user', content: question }], seed });
  return `curl ${shell(`${origin}/v1/chat/completions`)} -H 'content-type: application/json' \\\n  -d ${shell(body)}\n`;
}

/** A text as a literal of JavaScript. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** A text as one word of a POSIX shell. No word of a shell holds a NUL. */
const shell = (text: string): string => `'${text.replaceAll('\u0000', '').replaceAll("'", "'\\''")}'`;
