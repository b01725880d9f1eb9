/** The verbs and their options. A verb's code is loaded when it is called. */
import { Command, Option } from 'commander';
import { PROMPT_CACHES } from '../core/calls/prompt-cache.ts';
import { ANSWER_FORMATS } from '../core/reading/extract.ts';
import type { AskOptions } from './verbs/ask.ts';
import type { CompareVerbOptions } from './measure/compare.ts';
import type { CurveOptions } from './measure/curve.ts';
import type { CompileVerbOptions } from './measure/compile.ts';
import type { DemoOptions } from './demo/demo.ts';
import type { EvalOptions } from './measure/eval.ts';
import type { AddOptions, IndexOptions, MemoryVerbOptions, RemoveOptions, SearchOptions } from './verbs/memory.ts';
import * as help from './help.ts';
import {
  answerFormat,
  METRIC_NAMES,
  limits,
  hostLimit,
  names,
  nonNegative,
  over,
  perQuestion,
  port,
  age,
  positiveInteger,
  price,
  seed,
  share,
  stopSequence,
  wholeNumber,
  type RunOptions,
  SPLITS,
} from './compose/options.ts';
import type { WatchOptions } from './cluster/watch.ts';
import type { WorkerOptions } from './cluster/worker.ts';
import type { AddKeyOptions, KeysOptions } from './verbs/keys.ts';
import type { ModelsOptions } from './verbs/models.ts';
import type { ProbeOptions } from './verbs/probe.ts';
import type { McpVerbOptions } from './verbs/mcp.ts';
import type { ServeVerbOptions } from './verbs/serve.ts';
import type { ExportOptions, RunsOptions } from './measure/runs.ts';
import type { EraseOptions, GcOptions, StoreOptions } from './store/care.ts';
import type { RegradeOptions } from './measure/regrade.ts';
import type { ShowOptions } from './verbs/show.ts';
import type { LogLevel } from '../serve/index.ts';
import type { ListTracesOptions, ShowTraceOptions } from './serving/traces.ts';
import { EXIT, type Terminal } from './terminal/terminal.ts';
import { fitted } from './terminal/text.ts';
import { configured, type ConfigOptions } from './compose/configured.ts';
import type { DiagnoseVerbOptions } from './measure/diagnose.ts';
import { withTools } from './compose/tools.ts';
import { version } from './version.ts';

/** As in `serve/observe/logs.ts`, which no other verb loads. */
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'silent'];

interface JsonOption {
  readonly json?: true;
}

