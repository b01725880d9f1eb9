/** The command line in its process: interruption, exit code, everything written before it ends. */
import { CommanderError } from 'commander';
import { Interrupted, report } from './failure.ts';
import { program } from './program.ts';
import { EXIT, flush, processTerminal } from './terminal/terminal.ts';

export async function main(args: readonly string[]): Promise<never> {
  const interruption = new AbortController();
  const terminal = processTerminal(interruption.signal);
  process.on('SIGINT', () => {
    if (interruption.signal.aborted) process.exit(EXIT.interrupted); // asked twice
    interruption.abort(new Interrupted());
  });
  let code: number;
  try {
    code = await program(args, terminal);
  } catch (error) {
    // The parser has already written its own errors, and help and version are none.
    if (error instanceof CommanderError) code = error.exitCode === 0 ? EXIT.good : EXIT.usage;
    else code = report(error, terminal);
  }
  await flush();
  return process.exit(code);
}
