/** The law of CRITIC: Σ over y_0 … y_t of P(y_0 | x) Π_i P(y_i+1 | x, y_0, c(y_0) … y_i, c(y_i)), up to the first without a fault. */
import { judge, plus, questionOf, scorer, textOf, type Message, type Model, type Sample } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { findingsIn, remembering, rewritten, type Rewrite } from '../../testing/laws/refiner.ts';
import { CORRECT, critic, CRITIQUE } from './critic.ts';

// A writer who is told what a check finds: all but the good answers have a fault, and a correction may have another.
const WRITTEN: Distribution = { bad: 5, fair: 3, good: 2 };
const FAULT: { readonly [answer: string]: string } = { bad: 'wrong', fair: 'unclear' };
const CORRECTED: Tables = {
  wrong: { bad: 2, fair: 5, good: 3 },
  unclear: { bad: 1, fair: 2, good: 7 },
};
const correct =
  (corrected: Tables): Rewrite =>
  ({ fault }) =>
    corrected[fault];
const correction = correct(CORRECTED);
const faultIn = (turn: string): string | undefined =>
  turn.includes('rates this answer 0,')
    ? 'wrong'
    : ['wrong', 'unclear'].find((critique) => turn === CORRECT({ critique }));
const writerOf = (first: Distribution, corrected: Tables): Model =>
  enumerable({
    name: 'writer',
    answers(prompt) {
      const findings = findingsIn(prompt, faultIn);
      return findings.length === 0 ? first : remembering(correct(corrected), findings);
    },
  });
const writer = writerOf(WRITTEN, CORRECTED);
const fault = ({ content }: Sample): string | undefined => FAULT[textOf(content)];
const fairEnough = scorer('fairEnough', ({ content }) => (textOf(content) === 'bad' ? 0 : 0.5));

// A verifier who sees one draft alone, and does not always find the same.
const VERDICTS: { readonly [answer: string]: Distribution } = {
  bad: { wrong: 3, unclear: 1 },
  fair: { unclear: 1, 'NOTHING TO FIX': 2 },
  good: { 'Nothing to fix.': 1 },
};
const verifier = enumerable({
  name: 'verifier',
  answers(prompt) {
    const drafts = findingsIn(prompt, () => undefined).map(({ draft }) => draft);
    return (
      (questionOf(prompt) === CRITIQUE() && VERDICTS[drafts.join(' ')]) || { 'more than one draft was in view': 1 }
    );
  },
});
const verdictsOf = (draft: string): P =>
  new Map([...normal(VERDICTS[draft] as Distribution)].map(([said, p]) => [said.startsWith('N') ? '' : said, p]));

const size = scorer('size', ({ content }) => Number(textOf(content)));
const oddEven = (sample: Sample): string | undefined => (textOf(sample.content) === '5' ? 'it is odd' : undefined);
const EQUATIONS = ['2+2=4', '2+2=5', '4=2+3'];
/** What a model says that is asked whether anything is wrong, and to answer all else. */
const examiner = (prompt: readonly Message[]): Distribution =>
  weighed(
    prompt,
    questionOf(prompt).startsWith('Check the last answer') ? ['NOTHING TO FIX', 'it is odd'] : ['4', '5', '22'],
  );

export const law: TechniqueLaw = {
  technique: 'critic',
  subjects: {
    critic: { transform: critic({ check: oddEven, rounds: 3 }), scope: { functions: { oddEven } } },
    'critic of equations': {
      transform: critic({ check: 'equations', reveal: true }),
      answers: (prompt) => weighed(prompt, EQUATIONS),
    },
    'critic with a judge': (base) => critic({ score: judge(base), threshold: 5 })(base),
    'critic with a scorer': critic({ score: size, threshold: 5 }),
    'critic with a verifier': {
      transform: (base) => critic({ verifier: reRead()(base) })(base),
      answers: examiner,
    },
  },
  exact: [
    ...varied(
      {
        rounds: upTo(3, critic.definition.options.rounds),
        written: weights(WRITTEN, 'what is written at first'),
        corrected: weightsAfter(CORRECTED, 'what is written after each fault'),
      },
      ({ rounds, written, corrected }) =>
        holds(
          `rounds=${rounds}: what has a fault is drawn again, given all faults so far`,
          plus(writerOf(written, corrected), critic({ check: fault, rounds })),
          () => rewritten(normal(written), rounds, (draft) => new Map([[FAULT[draft] ?? '', 1]]), correct(corrected)),
        ),
      [1, 2, 3].map((rounds) => ({ rounds })),
    ),
    holds(
      'a score of just the threshold is good enough',
      plus(writer, critic({ score: fairEnough, threshold: 0.5, rounds: 1 })),
      () =>
        new Map(
          [...normal(CORRECTED['wrong'] as Distribution)].map(([y, q]) => [
            y,
            (y === 'bad' ? 0 : (normal(WRITTEN).get(y) ?? 0)) + 0.5 * q,
          ]),
        ),
    ),
    holds('a verifier judges each draft by itself', plus(writer, critic({ verifier, rounds: 2 })), () =>
      rewritten(normal(WRITTEN), 2, verdictsOf, correction),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a score that is just enough is a finding',
    file: 'iterate/critic/critic.ts',
    from: "value >= threshold ? ''",
    to: "value > threshold ? ''",
  },
  {
    bug: 'an answer that passes is corrected all the same',
    file: 'iterate/critic/critic.ts',
    from: '      if (passed) break;\n',
    to: '',
  },
  {
    bug: 'one correction more than asked for',
    file: 'iterate/critic/critic.ts',
    from: 'while (made < options.rounds)',
    to: 'while (made <= options.rounds)',
  },
  {
    bug: 'a correction forgets the earlier drafts',
    file: 'iterate/critic/critic.ts',
    from: '[...said, assistant(draft)]',
    to: '[...request.prompt, assistant(draft)]',
  },
];