/** Runs the verb that `args` name and returns the exit code. */
export async function program(args: readonly string[], given: Terminal): Promise<number> {
  let terminal = given;
  let code: number = EXIT.good;
  const done = async (work: Promise<number> | number): Promise<void> => {
    code = await work;
  };
  const withMcp = <O extends Pick<RunOptions, 'mcp'>>(options: O, verb: (all: O) => Promise<number>): Promise<void> =>
    done(withTools(options.mcp, terminal.signal, (functions) => verb({ ...options, functions })));
  const root = rootCommand(terminal);
  root.hook('preAction', async (_, verb) => {
    terminal = { ...(await configured(given, root.opts<ConfigOptions>(), verb)), args };
  });

  calling(root.command('ask'))
    .description('ask a question: the answer goes to standard output as it is written')
    .argument('[question]', 'the question; - or nothing reads standard input')
    .option('--trace', 'print the tree of calls with tokens and money')
    .addOption(
      new Option('--show <what>', 'with the tree, what was said at each step: prompts and replies').choices([
        'prompts',
      ]),
    )
    .option('--user <name>', 'whose memory: notes of one user are never found for another')
    .option('--file <file>', 'every question of a file (.txt, .jsonl, .json, .csv, .tsv; - reads lines): a record each')
    .option('--records <file>', 'with --file, where the records go (.jsonl, .csv) instead of standard output')
    .option('--input-field <name>', 'with --file, the field or column of the question (default: input)')
    .option('--id-field <name>', 'with --file, the field or column of the id (default: id)')
    .option('--limit <questions>', 'with --file, only the first questions', positiveInteger)
    .option('--concurrency <questions>', 'with --file, questions in flight at once', positiveInteger)
    .option(
      '--workers',
      'the workers of --store postgres://... do it, branches of its search side by side (plusx worker)',
    )
    .option('--priority <number>', 'with --workers: runs of a higher one go first (default: 0)', wholeNumber)
    .addHelpText('after', tail(help.ASK, terminal))
    .action(async (question: string | undefined, options: AskOptions) =>
      withMcp(options, async (all) =>
        all.file === undefined
          ? (await import('./verbs/ask.ts')).ask(question, all, terminal)
          : (await import('./verbs/ask-file.ts')).askFile(question, all, terminal),
      ),
    );

  calling(root.command('show'))
    .description('show the distribution of answers before and after X')
    .argument('<question>', 'the question')
    .option(
      '-n, --n <samples>',
      'samples of each where not all answers can be visited (200, 40 if billed)',
      positiveInteger,
    )
    .addOption(
      new Option('--answers <kind>', `what an answer is: ${ANSWER_FORMATS.join(', ')}, or json:/pointer`)
        .argParser(answerFormat)
        .default('auto'),
    )
    .option('--exact', 'visit all paths however many there are (finite models)')
    .addOption(new Option('--sampled', 'draw samples even of a finite model').conflicts('exact'))
    .option('--svg <file>', 'write the picture to a file as well')
    .addHelpText('after', tail(help.SHOW, terminal))
    .action(async (question: string, options: ShowOptions) =>
      withMcp(options, async (all) => (await import('./verbs/show.ts')).show(question, all, terminal)),
    );

  batching(byWorkers(reported(measuring(root.command('eval')))))
    .description('measure a model on a task')
    .option('--repeats <times>', 'independent runs of each item', positiveInteger)
    .option('--out <file>', 'write the JSON document to a file, with the result of each item')
    .option('--records <file>', 'write a line an item (.jsonl, .csv): question, reply, candidates, votes, grade, cost')
    .option('--run <name>', 'keep the run under a name in the store; the same command goes on where it stopped')
    .option('--retry-errors', 'with --run: ask again only the items that failed, and keep the rest as it is')
    .addOption(
      new Option(
        '--split <by>',
        'with --workers: what a worker does at one time, an item or branches of its search (default: items)',
      ).choices(SPLITS),
    )
    .addHelpText('after', tail(help.EVAL, terminal))
    .action(async (task: string, options: EvalOptions) =>
      withMcp(options, async (all) => (await import('./measure/eval.ts')).evaluate(task, all, terminal)),
    );

  common(root.command('regrade'))
    .description('grade again what was answered, with another metric, without asking again')
    .argument('<run>', 'a run of the store by name, a file of eval --out (.json), or of eval --records (.jsonl)')
    .requiredOption('--metric <name>', `how it is graded: ${METRIC_NAMES.join(', ')}, or your own`)
    .option('--judge <model>', 'the model that grades with --metric judge')
    .addOption(importOption())
    .option('--store <file>', 'where the run is kept (default: .plusx/store.db)')
    .option('--out <file>', 'write the JSON document to a file, with the result of each item')
    .option('--records <file>', 'write a line an item (.jsonl, .csv)')
    .addHelpText('after', tail(help.REGRADE, terminal))
    .action(async (run: string, options: RegradeOptions) =>
      done((await import('./measure/regrade.ts')).regradeRun(run, options, terminal)),
    );

  batching(byWorkers(reported(comparing(measuring(root.command('compare'), { argument: '[task]' })))))
    .description('compare formulas on the same items and the same draws, each with the first')
    .addOption(
      new Option('--until <when>', 'all: every item; decided: until a test that may look at any time is sure')
        .choices(['all', 'decided'])
        .default('all'),
    )
    .option('--runs <names>', 'in place of a task: runs of the store, or files of eval --out and --records', names)
    .option('--repeats <times>', 'independent runs of each item', positiveInteger)
    .option('--out <file>', 'write the JSON document to a file, with the results of each item')
    .option('--records <file>', 'write a line for each item and formula (.jsonl, .csv)')
    .option('--run <name>', 'keep the run under a name in the store; the same command goes on where it stopped')
    .addHelpText('after', tail(help.COMPARE, terminal))
    .action(async (task: string | undefined, options: CompareVerbOptions) =>
      withMcp(options, async (all) => (await import('./measure/compare.ts')).compareFormulas(task, all, terminal)),
    );

  reported(measuring(root.command('diagnose')))
    .description('find out what can help a model on a task, and what cannot, from a few dozen items')
    .addHelpText('after', tail(help.DIAGNOSE, terminal))
    .action(async (task: string, options: DiagnoseVerbOptions) =>
      withMcp(options, async (all) => (await import('./measure/diagnose.ts')).diagnoseTask(task, all, terminal)),
    );

  batching(byWorkers(reported(comparing(measuring(root.command('curve'))))))
    .description('measure accuracy against the number of samples')
    .requiredOption('--over <option=values>', 'the option that varies, as in n=1,2,4,8', over)
    .option('--svg <file>', 'write the picture to a file')
    .option('--title <text>', 'the title of the picture (default: the task)')
    .option('--label <text>', 'the name of a curve in the picture (default: the formula); once for each', several)
    .option(
      '--forecast <n>',
      'what a vote of so many samples would give, up to four times the largest n',
      positiveInteger,
    )
    .option('--baselines', 'beside it what the same draws give without X: a vote, the likeliest of n, greedy')
    .addOption(
      new Option('--x <axis>', 'what the picture stands at: the option, or what an answer took').choices([
        'option',
        'samples',
        'tokens',
        'usd',
        'seconds',
      ]),
    )
    .option('--run <name>', 'keep the run under a name in the store; the same command goes on where it stopped')
    .option('--out <file>', 'write the JSON document to a file')
    .addHelpText('after', tail(help.CURVE, terminal))
    .action(async (task: string, options: CurveOptions) =>
      withMcp(options, async (all) => (await import('./measure/curve.ts')).curve(task, all, terminal)),
    );

  batching(byWorkers(measuring(root.command('compile'), { composes: false })))
    .description('find the composition that pays on a task, within a budget')
    .option(
      '--space <space>',
      'compositions with choices in them, as in "maybe(reRead) + selfConsistency(n=[3, 9])" (default: auto)',
    )
    .option('--per-question <limits>', 'what one answer may take, as in calls<=8', perQuestion)
    .option('--reflect <model>', 'the model that rewrites the wordings of prompt("...") (default: none)')
    .option('--earlier <file>', 'the report of another search: what was good there counts; once for each', several)
    .option('--arms <count>', 'compositions to try, at most; more are drawn by the seed (default: 64)', positiveInteger)
    .option('--out <file>', 'write what was found to a file, x.plusx.json, for --model from then on')
    .option('--report <file>', 'write the report as JSON to a file')
    .option('--run <name>', 'the name of the run in the store (default: by what is searched)')
    .addHelpText('after', tail(help.COMPILE, terminal))
    .action(async (task: string, options: CompileVerbOptions) =>
      withMcp(options, async (all) => (await import('./measure/compile.ts')).compile(task, all, terminal)),
    );

  root
    .command('serve')
    .description("answer requests in OpenAI's protocol: the name of a model is a formula")
    .option('--host <address>', 'where to listen (default: 127.0.0.1)')
    .option('--port <number>', 'the port (default: 8080; 0 takes one that is free)', port)
    .option('--store <file>', 'keys, accounts and traces (default: .plusx/serve.db where plusx keys made it)')
    .option('--memory <file>', 'what techniques remember: notes and documents (plusx memory)')
    .option('--drain <ms>', 'how long running requests may take after Ctrl-C (default: 30000)', nonNegative)
    .option('--keep-texts', 'traces hold what was asked and answered')
    .option('--log <file>', 'where a line of JSON a request goes (default: standard error)')
    .addOption(new Option('--log-level <level>', 'what is worth a line (default: info)').choices(LEVELS))
    .option('--log-content', 'with what was asked and answered')
    .option('--telemetry', 'tell OpenTelemetry, whose SDK this process has loaded, of requests, techniques and calls')
    .option('-q, --quiet', 'say nothing on standard error')
    .addHelpText('after', tail(help.SERVE, terminal))
    .action(async (options: ServeVerbOptions) =>
      done((await import('./verbs/serve.ts')).serveModels(options, terminal)),
    );

  root
    .command('studio')
    .description('look at models and what X makes of them, at runs, traces and memory, in a browser')
    .option('--host <address>', 'where to listen; elsewhere than here the address holds a token (default: 127.0.0.1)')
    .option('--port <number>', 'the port (default: 8080; 0 takes one that is free)', port)
    .option('--store <file>', 'runs and traces (default: .plusx/store.db)')
    .option('--memory <file>', 'notes and pages (default: .plusx/memory.db, where there is one)')
    .option('-q, --quiet', 'say nothing but the address')
    .addHelpText('after', tail(help.STUDIO, terminal))
    .action(async (options: ServeVerbOptions) =>
      done((await import('./verbs/serve.ts')).serveModels({ ...options, studio: true }, terminal)),
    );

  root
    .command('worker')
    .description('do the items of runs that measuring verbs hand out with --workers, on a store in PostgreSQL')
    .requiredOption('--store <address>', 'postgres://USER:PASSWORD@HOST:PORT/DATABASE')
    .option('--models <names>', 'only runs of these models (default: all that can be opened here)', names)
    .option('--concurrency <items>', 'items in flight at once (default: 8)', positiveInteger)
    .option('--rate <host=calls>', 'calls a second of a host, over all workers; may be given again', hostLimit)
    .option('--in-flight <host=calls>', 'calls of a host at one time, over all workers; may be given again', hostLimit)
    .option('-q, --quiet', 'say nothing on standard error')
    .addHelpText('after', tail(help.WORKER, terminal))
    .action(async (options: WorkerOptions) =>
      done((await import('./cluster/worker.ts')).startWorker(options, terminal)),
    );

  root
    .command('mcp')
    .description('offer the models that the configuration names as tools, to programs that speak MCP')
    .option('--http', 'listen for requests at /mcp, instead of reading the standard input')
    .option('--host <address>', 'with --http: where to listen (default: 127.0.0.1)')
    .option('--port <number>', 'with --http: the port (default: 8080; 0 takes one that is free)', port)
    .option('--store <file>', 'keys, accounts and traces (default: .plusx/serve.db where plusx keys made it)')
    .option('--memory <file>', 'what techniques remember: notes and documents (plusx memory)')
    .option('-q, --quiet', 'say nothing')
    .addHelpText('after', tail(help.MCP, terminal))
    .action(async (options: McpVerbOptions) => done((await import('./verbs/mcp.ts')).offerTools(options, terminal)));

  root
    .command('techniques')
    .description('list the techniques, or the options of one')
    .argument('[name]', 'a technique')
    .option('--json', 'print one JSON document')
    .addHelpText('after', tail(help.TECHNIQUES, terminal))
    .action(async (name: string | undefined, options: JsonOption) =>
      done((await import('./verbs/techniques.ts')).listTechniques(name, options, terminal)),
    );

  root
    .command('models')
    .description('list the models that can be named')
    .option('--prices <file>', 'a dated list of prices by model: our own form, or that of LiteLLM')
    .option('--json', 'print one JSON document')
    .addHelpText('after', tail(help.MODELS, terminal))
    .action(async (options: ModelsOptions) => done((await import('./verbs/models.ts')).listModels(options, terminal)));

  common(root.command('probe'))
    .description('find out what a server can do, and keep it for every later run')
    .argument('[server]', 'an address such as http://127.0.0.1:8080/v1, or a model by name (default: PLUSX_BASE_URL)')
    .option('-m, --model <id>', 'which model of the server at an address (default: the first it lists)')
    .addOption(new Option('--api <kind>', 'the endpoint').choices(['chat', 'completions']))
    .option('--save <file>', 'where it is kept (default: .plusx/servers.json, or PLUSX_SERVERS)')
    .addHelpText('after', tail(help.PROBE, terminal))
    .action(async (server: string | undefined, options: ProbeOptions) =>
      done((await import('./verbs/probe.ts')).probeServer(server, options, terminal)),
    );

  common(root.command('demo'))
    .description('see what each X adds to the embedded model, with no key and no server')
    .option('--items <count>', 'held-out questions a row', positiveInteger)
    .option('--all', 'every row that is measured, with what hurts; takes long')
    .option('--exact', 'a small written distribution instead, where every path is visited')
    .addHelpText('after', tail(help.DEMO, terminal))
    .action(async (options: DemoOptions) => done((await import('./demo/demo.ts')).demo(options, terminal)));

  runsVerbs(root, done, terminal);
  tracesVerbs(root, done, terminal);
  memoryVerbs(root, done, terminal);
  keysVerbs(root, done, terminal);
  storeVerbs(root, done, terminal);

  refuseRepeats(root);
  await root.parseAsync(args, { from: 'user' });
  return code;
}

