import {
  shownAs,
  annotate,
  attempt,
  fork,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  type Choice,
  type Sample,
} from '../../core/index.ts';
import { endOf, preferenceIn } from '../../core/reading/index.ts';
import { opinion } from '../shared/opinion.ts';

/**
 * Draws `n` candidates and asks the model which of them is the most consistent with the others.
 *
 *     P'(y) = Σ over y_1 … y_n and orders o of Π P(y_i) · 1/n! · P(y is named | x, y_o(1) … y_o(n))
 *
 * It is a vote for answers in free form, such as summaries or code, which cannot be compared as strings. The candidates are
 * shown in a random order and by number only, so that neither the place of a candidate nor who wrote it counts. If the reply
 * names none of them, the first one drawn is returned, with a warning. Where answers can be extracted, `selfConsistency` counts
 * better than a model does. The candidates must fit the context together.
 *
 * Cost: `n` calls side by side and 1 that picks. At a budget's limit: the first candidate. Errors: NoCandidates when no
 * draw comes back. Source: Chen et al., "Universal self-consistency for large language model generation", 2023.
 */
export const universalSelfConsistency = technique({
  name: 'universalSelfConsistency',
  room: 'search',
  summary: 'draw n candidates, the model names the most consistent one',
  paper: 'Chen et al., 2023',
  options: {
    n: option.integer({ doc: 'candidates drawn', min: 2, default: 5 }),
    picker: option.model({ doc: 'the model that picks; the base itself if left out', optional: true }),
    pick: option.prompt(['candidates'], { doc: 'how the most consistent one is asked for' }),
  },
  calls: 'n + 1',
  rounds: '2',
  semantics: ({ n }) => ({
    kind: 'heuristic',
    target: `the most consistent of ${n} draws from P`,
    why: 'which one that is, a model says',
  }),
  async run(base, request, context, { n, picker = base, pick }) {
    const { samples } = await base.sample({ ...request, n }, context);
    const [first] = samples;
    if (!first) throw new NoCandidates({ technique: 'universalSelfConsistency', why: 'no draw came back' });
    if (samples.length === 1) return annotate(first, { candidates: 1 });
    const at = fork(context, 'pick');
    const order = shuffled(samples, at.choice.fork('order'));
    const candidates = order.map((sample, i) => `[Answer ${i + 1}]\n${shownAs(sample)}`).join('\n\n');
    const picking = promptFor(picker, 'universalSelfConsistency.pick', pick, PICK);
    const parts = { question: questionOf(request.prompt), candidates };
    const reply = await attempt(context, opinion(picker, request, saying(picking, parts, request.prompt), at));
    if (reply === undefined) return annotate(first, { candidates: samples.length, picked: null });
    const said = picking.read(reply);
    const place = preferenceIn(said, { count: order.length, by: 'number' });
    const named = typeof place === 'number' ? order[place] : undefined;
    progress(context, `picked of ${samples.length}: ${named ? shownAs(named) : 'none'}`);
    if (!named)
      context.ledger.warn({
        code: 'none-picked',
        message: `universalSelfConsistency: the reply of ${picker.name} names none of ${samples.length} candidates: the first is returned. The reply ends ${endOf(said)}. Use another \`picker\`, or word \`pick\` for it.`,
      });
    return annotate(named ?? first, { candidates: samples.length, picked: named ? samples.indexOf(named) : null });
  },
});

/** All orders are equally likely. */
function shuffled(samples: readonly Sample[], choice: Choice): Sample[] {
  const left = [...samples];
  return samples.flatMap(() => left.splice(choice.categorical(left.map(() => 1)), 1));
}

export const PICK = ({ candidates }: { readonly candidates: string }): string =>
  `Here are several answers to the task above:\n\n${candidates}\n\nWhich one agrees best with the others in what it says? Judge by content, not by wording, length or order. End your reply with one line of this form: Most consistent: NUMBER`;
