import {
  inProse,
  annotate,
  answersOf,
  fork,
  gather,
  leader,
  option,
  progress,
  promptFor,
  tally,
  technique,
  textOf,
  withQuestion,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, filled, PART, partsIn, shown, WHOLE, type Asked, type Known } from '../shared/parts.ts';

/**
 * Fixes the parts of a question in the order of how sure the base is of them. Each round draws `n` answers to every part
 * that is open, given those that are fixed; the part whose most frequent answer has the largest share of its draws is
 * fixed to that answer (of equals, the part named first and the answer seen first). The question is answered last, with
 * all parts at hand.
 *
 *     F_0 = ∅,  (i, a)_t = argmax over open i, a of #{d ≤ n : Y_id = a},  Y_id ~ P(· | x, q_i, F_t-1),  F_t = F_t-1 ∪ {(i, a)_t}
 *     P'(y | x) = Σ over q, F_m of P(q | x) P(F_m | x, q) P(y | x, F_m)
 *
 * Hard parts are answered in the light of easy ones, whatever order they are written in. It hurts where the base is surest
 * of a wrong answer: that is fixed first, and it leads the rest astray.
 *
 * Cost: 2 + n·m·(m+1)/2 calls for m parts, in 2 + m rounds. The order is that of easy-first parsing; the confidence is
 * the vote share of self-consistency. Source: after Goldberg & Elhadad, "An efficient algorithm for easy-first
 * non-directional dependency parsing", 2010, and Wang et al., "Self-consistency", 2022.
 */
export const easyFirst = technique({
  name: 'easyFirst',
  room: 'decompose',
  summary: 'fix the part the base is surest of, then the others in its light',
  paper: 'after Goldberg & Elhadad, 2010',
  options: {
    n: option.integer({ doc: 'draws an open part and round', min: 1, default: 3 }),
    most: option.integer({ doc: 'parts, at most', min: 1, default: 4 }),
    decomposer: option.model({ doc: 'the model that names the parts; the base itself if left out', optional: true }),
    split: option.prompt(['question', 'asked'], { doc: 'how the parts are asked for' }),
    part: option.prompt(['part'], { doc: 'how a part is put, beside {question} {context} {known}' }),
    whole: option.prompt(['question', 'asked'], {
      doc: 'how the question is put in the end, beside {context} {known}',
    }),
  },
  calls: '2 + n*most*(most + 1)/2',
  rounds: '2 + most',
  semantics: ({ n }) => ({
    kind: 'exact',
    target: `sum over q, F of P(q | x) P(F | x, q) P(y | x, F), F fixed part by part by the largest share of ${n} draws`,
    why: 'draws and a function of them; that the surest part is right is a rule of thumb',
  }),
  async run(base, request, context, { n, most, decomposer = base, ...wording }, last) {
    const splitting = promptFor(decomposer, 'easyFirst.split', wording.split, SPLIT);
    const asking = promptFor(base, 'easyFirst.part', wording.part, PART);
    const ending = promptFor(base, 'easyFirst.whole', wording.whole, WHOLE);
    const asked = askedIn(request);
    const list = await put(decomposer, request, fork(context, 'split'), splitting, asked);
    const parts = partsIn(list, most, 'easyFirst', context);
    const fixed: (Known & { readonly index: number })[] = [];
    // Shown in the order of the list, whatever order they were fixed in.
    const known = (): Known[] => fixed.toSorted((a, b) => a.index - b.index);
    const inView = (part: string) => {
      const answers = parts.map((_, i) => fixed.find(({ index }) => index === i)?.answer);
      return { ...asked, part: filled(part, answers), known: shown(known()) };
    };
    while (fixed.length < parts.length) {
      const at = fork(context, `round/${fixed.length + 1}`);
      const open = parts.flatMap((part, index) => (fixed.some((one) => one.index === index) ? [] : [{ part, index }]));
      const leaders = await gather(
        at,
        open.map(({ part, index }) => async (inner) => {
          const said = inView(part);
          const prompt = withQuestion(request.prompt, asking.say(said));
          const { samples } = await base.sample({ ...inProse(request), prompt, n }, fork(inner, `part/${index}`));
          // Parts are answered as their question asks, so options are those of the part.
          const read = answersOf(samples, { ...inProse(request), prompt });
          const answers = samples.map((one, i) => read[i] ?? asking.read(textOf(one.content)).trim());
          return { index, part: said.part, ...leaderOf(answers) };
        }),
      );
      const surest = leaders.reduce((top, next) => (next.share > top.share ? next : top));
      fixed.push(surest);
      progress(context, `${surest.part} ${surest.answer} (share ${surest.share.toFixed(2)})`);
    }
    const prompt = withQuestion(request.prompt, ending.say(inView(parts.at(-1) ?? '')));
    const order = fixed.map(({ index }) => index + 1);
    return annotate(await last(base, { ...request, prompt }, fork(context, 'whole')), { order });
  },
});

/** The most frequent answer and its share of all; of equals, the one seen first. */
function leaderOf(answers: readonly string[]): { readonly answer: string; readonly share: number } {
  const { answer, count } = leader(tally(answers)) as { readonly answer: string; readonly count: number };
  return { answer, share: count / answers.length };
}

export const SPLIT = ({ question }: Asked): string =>
  `Do not answer the task below yet. Name the questions whose answers are enough to answer it. Reply with nothing but the numbered list, one question a line, such as\n1. ...\n2. ...\n\n${question}`;