/** `plusx memory add` and the rest of them. */
function memoryVerbs(root: Command, done: (work: Promise<number>) => Promise<void>, terminal: Terminal): void {
  const memory = root
    .command('memory')
    .description('write, look up and delete what is remembered, and index documents')
    .addHelpText('after', tail(help.MEMORY, terminal));
  const verb = (name: string): Command =>
    memory
      .command(name)
      .option('--memory <file>', 'the memory (default: .plusx/memory.db)')
      .option('--namespace <name>', 'the part of it (default: default)')
      .option('--user <name>', 'whose notes')
      .option('--json', 'print one JSON document');

  verb('add')
    .description('add a note')
    .argument('<text>', 'what it is found by: a question, a fact')
    .option('--feedback <text>', 'what was said about the answer, for memPrompt and prefer')
    .option('--answer <text>', 'the right answer, for fewShot')
    .action(async (text: string, options: AddOptions) =>
      done((await import('./verbs/memory.ts')).addNote(text, options, terminal)),
    );
  verb('list')
    .description('list the notes')
    .action(async (options: MemoryVerbOptions) =>
      done((await import('./verbs/memory.ts')).listNotes(options, terminal)),
    );
  verb('search')
    .description('list the notes nearest to a text')
    .argument('<query>', 'the text')
    .option('--limit <notes>', 'how many, at most (default: 5)', positiveInteger)
    .action(async (query: string, options: SearchOptions) =>
      done((await import('./verbs/memory.ts')).searchNotes(query, options, terminal)),
    );
  verb('remove')
    .description('delete notes for good')
    .argument('[ids...]', 'ids of notes')
    .option('--all', 'all notes of the namespace; with --user and no --namespace, all of that user')
    .option('--recorded', 'also the calls, runs and traces that the file has as a --store')
    .action(async (ids: string[], options: RemoveOptions) =>
      done((await import('./verbs/memory.ts')).removeNotes(ids, options, terminal)),
    );
  verb('reindex')
    .description('index all notes anew that were indexed in another way')
    .action(async (options: MemoryVerbOptions) =>
      done((await import('./verbs/memory.ts')).reindexNotes(options, terminal)),
    );
  verb('index')
    .description('put documents in, piece by piece: text, Markdown, HTML, CSV, PDF')
    .argument('<files...>', 'the documents; a file indexed before is replaced')
    .option('--size <characters>', 'characters of a piece, at most (default: 1200)', positiveInteger)
    .action(async (files: string[], options: IndexOptions) =>
      done((await import('./verbs/memory.ts')).indexFiles(files, options, terminal)),
    );
}

