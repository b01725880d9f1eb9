/** `plusx ask`: one question, the answer on standard output as it is written, everything else on standard error. */
import {
  extractAnswer,
  streamOf,
  textOf,
  type Context,
  type Model,
  type Request,
  type Sampled,
  type Usage,
} from '../../core/index.ts';
import { addressForWorkers, type WorkersOptions } from '../cluster/options.ts';
import { compose } from '../compose/compose.ts';
import { UsageError } from '../failure.ts';
import type { RunOptions } from '../compose/options.ts';
import { toRequest, type QuestionOptions } from '../compose/request.ts';
import { mayBegin } from '../compose/spending.ts';
import { closedSpan, isInterrupted, withContext, writeWarnings } from '../run.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { accountLine, duration, harmless, oneLine } from '../terminal/text.ts';
import { saidIn } from '../terminal/said.ts';
import { traceTree } from '../terminal/tree.ts';

export interface AskOptions extends RunOptions, QuestionOptions, WorkersOptions {
  readonly trace?: true | undefined;
  /** What the trace shows besides its tree. */
  readonly show?: 'prompts' | undefined;
  /** A file of questions, each of which is asked. */
  readonly file?: string | undefined;
  /** Where the records of a file of questions go. */
  readonly records?: string | undefined;
  readonly inputField?: string | undefined;
  readonly idField?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly limit?: number | undefined;
}

export async function ask(question: string | undefined, options: AskOptions, terminal: Terminal): Promise<number> {
  const { err } = terminal;
  const only = OF_A_FILE.find((option) => options[option] !== undefined);
  if (only) throw new UsageError(`--${dashed(only)} goes with a file of questions: add --file FILE.`);
  const text = question === undefined || question === '-' ? await readStandardInput() : question;
  const request = toRequest(text, options);
  const { base, model, free, prices } = await compose(options, terminal);
  const [{ worstCase }, { howDivided }] = await Promise.all([
    import('../../evaluate/worst-case.ts'),
    import('../cluster/division.ts'),
  ]);
  if (options.workers) addressForWorkers(options);
  const byWorkers = options.workers && howDivided(model, request);
  const spending = { formula: model.name, worst: worstCase(model, request), free, prices, byWorkers };
  if (!(await mayBegin(spending, options, terminal))) return EXIT.good;
  const trace = options.show ? 'texts' : options.trace;
  const within = options.workers ? await workersFor(text, model, options) : withContext;
  return within({ ...options, trace, respond: terminal.respond }, terminal, async (context) => {
    const start = context.clock.now();
    let sampled: Sampled | undefined;
    try {
      sampled = await answer(model, request, context, options, terminal);
      if (options.json) writeJson(terminal, document({ base, model, request, text, sampled, options, context }));
      return isInterrupted(terminal) ? EXIT.interrupted : EXIT.good;
    } finally {
      const span = closedSpan(context);
      if (!options.json && span) err.write(`\n${traceTree(span, err)}\n`);
      if (!options.json && span && options.show) err.write(`\n${saidIn(span, err)}\n\n`);
      writeWarnings(context.ledger.warnings, options.quiet, terminal);
      if (sampled?.exhausted && !options.quiet)
        err.write(
          `${err.paint('yellow', 'cut short:')} the budget (${sampled.exhausted}) ran out, this is the best answer so far.\n`,
        );
      if (!options.quiet && !options.json && isPaidFor(context.ledger.usage))
        err.write(
          `${err.paint('dim', `${accountLine(context.ledger.usage, context.ledger.spending)}, ${duration(context.clock.now() - start)}`)}\n`,
        );
    }
  });
}

async function workersFor(question: string, model: Model, options: AskOptions): Promise<typeof withContext> {
  const { byWorkers } = await import('../cluster/question/question.ts');
  return (given, terminal, work) => byWorkers({ question, model }, { ...options, ...given }, terminal, work);
}

const OF_A_FILE = ['records', 'inputField', 'idField', 'concurrency', 'limit'] as const;
const dashed = (option: string): string => option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Whether any call came to something: what failed is told by its error. */
function isPaidFor({ calls, unreported }: Usage): boolean {
  return calls > unreported;
}

/** Streams the answer; with `--json` nothing is shown before it is whole. */
async function answer(
  model: Model,
  request: Request,
  context: Context,
  { json, quiet }: AskOptions,
  { out, err }: Terminal,
): Promise<Sampled> {
  let sampled: Sampled | undefined;
  let endsLine = true;
  const sources: string[] = [];
  const show = out.isTerminal ? harmless : (text: string): string => text;
  try {
    for await (const part of streamOf(model, request, context)) {
      if (part.type === 'finish') ({ sampled } = part);
      else if (part.type === 'text-delta' && !json) {
        out.write(show(part.delta));
        endsLine = part.delta.endsWith('\n');
      } else if (part.type === 'reasoning-delta' && !quiet && !json) err.write(err.paint('dim', harmless(part.delta)));
      else if (part.type === 'source' && !quiet && !json) sources.push(sourceLine(part));
      else if (part.type === 'tool-call' && !json) out.write(show(`${part.toolName}(${part.input})\n`));
    }
  } finally {
    if (!endsLine) out.write('\n');
    for (const [i, line] of sources.entries()) err.write(`${err.paint('dim', `[${i + 1}] ${line}`)}\n`);
  }
  return sampled as Sampled;
}

const isSource = ({ type }: { readonly type: string }): boolean => type === 'source';

/** Where a page is from, as the technique that looked it up says. */
function sourceLine(part: object): string {
  const { title, url } = part as { readonly title?: unknown; readonly url?: unknown };
  return oneLine([title, url].filter((text) => typeof text === 'string').join(', '));
}

function document({
  base,
  model,
  request,
  text,
  sampled,
  options,
  context,
}: {
  base: Model;
  model: Model;
  request: Request;
  text: string;
  sampled: Sampled;
  options: AskOptions;
  context: Context;
}): unknown {
  const [sample] = sampled.samples;
  return {
    question: text,
    model: base.name,
    formula: model.name,
    text: textOf(sample?.content ?? ''),
    answer: sample && extractAnswer(sample, request),
    finish: sample?.finish.unified,
    semantics: sample?.semantics,
    facts: sample?.providerMetadata?.['plusx'],
    ...(sample?.content.some(isSource) && { sources: sample.content.filter(isSource) }),
    usage: sampled.usage,
    spending: context.ledger.spending,
    exhausted: sampled.exhausted,
    warnings: context.ledger.warnings,
    seed: options.seed ?? 0,
    ...((options.trace || options.show) && { trace: closedSpan(context) }),
  };
}

export async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY)
    throw new UsageError('No question is given. Write it in quotes after `plusx ask`, or pipe it in.');
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) text += String(chunk);
  if (text.trim() === '') throw new UsageError('The question is empty. Write it in quotes after `plusx ask`.');
  return text.trimEnd();
}
