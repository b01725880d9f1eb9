/** A space for who marks no choices: of what most often pays, what this model can do, this task asks for, and a diagnosis does not rule out. */
import type { Host, Limits, Model } from '../../core/index.ts';
import type { Diagnosis, Finding } from '../../diagnose/index.ts';
import { FORMAT } from '../../diagnose/probes.ts';
import type { Task } from '../../tasks/index.ts';
import { isNumeric } from '../../tasks/numeric.ts';

/** A part of a space, in it or not, and why. Plain data. */
export interface PartTold {
  readonly part: string;
  readonly isIn: boolean;
  readonly why: string;
}

export interface AutoSpace {
  readonly text: string;
  readonly parts: readonly PartTold[];
}

export interface AutoOptions {
  readonly perQuestion?: Limits | undefined;
  readonly task?: Task | undefined;
  /** What the model can do decides what is asked of it. */
  readonly model?: Pick<Model, 'can'> | undefined;
  /** Whether programs can be run. Default: they can. */
  readonly host?: Pick<Host, 'sandbox'> | undefined;
  /** What was found on items that nothing is measured on. */
  readonly diagnosis?: Pick<Diagnosis, 'findings' | 'items'> | undefined;
}

/** A finding that something gains nothing, or loses, takes it out; one that it may be luck does not. */
interface Offered extends PartTold {
  /** The choice it belongs to: how it is asked, or how the answer is made. */
  readonly slot: 'asking' | 'answer';
}

/**
 * Ways of asking, then demonstrations, then how the answer is made: the likeliest one, a program where the answers are numbers, votes of
 * as many draws as a question may take. Point 0 of each choice is doing without, so that the base itself is among the compositions.
 */
export function autoSpace(options: AutoOptions = {}): AutoSpace {
  const offered = [...askings(options), ...answers(options)];
  const taken = (slot: Offered['slot']): string[] =>
    offered.flatMap((one) => (one.slot === slot && one.isIn ? one.part : []));
  const [ways, ends] = [taken('asking'), taken('answer')];
  const text = [
    ...(ways.length > 0 ? [`maybe(anyOf(${ways.join(', ')}))`] : []),
    DEMONSTRATIONS.part,
    ...(ends.length > 0 ? [`maybe(anyOf(${ends.join(', ')}))`] : []),
  ].join(' + ');
  return {
    text,
    parts: [...offered.map(({ part, isIn, why }) => ({ part, isIn, why })), DEMONSTRATIONS],
  };
}

const DEMONSTRATIONS: PartTold = {
  part: 'demos(k=[0, 4])',
  isIn: true,
  why: 'answers to training items, where there are some',
};

function askings(options: AutoOptions): readonly Offered[] {
  const asking = (part: string, of: Judged): Offered => ({ slot: 'asking', part, ...of });
  const format = `request(system=${JSON.stringify(FORMAT)})`;
  const about = (name: string): Finding | undefined =>
    options.diagnosis?.findings.find(({ formula }) => formula?.includes(`+ ${name}`));
  const found = findingOf(options, 'format');
  return [
    asking('reRead', judged(options, about('reRead'), 'often pays, for one call')),
    ...(options.diagnosis
      ? [asking('rephraseAndRespond', onlyIfItMay(about('rephraseAndRespond'), 'takes two calls'))]
      : []),
    asking('planAndSolve', { isIn: true, why: 'no diagnosis tells of it' }),
    ...(found ? [asking(format, onlyIfItMay(found, 'answers can be read as they are'))] : []),
  ];
}

function answers(options: AutoOptions): readonly Offered[] {
  const { perQuestion: { calls = 15 } = {}, task, model, host = { sandbox: ANY }, diagnosis } = options;
  const answer = (part: string, of: Judged): Offered => ({ slot: 'answer', part, ...of });
  const votes = [3, 5, 9, 15].filter((n) => n <= calls);
  const voting = votes.length > 0 && `selfConsistency(n=[${votes.join(', ')}])`;
  const stopping = votes.length > 0 && `adaptiveConsistency(n=[${votes.slice(-2).join(', ')}])`;
  const numbers = task !== undefined && isNumeric(task);
  const likeliest = votes.includes(5) && model?.can.logprobs === true;
  return [
    answer(
      'request(temperature=0)',
      judged(options, findingOf(options, 'greedy'), 'the likeliest answer, for one call'),
    ),
    answer(
      'pal',
      !numbers
        ? { isIn: false, why: 'the expected answers are not all numbers' }
        : host.sandbox === undefined
          ? { isIn: false, why: 'there is no sandbox to run a program in' }
          : judged(options, findingOf(options, 'tool'), 'all expected answers are numbers'),
    ),
    ...(voting
      ? [answer(voting, judged(options, findingOf(options, 'votes'), `a question may take ${calls} calls`))]
      : [answer('selfConsistency', { isIn: false, why: `a question may take ${calls} calls, and two votes are one` })]),
    ...(stopping
      ? [answer(stopping, judged(options, findingOf(options, 'votes'), 'votes that stop when they are sure'))]
      : []),
    ...(model
      ? [
          answer('deepConf(n=5, keep=0.2, alternatives=0)', {
            isIn: likeliest,
            why: likeliest
              ? 'the model tells log-probabilities'
              : model.can.logprobs
                ? `a question may take ${calls} calls`
                : 'the model tells no log-probabilities',
          }),
        ]
      : []),
    ...(diagnosis && calls >= 3
      ? [answer('selfRefine(rounds=1)', onlyIfItMay(findingOf(options, 'critique'), 'takes three calls'))]
      : []),
    ...(findingOf(options, 'page')?.gain
      ? [answer('rag', onlyIfItMay(findingOf(options, 'page'), 'there are pages to look up'))]
      : []),
  ];
}

/** Stands for a sandbox where it is not said that there is none. */
const ANY = {} as NonNullable<Host['sandbox']>;

type Judged = Pick<PartTold, 'isIn' | 'why'>;

const findingOf = ({ diagnosis }: AutoOptions, about: Finding['about']): Finding | undefined =>
  diagnosis?.findings.find((one) => one.about === about);

/** In, unless it was seen to lose, or to gain nothing. */
function judged({ diagnosis }: AutoOptions, finding: Finding | undefined, before: string): Judged {
  if (!finding?.gain) return { isIn: true, why: before };
  const isIn = finding.can !== 'hurts' && (finding.can !== 'no' || finding.gain.difference > 0);
  return { isIn, why: told(finding, diagnosis?.items) };
}

/** What costs more than it most often pays is in only where it was seen to gain. */
function onlyIfItMay(finding: Finding | undefined, before: string): Judged {
  if (!finding?.gain) return { isIn: false, why: before };
  return { isIn: finding.can === 'helps' || finding.can === 'may', why: told(finding, undefined) };
}

function told({ gain, can }: Finding, items: number | undefined): string {
  const points = (100 * (gain?.difference ?? 0)).toFixed(1);
  const sign = Number(points) > 0 ? '+' : '';
  const seen = `${sign}${points} points${items === undefined ? '' : ` on ${items} items`}`;
  return {
    helps: `helps: ${seen}`,
    may: `may help: ${seen}`,
    no: `no gain is certain: ${seen}`,
    hurts: `hurts: ${seen}`,
    untried: 'not tried',
  }[can];
}