/** `plusx runs list` and the rest of them. */
function runsVerbs(root: Command, done: (work: Promise<number>) => Promise<void>, terminal: Terminal): void {
  const runs = root
    .command('runs')
    .description('list, show, compare, export and delete the runs that --run keeps')
    .addHelpText('after', tail(help.RUNS, terminal));
  const verb = (name: string): Command =>
    runs
      .command(name)
      .option('--store <file>', 'where runs are kept (default: .plusx/store.db)')
      .option('--json', 'print one JSON document');

  verb('list')
    .description('list the runs')
    .action(async (options: RunsOptions) => done((await import('./measure/runs.ts')).listRuns(options, terminal)));
  verb('show')
    .description('show what a run found, by formula and by tag, and which items failed')
    .argument('<run>', 'a run by name')
    .action(async (name: string, options: RunsOptions) =>
      done((await import('./measure/runs.ts')).showRun(name, options, terminal)),
    );
  verb('diff')
    .description('compare two runs, with the answers to each item that flips')
    .argument('<first>', 'a run by name, or a file of eval --out or --records')
    .argument('<second>', 'another')
    .action(async (first: string, second: string, options: RunsOptions) =>
      done((await import('./measure/runs.ts')).diffRuns([first, second], options, terminal)),
    );
  verb('export')
    .description('write a line an item, as eval --records does, or a task of answers that clients of the server judged')
    .argument('[run]', 'a run by name')
    .option('--records <file>', 'to a file (.jsonl, .csv), and not to standard output')
    .addOption(
      new Option('--format <name>', 'in the form of another program').choices(['inspect', 'promptfoo', 'lm-eval']),
    )
    .option('--out <file>', 'with --format: to a file, and not to standard output')
    .option('--as-task', 'in place of a run: answers of plusx serve and what was said of them, as a task for eval')
    .action(async (name: string | undefined, options: ExportOptions & { readonly asTask?: true }, command: Command) => {
      const { asTask, store, ...rest } = options;
      if (!asTask && name === undefined) command.error("error: missing required argument 'run'");
      if (asTask && name !== undefined)
        command.error('error: --as-task takes no run: it is of the answers of the server');
      if (asTask && (options.format !== undefined || options.out !== undefined))
        command.error('error: --as-task has a form of its own. Write it to a file with --records.');
      if (name !== undefined) return done((await import('./measure/runs.ts')).exportRun(name, options, terminal));
      const own = command.getOptionValueSource('store') === 'cli' ? store : terminal.loaded?.config.serve?.store;
      return done((await import('./serving/feedback-task.ts')).exportFeedback({ ...rest, store: own }, terminal));
    });
  const shared = (name: string): Command =>
    runs
      .command(name)
      .argument('<run>', 'a run by name: of workers, or of a process of its own')
      .option('--store <store>', 'where it is kept (default: .plusx/store.db)')
      .option('--json', 'print JSON');
  shared('watch')
    .description('show how far a run is: items, rate, cost, time left')
    .option('--once', 'show it once, and do not wait for its end')
    .action(async (name: string, options: WatchOptions) =>
      done((await import('./cluster/watch.ts')).watchRun(name, options, terminal)),
    );
  const changes = {
    pause: 'let a run rest: what is being worked on is finished',
    resume: 'let it go on',
    cancel: 'end it: what was done is kept',
  } as const;
  for (const change of ['pause', 'resume', 'cancel'] as const)
    shared(change)
      .description(changes[change])
      .action(async (name: string, options: WatchOptions) =>
        done((await import('./cluster/watch.ts')).changeRun(change, name, options, terminal)),
      );
  verb('delete')
    .description('delete runs with their results; the calls stay in the store')
    .argument('<runs...>', 'runs by name')
    .action(async (names: string[], options: RunsOptions) =>
      done((await import('./measure/runs.ts')).deleteRuns(names, options, terminal)),
    );
}

