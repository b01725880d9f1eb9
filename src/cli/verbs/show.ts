/** `plusx show`: the distribution of answers before and after X. */
import { memoryJournal, type AnswerFormat, type Context, type Model, type Request } from '../../core/index.ts';
import { toRequest, type QuestionOptions } from '../compose/request.ts';
import { bars, type Shown } from '../terminal/bars.ts';
import { compose } from '../compose/compose.ts';
import {
  estimatePaths,
  exactDistribution,
  sampledDistribution,
  spelledAs,
  totalVariation,
  type Distribution,
} from '../../evaluate/distribution/distribution.ts';
import { both, NOTHING, times, worstCase } from '../../evaluate/worst-case.ts';
import type { RunOptions } from '../compose/options.ts';
import { mayBegin, type Spending } from '../compose/spending.ts';
import { outputFile } from '../terminal/files.ts';
import { progressBar } from '../terminal/progress.ts';
import { isInterrupted, withContext, writeInterrupted, writeWarnings } from '../run.ts';
import { EXIT, writeJson, type Output, type Terminal } from '../terminal/terminal.ts';
import {
  callsAnAnswer,
  clip,
  count,
  money,
  oneLine,
  padEnd,
  plural,
  accountLine,
  width,
  wrap,
} from '../terminal/text.ts';

export interface ShowOptions extends RunOptions, QuestionOptions {
  /** Samples of each. Fewer by default where they are billed. */
  readonly n?: number | undefined;
  readonly answers: AnswerFormat;
  readonly svg?: string | undefined;
  /** Visit all paths, however many. */
  readonly exact?: true | undefined;
  /** Draw samples even where all paths could be visited. */
  readonly sampled?: true | undefined;
}

/** Paths visited before samples are drawn instead: a few seconds of work. */
const MOST_PATHS = 10_000;
/** Samples of each that are drawn unless another number is asked for: fewer where they are billed. */
const SAMPLES = 200;
const BILLED_SAMPLES = 40;
/** Samples of the base model asked for together. */
export const TOGETHER = 8;

export async function show(question: string, options: ShowOptions, terminal: Terminal): Promise<number> {
  const request = toRequest(question, options);
  const { base, model, finite, free, prices } = await compose(options, terminal);
  const n = options.n ?? (free ? SAMPLES : BILLED_SAMPLES);
  const spending = { ...spendingOf({ base, model }, request, n, finite && !options.sampled), free, prices };
  if (!(await mayBegin(spending, options, terminal))) return EXIT.good;
  await using picture = await outputFile(options.svg, { shared: true });
  return await withContext(options, terminal, async (given) => {
    // The formula's own draws of the model are among those that are drawn of it alone: they are made once.
    const context = given.journal ? given : { ...given, journal: memoryJournal() };
    const limit = options.sampled || !finite ? 0 : options.exact ? Infinity : MOST_PATHS;
    const settings = { limit, options: { ...options, n }, terminal, context };
    const before = await distributionOf(base, request, { ...settings, batch: TOGETHER });
    const made = await distributionAfter(model === base ? undefined : model, request, settings);
    const after = made && spelledAs(before, made, request, options.answers);
    const shown: Shown = { question, model: base.name, formula: model.name, before, after };
    const tv = after && totalVariation(before, after);
    const { usage, spending: charged, warnings } = context.ledger;
    if (options.json)
      writeJson(terminal, {
        ...shown,
        totalVariation: tv,
        usage,
        spending: charged,
        seed: options.seed ?? 0,
        ...(isInterrupted(terminal) && { interrupted: true }),
      });
    else terminal.out.write(`${render(shown, terminal.out)}\n`);
    await picture?.write((await import('./show-svg.ts')).distributionSvg(shown));
    writeWarnings(warnings, options.quiet, terminal);
    if (!options.quiet && !options.json && usage.calls > 0)
      terminal.err.write(`${terminal.err.paint('dim', accountLine(usage, charged))}\n`);
    if (!isInterrupted(terminal)) return EXIT.good;
    writeInterrupted(terminal);
    return EXIT.interrupted;
  });
}

