/** What five samples and a few probes of each item say about every X: what can help here, what cannot, and what to try first. */
import { addUsage, NO_USAGE, totalTokens, type Usage } from '../core/index.ts';
import {
  bestAtK,
  comparePaired,
  intervalOfGrades,
  majorityExactly,
  mean,
  type Groups,
  type Interval,
} from '../evaluate/index.ts';
import type { Probe, ProbeKind } from './probes.ts';

/** One item with its samples, and what the probes made of it. */
export interface Examined {
  readonly id: string;
  readonly group: string | undefined;
  /** Of each sample: its grade, its answer where one can be read, and whether its end was cut off. */
  readonly samples: readonly {
    readonly grade: number;
    readonly answer: string | null;
    readonly isCut: boolean;
  }[];
  readonly usage: Usage;
  /** By the formula of the probe. */
  readonly probes: ReadonlyMap<string, { readonly grade: number; readonly usage: Usage }>;
}

export type Topic = ProbeKind | 'votes' | 'verifier' | 'stopping';

/**
 * `helps`, `hurts`: the interval of the gain leaves out 0. `may`: a gain was seen that may be luck, or, of a verifier and a stop rule, there
 * is something to gain. `no`: none was seen. `untried`: something is missing.
 */
export type Can = 'helps' | 'may' | 'no' | 'hurts' | 'untried';

export interface Finding {
  readonly about: Topic;
  readonly can: Can;
  /** The formula that was tried, or that the samples tell about. */
  readonly formula: string | undefined;
  /** Of it, beside one plain answer. */
  readonly gain: { readonly difference: number; readonly ci95: Interval; readonly p: number } | undefined;
  /** The figures behind it, by name; shares are fractions. */
  readonly figures: { readonly [name: string]: number };
  /** The same in a sentence. */
  readonly says: string;
}

/** A formula to try, with what it is expected to give and to take. */
export interface Suggestion {
  readonly formula: string;
  readonly about: Topic;
  /** Expected accuracy; of a verifier, at most. */
  readonly accuracy: number;
  readonly isCeiling: boolean;
  readonly can: Can;
  readonly callsPerItem: number;
  readonly tokensPerItem: number | undefined;
  readonly usdPerItem: number | undefined;
}

export interface Found {
  readonly accuracy: number;
  readonly ci95: Interval;
  readonly findings: readonly Finding[];
  readonly formulas: readonly Suggestion[];
  readonly verdict: string;
}

/** Gains below this, or that come out this often by luck, are no reason to try anything. */
const WORTH = 0.02;
const LUCK = 0.3;
/** Of the answers, so many that cannot be read come before anything else. */
const UNREADABLE = 0.1;
/** What a perfect verifier must add before one is worth looking for. */
const ROOM = 0.05;

interface Read {
  readonly examined: readonly Examined[];
  readonly base: string;
  readonly groups: Groups | undefined;
  readonly means: readonly number[];
  readonly accuracy: number;
}

export function findingsOf(
  examined: readonly Examined[],
  base: string,
  probes: readonly Probe[],
  left: readonly { readonly about: ProbeKind; readonly why: string }[],
): Found {
  const means = examined.map(({ samples }) => mean(samples.map(({ grade }) => grade)));
  const groups = examined.some(({ group }) => group !== undefined) ? examined.map(({ group }) => group) : undefined;
  const read: Read = { examined, base, groups, means, accuracy: mean(means) };
  const all = [
    ...formatFinding(
      read,
      probes.find(({ about }) => about === 'format'),
    ),
    votes(read),
    verifier(read),
    stopping(read),
    ...probes.filter(({ about }) => about !== 'format').map((probe) => tried(read, probe)),
    ...left.map(({ about, why }): Finding => ({
      about,
      can: 'untried',
      formula: undefined,
      gain: undefined,
      figures: {},
      says: `not tried: ${why}`,
    })),
  ];
  const findings = all.map((one: Finding & Partial<Costed>): Finding => {
    const { cost: _, ...finding } = one;
    return finding;
  });
  const formulas = ranked(all, read);
  return {
    accuracy: read.accuracy,
    ci95: intervalOfGrades(means, groups),
    findings,
    formulas,
    verdict: verdictOf(formulas, read, findings),
  };
}