/** `plusx traces list` and `plusx traces show`. */
function tracesVerbs(root: Command, done: (work: Promise<number>) => Promise<void>, terminal: Terminal): void {
  const traces = root
    .command('traces')
    .description('look at how the answers of the server came about')
    .addHelpText('after', tail(help.TRACES, terminal));
  const verb = (name: string): Command =>
    traces
      .command(name)
      .option('--store <file>', 'where they are kept (default: .plusx/serve.db)')
      .option('--json', 'print one JSON document');

  verb('list')
    .description('list the last of them')
    .option('--limit <count>', 'how many (default: 20)', positiveInteger)
    .action(async (options: ListTracesOptions) =>
      done((await import('./serving/traces.ts')).listTraces(options, terminal)),
    );
  verb('show')
    .description('print the tree of calls with tokens and money')
    .argument('<id>', 'the generation: x-plusx-generation of a reply, or the id of the reply')
    .addOption(new Option('--show <what>', 'what was said at each step as well').choices(['prompts']))
    .action(async (id: string, options: ShowTraceOptions) =>
      done((await import('./serving/traces.ts')).showTrace(id, options, terminal)),
    );
}

/** `plusx store copy` and the rest of them. */
function storeVerbs(root: Command, done: (work: Promise<number>) => Promise<void>, terminal: Terminal): void {
  const store = root
    .command('store')
    .description('move a store, see what it takes, and delete what is old or what one user left')
    .addHelpText('after', tail(help.STORE, terminal));
  const verb = (name: string): Command => store.command(name).option('--json', 'print one JSON document');
  const inOne = (name: string): Command =>
    verb(name).option('--store <store>', 'a file or postgres://... (default: .plusx/store.db)');

  verb('copy')
    .description('copy all of a store into a new one; broken off, the same command goes on')
    .argument('<from>', 'a file or postgres://...')
    .argument('<to>', 'another one, which is empty')
    .action(async (from: string, to: string, options: { readonly json?: true }) =>
      done((await import('./store/care.ts')).copyBetween(from, to, options, terminal)),
    );
  inOne('du')
    .description('say how many rows there are of what, and what they take on disk')
    .action(async (options: StoreOptions) => done((await import('./store/care.ts')).diskUsage(options, terminal)));
  inOne('gc')
    .description('delete what is older than an age, as in 90d, 12w or 36h')
    .option('--journal <age>', 'replies: calls made again are paid for again', age)
    .option('--traces <age>', 'traces, with what was said of their answers', age)
    .option('--runs <age>', 'runs that are not under way, with their results and traces', age)
    .action(async (options: GcOptions) => done((await import('./store/care.ts')).collect(options, terminal)));
  inOne('erase')
    .description('delete all that one end user or one key left, from the files too')
    .option('--user <name>', 'an end user: notes')
    .option('--key <id>', 'a key of the server: traces, feedback, accounts, and the key itself')
    .option('--journal', 'all replies as well: they are kept by what was asked, and not by whom')
    .action(async (options: EraseOptions) => done((await import('./store/care.ts')).eraseOf(options, terminal)));
}