/** Both distributions, at most. Of a finite model every path is visited, and only a try tells how many there are. */
function spendingOf(
  { base, model }: { readonly base: Model; readonly model: Model },
  request: Request,
  n: number,
  visited: boolean,
): Omit<Spending, 'free'> {
  const formula = model.name;
  if (visited)
    return {
      formula,
      worst: {
        ...NOTHING,
        calls: undefined,
        because: [{ what: 'calls', why: 'every path through the formula is visited, however many there are' }],
      },
    };
  const one = worstCase(base, request);
  if (model === base) return { formula, worst: times(one, n), of: plural(n, 'sample') };
  const worst = times(both(one, worstCase(model, request)), n);
  return { formula, worst, of: `${plural(n, 'sample')} before and after; -n ${Math.max(1, n >> 2)} takes a quarter` };
}

async function distributionAfter(
  model: Model | undefined,
  request: Request,
  settings: Omit<Settings, 'batch'>,
): Promise<Distribution | undefined> {
  if (!model || isInterrupted(settings.terminal)) return undefined;
  try {
    return await distributionOf(model, request, { ...settings, batch: 1 });
  } catch (error) {
    if (isInterrupted(settings.terminal)) return undefined; // what is there is shown
    throw error;
  }
}

interface Settings {
  readonly batch: number;
  /** Most paths to visit; 0 draws samples at once. */
  readonly limit: number;
  readonly options: Pick<ShowOptions, 'answers' | 'quiet'> & { readonly n: number };
  readonly terminal: Terminal;
  readonly context: Context;
}

/** Exact where all paths fit in the limit, from samples otherwise. */
export async function distributionOf(
  model: Model,
  request: Request,
  { batch, limit, options: { n, answers: format, quiet }, terminal, context }: Settings,
): Promise<Distribution> {
  const { clock, ledger } = context;
  // The limit is hard; the estimate, which may be far off, spares the attempt where it is hopeless.
  if (limit > 0 && (limit === Infinity || (await estimatePaths(model, request, context)) <= 20 * limit)) {
    const bar = progressBar(terminal, { total: undefined, unit: 'paths', quiet, now: clock.now });
    try {
      const exact = await exactDistribution(model, request, { format, limit, context, onPath: bar.update });
      if (exact) return exact;
    } finally {
      bar.stop();
    }
  }
  const bar = progressBar(terminal, { total: n, unit: 'samples', quiet, now: clock.now });
  try {
    return await sampledDistribution(model, request, context, {
      n,
      batch,
      format,
      onDrawn: (drawn) => bar.update(drawn, ledger.usage),
    });
  } finally {
    bar.stop();
  }
}

/** The two models, how their distributions were come by, and the bars. */
export function render({ question, model, formula, before, after }: Shown, out: Output): string {
  const sides = [
    { mark: '░', word: 'before', name: model, of: before },
    ...(after ? [{ mark: '█', word: 'after', name: formula, of: after }] : []),
  ];
  const notes = sides.map(({ of }) => comeBy(of));
  const room = out.columns - 13;
  const names = sides.map(({ name }) => oneLine(name));
  const widest = Math.max(...names.map(width));
  const together = widest + 2 + Math.max(...notes.map(width)) <= room;
  const legend = sides.map(({ mark, word }, i) => {
    const name = names[i] as string;
    const head = `  ${after ? out.paint(word === 'after' ? 'cyan' : 'dim', mark) : '█'} ${padEnd(after ? word : 'model', 6)}  `;
    const text = together ? (notes[i] as string) : wrap(notes[i] as string, Math.max(16, room), '            ');
    const note = out.paint('dim', text);
    return together
      ? `${head}${padEnd(name, widest)}  ${note}`
      : `${head}${wrap(name, Math.max(16, room), '            ')}\n            ${note}`;
  });
  const apart = after ? [`  total variation ${totalVariation(before, after).toFixed(3)}`] : [];
  const heading = out.paint('bold', clip(oneLine(question), Math.max(16, out.columns - 1)));
  return [heading, '', ...legend, '', bars({ before, after }, out), ...(after ? ['', ...apart] : [])].join('\n');
}

function comeBy({ exact, paths, samples, callsPerAnswer, tokensPerAnswer, usdPerAnswer }: Distribution): string {
  return [
    exact ? `exact (${plural(paths ?? 0, 'path')})` : `from ${plural(samples ?? 0, 'sample')}`,
    callsPerAnswer === undefined ? '' : callsAnAnswer(callsPerAnswer),
    tokensPerAnswer === undefined ? '' : `${count(tokensPerAnswer, 0)} tokens`,
    usdPerAnswer ? money(usdPerAnswer) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