interface Costed {
  readonly cost: Pick<Suggestion, 'callsPerItem' | 'tokensPerItem' | 'usdPerItem' | 'accuracy' | 'isCeiling'>;
}

type Told = Finding & Costed;

function votes({ examined, means, groups, base, accuracy }: Read): Told {
  const five = examined.map(({ samples }) => majorityExactly(samples).at(-1) as number);
  const modes = examined.map(modeOf);
  const wrongModes = mean(modes.map(({ grade, isRightElsewhere }) => Number(grade < 0.5 && isRightElsewhere)));
  const rightModes = mean(modes.map(({ grade }) => Number(grade >= 0.5)));
  const spread = mean(examined.map(({ samples }) => new Set(samples.map(({ answer }) => answer)).size));
  const gain = comparePaired(means, five, { groups });
  const same = spread < 1.1 ? ': the samples of an item hardly differ, so that votes have nothing to count' : '';
  return {
    about: 'votes',
    can: canOf(gain),
    formula: `${base} + selfConsistency(n=5)`,
    gain,
    figures: { spread, wrongModes, rightModes },
    says: `${share(rightModes)} of the items have a right answer in front${same}; on ${share(wrongModes)} a wrong one is in front of a right one, and votes make that worse`,
    cost: { ...costOf(examined, 5, 5), accuracy: accuracy + gain.difference, isCeiling: false },
  };
}

/** The most frequent answer of an item, or the mean of those in front: its grade, and whether one with fewer votes is right. */
function modeOf({ samples }: Examined): { readonly grade: number; readonly isRightElsewhere: boolean } {
  const groups = Map.groupBy(
    samples.filter(({ answer }) => answer !== null),
    ({ answer }) => answer,
  );
  const classes = [...groups.values()].map((all) => ({
    votes: all.length,
    grade: mean(all.map(({ grade }) => grade)),
  }));
  const most = Math.max(0, ...classes.map(({ votes: count }) => count));
  const front = classes.filter(({ votes: count }) => count === most);
  const grade = front.length === 0 ? 0 : mean(front.map((one) => one.grade));
  return { grade, isRightElsewhere: classes.some((one) => one.votes < most && one.grade >= 0.5 && one.grade > grade) };
}

function verifier({ examined, means, groups, base }: Read): Told {
  const five = examined.map(({ samples }) =>
    bestAtK(
      samples.map(({ grade }) => ({ grade, score: grade })),
      samples.length,
    ),
  );
  const gain = comparePaired(means, five, { groups });
  const pass5 = mean(five);
  const never = mean(five.map((grade) => Number(grade < 0.5)));
  return {
    about: 'verifier',
    can: gain.difference >= ROOM && gain.ci95[0] > 0 ? 'may' : 'no',
    formula: `${base} + bestOfN(n=5, score=VERIFIER)`,
    gain: undefined,
    figures: { pass5, never },
    says: `a right answer is among five on ${share(pass5)} of the items, which is the most that a verifier, a judge or a search could reach; on ${share(never)} there is none to find`,
    cost: { ...costOf(examined, 5, 5), accuracy: pass5, isCeiling: true },
  };
}

/** Whether two draws that agree say that their answer is right: what a stop rule and a cascade go by. */
function stopping({ examined, means, groups, base, accuracy }: Read): Told {
  const pairs = examined.flatMap(({ samples }) =>
    samples.flatMap((one, i) =>
      samples
        .slice(i + 1)
        .map((other) => ({ agree: one.answer !== null && one.answer === other.answer, grade: one.grade })),
    ),
  );
  const agreeing = pairs.filter(({ agree }) => agree).map(({ grade }) => grade);
  const differing = pairs.filter(({ agree }) => !agree).map(({ grade }) => grade);
  const agree = agreeing.length / pairs.length;
  const rightWhenAgree = agreeing.length > 0 ? mean(agreeing) : 0;
  const rightWhenNot = differing.length > 0 ? mean(differing) : 0;
  const runs = examined.map(({ samples }) => stopped(samples));
  const grades = runs.map(({ grade }) => grade);
  const calls = mean(runs.map((run) => run.calls));
  const gain = comparePaired(means, grades, { groups });
  const tells = rightWhenAgree - rightWhenNot;
  const can = canOf(gain);
  return {
    about: 'stopping',
    can: tells < 0.1 ? 'no' : can,
    formula: `${base} + selfConsistency(n=5, stop="window", window=2)`,
    gain,
    figures: { agree, rightWhenAgree, rightWhenNot, calls },
    says: `two answers agree in ${share(agree)} of the cases and are then right in ${share(rightWhenAgree)}, else in ${share(rightWhenNot)}: ${tells >= 0.2 ? 'a stop rule, and a cascade to a larger model, can know when to stop' : 'agreement hardly tells right from wrong, so that neither a stop rule nor a cascade knows when to stop'}`,
    cost: { ...costOf(examined, calls, 5), accuracy: accuracy + gain.difference, isCeiling: false },
  };
}

