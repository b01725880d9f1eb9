/** Candidates with how sure the model was of each, and the shares of them that may vote. */
import { extractAnswer, type AnswerFormat, type Class, type Request, type Sample } from '../../core/index.ts';
import { confidences, MOST, overall, type MEASURES, type Scale } from './confidence.ts';
import { leader, tally, votesOf } from '../shared/vote.ts';

export interface Candidate {
  readonly kind: 'whole';
  readonly sample: Sample;
  readonly answer: string | null;
  /** The confidence it is ranked by. */
  readonly sure: number;
  /** What its vote weighs. */
  readonly weight: number;
  /** Its least sure group. */
  readonly lowest: number;
  readonly tokens: number;
}

interface Judging {
  readonly extract: AnswerFormat;
  readonly measure: (typeof MEASURES)[number];
  readonly window: number;
  readonly alternatives: number;
  /** Without one, nothing is known and all are alike. */
  readonly scale: Scale | undefined;
}

export function judged(
  sample: Sample,
  request: Request,
  { extract, measure, window, alternatives, scale }: Judging,
): Candidate {
  const values = scale ? confidences(sample, scale, alternatives) : [0];
  const sure = overall(values, { window, measure });
  const weight = scale === 'alternatives' ? sure : Math.exp(sure);
  return {
    kind: 'whole',
    sample,
    answer: extractAnswer(sample, request, extract),
    sure,
    weight: Number.isNaN(weight) ? 0 : weight,
    lowest: overall(values, { window, measure: 'lowest' }),
    tokens: sample.tokens?.length ?? 0,
  };
}

/** The surest share of those that have an answer, or of all where none has, in the order of their draws. */
export function surest(all: readonly Candidate[], keep: number, by: 'sure' | 'lowest'): readonly Candidate[] {
  const answered = all.filter(({ answer }) => answer !== null);
  const eligible = answered.length > 0 ? answered : all;
  const count = Math.max(1, Math.ceil(keep * eligible.length - 1e-9)); // .1 of 20 is 2, rounding or not
  const ranked = new Set(eligible.toSorted((a, b) => b[by] - a[by]).slice(0, count));
  return eligible.filter((one) => ranked.has(one));
}

/** Whether one answer has that share of the weight. */
export function agreed(all: readonly Candidate[], consensus: number): boolean {
  const classes = classesOf(all);
  return leader(classes) !== undefined && (votesOf(classes).share ?? 0) >= consensus;
}

/** Candidates without which there is no such agreement, were all of them to say what leads and as sure as can be. */
export function missing(all: readonly Candidate[], consensus: number, scale: Scale): number {
  const classes = classesOf(all);
  const total = classes.reduce((sum, { answer, weight }) => sum + (answer === null ? 0 : weight), 0);
  const short = consensus * total - (leader(classes)?.weight ?? 0);
  const each = (1 - consensus) * (scale === 'alternatives' ? MOST : 1); // of a text written for certain e^0 is the weight
  return short > 0 ? Math.max(1, Math.ceil(short / each - 1e-9)) : 1;
}

function classesOf(all: readonly Candidate[]): Class[] {
  return tally(
    all.map(({ answer }) => answer),
    all.map(({ weight }) => weight),
  );
}