/** `plusx keys add` and the rest of them. */
function keysVerbs(root: Command, done: (work: Promise<number>) => Promise<void>, terminal: Terminal): void {
  const keys = root
    .command('keys')
    .description('say who may ask the server, for what, and how much')
    .addHelpText('after', tail(help.KEYS, terminal));
  const verb = (name: string): Command =>
    keys
      .command(name)
      .option('--store <file>', 'where keys and accounts are kept (default: .plusx/serve.db)')
      .option('--json', 'print one JSON document');

  verb('add')
    .description('make a key, and show it once')
    .argument('<name>', 'whose it is')
    .option('--models <names>', 'models that it may name, as in "careful,openai/*" (default: all)')
    .option('--techniques <names>', 'techniques that it may add (default: all)')
    .option('--day <limits>', 'calls=..,tokens=..,usd=..: what it may spend a day', limits)
    .option('--month <limits>', 'what it may spend a month', limits)
    .option('--request <limits>', 'what one request may take', limits)
    .option('--per-minute <requests>', 'requests a minute', positiveInteger)
    .option('--in-flight <requests>', 'requests at one time; more wait', positiveInteger)
    .option('--metrics', 'may read GET /metrics, and asks no model unless --models names some')
    .action(async (name: string, options: AddKeyOptions) =>
      done((await import('./verbs/keys.ts')).addKey(name, options, terminal)),
    );
  verb('list')
    .description('list the keys, and what they spent today')
    .action(async (options: KeysOptions) => done((await import('./verbs/keys.ts')).listKeys(options, terminal)));
  verb('revoke')
    .description('let nobody in with a key any more')
    .argument('<key>', 'its id or its name')
    .action(async (id: string, options: KeysOptions) =>
      done((await import('./verbs/keys.ts')).revokeKey(id, options, terminal)),
    );
}