/** A vote of up to five that stops after two or four draws if the last two agree: the mean over all orders of the samples. */
function stopped(samples: Examined['samples']): { readonly grade: number; readonly calls: number } {
  let [grade, calls, orders] = [0, 0, 0];
  for (const order of permutations(samples)) {
    const end =
      [2, 4].find(
        (n) => order[n - 1] && order[n - 1]?.answer !== null && order[n - 1]?.answer === order[n - 2]?.answer,
      ) ?? order.length;
    const drawn = order.slice(0, end);
    const answers = drawn.map(({ answer }) => answer);
    const most = Math.max(
      ...drawn.map(({ answer }) => (answer === null ? 0 : answers.filter((one) => one === answer).length)),
    );
    const winner =
      drawn.find(({ answer }) => answer !== null && answers.filter((one) => one === answer).length === most) ??
      drawn[0];
    grade += winner?.grade ?? 0;
    calls += end;
    orders++;
  }
  return { grade: grade / orders, calls: calls / orders };
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]];
  return all.flatMap((one, i) => permutations(all.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}

function formatFinding(read: Read, probe: Probe | undefined): (Finding & Partial<Costed>)[] {
  const samples = read.examined.flatMap((one) => one.samples);
  const unreadable = mean(samples.map(({ answer }) => Number(answer === null)));
  const cut = mean(samples.map(({ isCut }) => Number(isCut)));
  const says = `${share(unreadable)} of the replies cannot be read as an answer${cut >= WORTH ? `; ${share(cut)} were cut off at the limit of tokens (--max-tokens)` : ''}`;
  const figures = { unreadable, cut };
  if (!probe || unreadable < UNREADABLE)
    return [{ about: 'format', can: 'no', formula: undefined, gain: undefined, figures, says }];
  const found = tried(read, probe);
  return [
    {
      ...found,
      figures: { ...found.figures, ...figures },
      says: `${says}; asked to end with "Answer: " it is ${found.says}`,
    },
  ];
}

/** The share of replies without an answer from which the format comes first. */
export function needsFormat(examined: readonly Examined[]): boolean {
  return mean(examined.flatMap(({ samples }) => samples.map(({ answer }) => Number(answer === null)))) >= UNREADABLE;
}

/** What a probe makes of the items, beside one plain answer: its own draft where it has one, else the mean of the five. */
function tried(
  { examined, groups, means, accuracy }: Read,
  { about, model, isDraft }: Probe,
): Told | (Finding & Partial<Costed>) {
  const formula = model.name;
  const kept = examined.flatMap((one, i) => {
    const found = one.probes.get(formula);
    const before = isDraft ? one.samples[0]?.grade : means[i];
    return found && before !== undefined ? [{ before, group: groups?.[i], ...found }] : [];
  });
  if (kept.length < 2)
    return {
      about,
      can: 'untried',
      formula,
      gain: undefined,
      figures: {},
      says: 'not tried: it failed on the items, or the budget ended',
    };
  const gain = comparePaired(
    kept.map(({ before }) => before),
    kept.map(({ grade }) => grade),
    { groups: groups && kept.map(({ group }) => group) },
  );
  const usage = kept.map((one) => one.usage).reduce(addUsage, NO_USAGE);
  const fixed = kept.filter(({ before, grade }) => grade > before).length;
  const broken = kept.filter(({ before, grade }) => grade < before).length;
  return {
    about,
    can: canOf(gain),
    formula,
    gain,
    figures: { accuracy: mean(kept.map(({ grade }) => grade)), better: fixed, worse: broken, items: kept.length },
    says: `${share(mean(kept.map(({ grade }) => grade)))} right on ${kept.length} items: better on ${fixed}, worse on ${broken}`,
    cost: {
      ...perItem(usage, kept.length),
      accuracy: Math.min(1, Math.max(0, accuracy + gain.difference)),
      isCeiling: false,
    },
  };
}

function canOf({ difference, ci95: [lo, hi], p }: NonNullable<Finding['gain']>): Can {
  if (lo > 0) return 'helps';
  if (hi < 0) return 'hurts';
  return difference >= WORTH && p <= LUCK ? 'may' : 'no';
}

/** Calls of `n` of the five draws, and the tokens and dollars of as large a part of what all took. */
function costOf(examined: readonly Examined[], n: number, of: number) {
  const usage = examined.map((one) => one.usage).reduce(addUsage, NO_USAGE);
  const { callsPerItem, tokensPerItem, usdPerItem } = perItem(usage, examined.length);
  const part = (whole: number | undefined): number | undefined => (whole === undefined ? undefined : (whole * n) / of);
  return { callsPerItem: (callsPerItem * n) / of, tokensPerItem: part(tokensPerItem), usdPerItem: part(usdPerItem) };
}

function perItem(usage: Usage, items: number) {
  const each = (whole: number | undefined): number | undefined => (whole === undefined ? undefined : whole / items);
  return { callsPerItem: usage.calls / items, tokensPerItem: each(totalTokens(usage)), usdPerItem: each(usage.usd) };
}

const ORDER: readonly Can[] = ['helps', 'may'];

/** What is worth a try: what surely helps by its gain, then what may, and last what needs a verifier that nobody has seen. */
function ranked(all: readonly (Finding & Partial<Costed>)[], { accuracy }: Read): Suggestion[] {
  return all
    .flatMap(({ about, can, formula, cost }): Suggestion[] =>
      cost && formula !== undefined && ORDER.includes(can) ? [{ formula, about, can, ...cost }] : [],
    )
    .filter((one) => one.accuracy > accuracy)
    .toSorted(
      (one, other) =>
        Number(one.isCeiling) - Number(other.isCeiling) ||
        ORDER.indexOf(one.can) - ORDER.indexOf(other.can) ||
        Number(other.about === 'format') - Number(one.about === 'format') ||
        other.accuracy - one.accuracy ||
        one.callsPerItem - other.callsPerItem,
    );
}

function verdictOf(
  formulas: readonly Suggestion[],
  { examined, accuracy }: Read,
  findings: readonly Finding[],
): string {
  const [first] = formulas;
  const failed = findings.filter(({ can, formula }) => can === 'untried' && formula !== undefined);
  const never = mean(examined.map(({ samples }) => Number(samples.every(({ grade }) => grade < 0.5))));
  if (!first) {
    if (accuracy >= 0.95) return `Nothing here will help: ${share(accuracy)} of single answers are right already.`;
    if (failed.length > 0)
      return `Not known: ${failed.length} of what was to be tried failed on the items, or the budget ended. Of the rest, nothing helps.`;
    return `Nothing here will help: ${never >= 0.3 ? `on ${share(never)} of the items none of five answers is right, and nothing that was tried changes that. A stronger model would` : 'nothing that was tried made the answers better, and votes have nothing to gain from their spread'}.`;
  }
  if (first.about === 'format')
    return 'Format first: many replies cannot be read, so that everything else is measured through that.';
  if (first.isCeiling)
    return 'Nothing that was tried helps by itself. A verifier could: right answers are drawn, and not chosen.';
  if (first.can === 'may')
    return `Nothing helps for certain on ${examined.length} items. The first of these is worth a comparison: plusx compare.`;
  return 'The first of these helps. plusx compare measures it on all items.';
}

const share = (fraction: number): string => `${(100 * fraction).toFixed(0)}%`;
