/** `plusx demo`: techniques transform a distribution before your eyes, computed now, with no key and no server. */
import { user, type Context, type Request } from '../../core/index.ts';
import { bars } from '../terminal/bars.ts';
import { compose } from '../compose/compose.ts';
import { probabilityOf, totalVariation, type Distribution } from '../../evaluate/distribution/distribution.ts';
import { QUESTION, solve } from './illustration.ts';
import { defaultModel } from '../compose/server.ts';
import type { RunOptions } from '../compose/options.ts';
import { mayBegin, type Spending } from '../compose/spending.ts';
import { both, NOTHING, times, worstCase } from '../../evaluate/worst-case.ts';
import { withContext, writeWarnings } from '../run.ts';
import { distributionOf, TOGETHER } from '../verbs/show.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { callsAnAnswer, count, oneLine, padStart, percent, plural, usageLine, width, wrap } from '../terminal/text.ts';

export type DemoOptions = Pick<RunOptions, 'seed' | 'budget' | 'json' | 'quiet' | 'dryRun' | 'yes' | 'askAbove'>;

/** What is put behind the + of the built-in model, the last one nested. */
const FORMULAS = [
  'selfConsistency',
  'bestOfN(n=3, score=judge(enumerable))',
  'selfRefine(rounds=1)',
  'selfRefine(rounds=1) + bestOfN(n=2, score=judge(enumerable))',
];
const SERVER_FORMULAS = ['selfConsistency(n=3)'];
const SERVER_SAMPLES = 16;
const MOST_PATHS = 100_000;
const RIGHT = String(solve(QUESTION)?.value);
const REQUEST: Request = { prompt: [user(QUESTION)] };

interface Result {
  readonly model: string;
  readonly formula: string;
  readonly before: Distribution;
  readonly after: Distribution;
}

export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const { out } = terminal;
  const say = (text: string): void => void (options.json || out.write(`${text}\n`));
  // Asked for once: while all paths are visited, the server may close the connection.
  const name = terminal.env['PLUSX_BASE_URL'] ? await defaultModel(terminal) : undefined;
  if (!(await mayBegin(await spendingOf(name, terminal), options, terminal))) return EXIT.good;
  return withContext(options, terminal, async (context) => {
    say(`${out.paint('bold', 'P_lm + X')}: a technique is a function from model to model.`);
    say(wrap(INTRODUCTION, out.columns));
    const results: Result[] = [];
    for (const plus of FORMULAS) {
      const result = await measure('enumerable', plus, context, options, terminal);
      if (results.length === 0) say(`\n${section('enumerable', result.before, undefined, terminal)}`);
      say(`\n${section(`+ ${plus}`, result.before, result.after, terminal)}`);
      results.push(result);
    }
    say(`\n${summary(results, terminal)}`);
    const server = await onServer(name, context, options, terminal, say);
    if (options.json)
      writeJson(terminal, {
        question: QUESTION,
        right: RIGHT,
        results: results.map(facts),
        server: server?.map(facts),
      });
    writeWarnings(context.ledger.warnings, options.quiet, terminal);
    say(`\n${server ? NEXT_SERVER : NEXT}`);
    return EXIT.good;
  });
}

/** What the server is asked, where one is named. What is written down here costs nothing. */
async function spendingOf(name: string | undefined, terminal: Terminal): Promise<Spending> {
  const free: Spending = { formula: 'enumerable', worst: NOTHING, of: 'the distribution is written down', free: true };
  if (name === undefined) return free;
  const composed = await Promise.all(SERVER_FORMULAS.map((plus) => compose({ model: name, plus }, terminal)));
  const worst = composed.map(({ base, model }) => both(worstCase(base, REQUEST), worstCase(model, REQUEST)));
  return {
    formula: composed.map(({ model }) => model.name).join(', '),
    worst: times(worst.reduce(both), SERVER_SAMPLES),
    of: `${plural(SERVER_SAMPLES, 'sample')} before and after each X`,
    free: false,
  };
}