/** The end of a help page, as wide as the terminal. */
const tail =
  (text: string, { out }: Pick<Terminal, 'out'>) =>
  (): string =>
    fitted(text, out.columns);

/** One more of an option that may be given again. */
const several = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

/** How options are read that may be given again: each time they add something. */
const ADDING: ReadonlySet<unknown> = new Set([several, stopSequence]);

/** A verb whose result can be written as a page. */
function reported(command: Command): Command {
  return command.option('--report <file>', 'write a report: one page (.html), Markdown (.md), a table (.csv) or .json');
}

/** A verb whose items may be done on other machines. */
function byWorkers(command: Command): Command {
  return command
    .option('--workers', 'the workers of --store postgres://... do the items (plusx worker)')
    .option('--priority <number>', 'with --workers: runs of a higher one go first (default: 0)', wholeNumber);
}

/** A verb whose calls may go through a provider's batch endpoint. */
function batching(command: Command): Command {
  return command
    .option(
      '--batch',
      "send the calls through the provider's batch endpoint, for less; eval, compare and curve need --run or --store",
    )
    .option('--batch-price <share>', 'what a request costs there, of its price (default: 1; 0.5 at OpenAI)', share);
}

/** A verb that takes several models, and several formulas. */
function comparing(command: Command): Command {
  for (const option of command.options)
    if (['model', 'plus'].includes(option.attributeName())) option.argParser(several);
  return command;
}

/** A second value would take the place of the first without a word: most often it was meant to be added. */
function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (ADDING.has(option.parseArg) || !(option.required || option.optional)) continue;
    let given = false;
    command.on(`option:${option.name()}`, () => {
      if (given)
        command.error(
          `error: option '${option.flags}' is given twice. ${option.attributeName() === 'plus' ? 'Join techniques with +, as in "reRead + selfRefine".' : 'Give it once.'}`,
        );
      given = true;
    });
  }
  for (const inner of command.commands) refuseRepeats(inner);
}

