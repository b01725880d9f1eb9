/** Runs a verb in this process, in a terminal that is a string, with somebody in front of it where `reply` says what they answer. */
import { CommanderError } from 'commander';
import { report } from '../failure.ts';
import { program } from '../program.ts';
import { EXIT } from '../terminal/terminal.ts';
import { fakeOutput } from './output.ts';

export interface InTerminal {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the person was asked. */
  readonly questions: readonly string[];
}

export async function inTerminal(
  args: readonly string[],
  { env = {}, reply }: { readonly env?: { readonly [name: string]: string }; readonly reply?: string } = {},
): Promise<InTerminal> {
  const [out, err] = [fakeOutput(), fakeOutput()];
  const questions: string[] = [];
  const respond = async (question: string): Promise<string> => (questions.push(question), reply ?? '');
  const terminal = { out, err, env, signal: new AbortController().signal, ...(reply !== undefined && { respond }) };
  const code = await program(args, terminal).catch((error: unknown) =>
    error instanceof CommanderError ? EXIT.usage : report(error, terminal),
  );
  return { code, out: out.text(), err: err.text(), questions };
}