async function measure(
  name: string,
  plus: string,
  context: Context,
  { quiet }: DemoOptions,
  terminal: Terminal,
): Promise<Result> {
  const { base, model, finite } = await compose({ model: name, plus }, terminal);
  const options = { n: SERVER_SAMPLES, answers: 'auto', quiet } as const;
  const settings = { limit: finite ? MOST_PATHS : 0, options, terminal, context };
  const before = await distributionOf(base, REQUEST, { ...settings, batch: TOGETHER });
  const after = await distributionOf(model, REQUEST, { ...settings, batch: 1 });
  return { model: base.name, formula: model.name, before, after };
}

/** The same on the server that PLUSX_BASE_URL names, where it names one. */
async function onServer(
  name: string | undefined,
  context: Context,
  options: DemoOptions,
  terminal: Terminal,
  say: (text: string) => void,
): Promise<Result[] | undefined> {
  if (name === undefined) return undefined;
  const results: Result[] = [];
  for (const plus of SERVER_FORMULAS) {
    const result = await measure(name, plus, context, options, terminal);
    say(
      `\n${section(`${result.formula}, from ${SERVER_SAMPLES} samples each`, result.before, result.after, terminal)}`,
    );
    results.push(result);
  }
  say(`\n${summary(results, terminal)}`);
  say(terminal.out.paint('dim', usageLine(context.ledger.usage)));
  return results;
}

function section(title: string, before: Distribution, after: Distribution | undefined, { out }: Terminal): string {
  const { exact, paths, callsPerAnswer } = after ?? before;
  const how = exact ? `exact, all ${plural(paths ?? 0, 'path')}` : 'from samples';
  const note = `${how}, ${callsAnAnswer(callsPerAnswer)}`;
  const between = width(title) + width(note) + 2 < out.columns ? '  ' : '\n';
  return `${out.paint('bold', title)}${between}${out.paint('dim', note)}\n${bars({ before, after }, out, { compact: true, full: 1 })}`;
}

function summary(results: readonly Result[], { out }: Terminal): string {
  const [{ model, before }] = results as [Result];
  const rows: readonly (readonly [string, Distribution])[] = [
    [model, before],
    ...results.map(({ formula, after }) => [`+ ${formula.slice(model.length + 3)}`, after] as const),
  ];
  const lines = rows.map(([name, distribution]) => {
    const figures = [
      padStart(percent(probabilityOf(distribution, RIGHT)), 7),
      padStart(totalVariation(before, distribution).toFixed(3), 7),
      padStart(count(distribution.callsPerAnswer), 7),
    ].join('');
    return `${figures}  ${wrap(oneLine(name), Math.max(20, out.columns - 24), '  ').replaceAll('\n', `\n${' '.repeat(23)}`)}`;
  });
  return [out.paint('dim', '  right     TV  calls  model'), ...lines].join('\n');
}

function facts({ model, formula, before, after }: Result): unknown {
  return {
    model,
    formula,
    ...after,
    accuracy: probabilityOf(after, RIGHT),
    accuracyBefore: probabilityOf(before, RIGHT),
    totalVariation: totalVariation(before, after),
  };
}

const INTRODUCTION = `The model here is a small written distribution that answers sums and is right half of the time. Asked "${QUESTION}", every path through each technique is visited, so the bars are exact: light before X, solid after.`;
const NEXT = `Your own model, by name or at any OpenAI-compatible server:
  plusx show "a question" --model openai/gpt-5-mini --plus "selfConsistency(n=5)"
  PLUSX_BASE_URL=http://127.0.0.1:8000/v1 plusx demo
What there is: plusx models, plusx techniques`;
const NEXT_SERVER = `Any question:
  plusx show "a question" --plus "selfConsistency(n=5)"
What there is: plusx models, plusx techniques`;