function rootCommand(terminal: Terminal): Command {
  const { out, err } = terminal;
  return new Command('plusx')
    .description('P_lm + X: a technique is a function from language model to language model.')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--config <file>', 'the configuration (default: the nearest plusx.config.ts or .json, upwards)')
    .option('--no-config', 'no configuration')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      getOutHelpWidth: () => out.columns,
      getErrHelpWidth: () => err.columns,
      getOutHasColors: () => out.isTerminal,
      outputError: (text, write) =>
        write(
          `${err.paint('red', 'plusx:')} ${text
            .replace(/^error: /, '')
            .trim()
            .replaceAll(/\s*\n\s*/g, ' ')}\n`,
        ),
    })
    .configureHelp({ styleTitle: (title) => out.paint('bold', title) })
    .addHelpText('after', tail(help.ROOT, terminal));
}

interface Composing {
  /** Whether the verb takes what to add to the model, and keeps it under a name. Default true. */
  readonly composes?: boolean;
}

/** Options of the verbs that call a model. */
function calling(command: Command, { composes = true }: Composing = {}): Command {
  command.option('-m, --model <model>', 'a model by name or formula (plusx models lists names)');
  if (composes)
    command
      .option('-p, --plus <X>', 'techniques to add, as in "reRead + selfConsistency(n=5)"')
      .option('--save <name>', 'keep the model under a name in plusx.config.json, for -m NAME from then on');
  return common(
    command
      .option('--system <text>', 'instructions that stand before the question')
      .option('--temperature <t>', 'sampling temperature', nonNegative)
      .option('--top-p <share>', 'draw from the likeliest tokens that make up this share', share)
      .option('--max-tokens <count>', 'output tokens of one call, at most', positiveInteger)
      .option('--stop <text>', 'the answer ends before it; \\n is a line break; may be given again', stopSequence)
      .option('--reasoning <effort>', 'how hard to think, in the words of the provider: low, high'),
  )
    .option('--price <in,out>', 'US dollars for a million tokens (also in,out,cached,written)', price)
    .option('--prices <file>', 'a dated list of prices by model: our own form, or that of LiteLLM')
    .addOption(
      new Option(
        '--prompt-cache <what>',
        "use the provider's cache of prompts: first call alone (prefix, prompt)",
      ).choices(PROMPT_CACHES),
    )
    .addOption(importOption())
    .addOption(
      new Option('--defaults <whose>', 'how a gguf file samples where no option says: as it recommends, or plainly')
        .choices(['plain', 'card'])
        .default('plain', 'plain: temperature 1, the whole vocabulary'),
    )
    .option('--store <file>', 'keep every call in a file: what was paid for once is not called again')
    .option('--memory <file>', 'what techniques remember: notes and documents (plusx memory)')
    .option(
      '--mcp <server>',
      'command or address of an MCP server, whose tools a formula calls mcp: react(tools=mcp); may be given again',
      several,
    );
}

function importOption(): Option {
  return new Option(
    '--import <file>',
    'a module of your own (.ts, .js): formulas and --metric may name what it exports; may be given again',
  ).argParser(several);
}

interface Measuring extends Composing {
  readonly argument?: string;
}

/** Options of the verbs that measure a model on a task. */
function measuring(command: Command, { argument = '<task>', ...composing }: Measuring = {}): Command {
  return calling(command, composing)
    .argument(argument, 'a built-in name, a file of questions (.jsonl, .json, .csv, .tsv), or pool:FILE')
    .option('--limit <items>', 'only the first items', positiveInteger)
    .option('--metric <name>', `how the answers of a file are graded: ${METRIC_NAMES.join(', ')}, or your own`)
    .option('--judge <model>', 'the model that grades with --metric judge')
    .option('--input-field <name>', 'the field or column of the question (default: input)')
    .option('--expected-field <name>', 'the field or column of the expected answer (default: expected)')
    .option('--id-field <name>', 'the field or column of the id (default: id)')
    .option('--group <field>', 'the field or column of a group: items that share it count as one in intervals')
    .option('--tags <field>', 'the field or column of tags (a list, or with commas): results by tag as well')
    .option('--concurrency <items>', 'items in flight at once', positiveInteger);
}

function common(command: Command): Command {
  return command
    .option('--seed <seed>', 'same seed, same answer (default: 0)', seed)
    .option('--budget <limits>', 'calls=..,tokens=..,usd=..,ms=..: never exceeded', limits)
    .option('--dry-run', 'say what it may spend at most, and spend nothing')
    .option('-y, --yes', 'begin without asking, however much it may spend')
    .option(
      '--ask-above <limits>',
      'ask first, in a terminal, where it may spend more (default: usd=1, or calls=300 where no price is known)',
      limits,
    )
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no progress, no warnings');
}
