import {
  annotate,
  draftAt,
  fork,
  gather,
  option,
  progress,
  promptFor,
  technique,
  weaker,
  type Sample,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, partsIn, type Asked } from '../shared/parts.ts';

/**
 * Has the skeleton of the answer written first, a few words a point, and expands all points at once. The answer is the
 * expanded points in their order.
 *
 *     P'(y | x) = Σ over s of P(s | skeleton of x) Π_i P(y_i | x, s, i)                     y = y_1 .. y_m
 *
 * It saves time on answers that are lists of points, for more tokens. It hurts where a point builds on what another one
 * says (a proof, a program): points do not see each other's text.
 *
 * Cost: 1 + `most` calls at most, in 2 rounds. A request for structured output or tools, and a reply without a list, is
 * answered in one draw, with a warning. Source: Ning et al., "Skeleton-of-thought", 2023.
 */
export const skeletonOfThought = technique({
  name: 'skeletonOfThought',
  room: 'decompose',
  summary: 'write the skeleton of the answer, expand its points at once',
  paper: 'Ning et al., 2023',
  options: {
    most: option.integer({ doc: 'points, at most', min: 1, default: 8 }),
    skeleton: option.prompt(['question', 'asked'], { doc: 'how the skeleton is asked for, beside {context}' }),
    point: option.prompt(['point'], { doc: 'how a point is expanded, beside {question} {context} {skeleton}' }),
  },
  calls: '1 + most',
  rounds: '2',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over s of P(s | x) prod P(y_i | x, s, i)',
    why: 'one draw for the skeleton and one a point; that the points fit together is a rule of thumb',
  }),
  async run(base, request, context, { most, ...wording }, last) {
    if (request.tools?.length || request.responseFormat?.type === 'json') {
      context.ledger.warn(OF_A_FORM);
      return last(base, request, draftAt(context, 'whole'));
    }
    const outlining = promptFor(base, 'skeletonOfThought.skeleton', wording.skeleton, SKELETON);
    const expanding = promptFor(base, 'skeletonOfThought.point', wording.point, POINT);
    const asked = askedIn(request);
    const outline = await put(base, request, fork(context, 'skeleton'), outlining, asked);
    const points = partsIn(outline, most, 'skeletonOfThought', context);
    if (points.length === 0) return last(base, request, draftAt(context, 'whole'));
    const skeleton = points.map((point, i) => `${i + 1}. ${point}`).join('\n');
    const expanded = await gather(
      context,
      points.map((point, i) => async (inner) => {
        const parts = { ...asked, skeleton, point: `${i + 1}. ${point}` };
        const { sample, text } = await put(base, request, fork(inner, `point/${i}`), expanding, parts);
        progress(context, `point ${i + 1} is written`);
        return { sample, text: `${i + 1}. ${text}` };
      }),
    );
    const [first] = expanded.map(({ sample }) => sample) as [Sample];
    const kind = expanded.map(({ sample }) => sample.semantics.kind).reduce(weaker);
    const whole: Sample = {
      content: [{ type: 'text', text: expanded.map(({ text }) => text).join('\n\n') }],
      finish: expanded.find(({ sample }) => sample.finish.unified !== 'stop')?.sample.finish ?? first.finish,
      weight: 1,
      semantics: { ...first.semantics, kind },
    };
    return annotate(whole, { points: points.length });
  },
});

type PointParts = Asked & { readonly skeleton: string; readonly point: string };

const OF_A_FORM = {
  code: 'no-skeleton',
  message: 'skeletonOfThought: structured output and tool calls have no skeleton, so the answer is one draw.',
};

export const SKELETON = ({ question }: Asked): string =>
  `${question}\n\nDo not answer yet. Write only the skeleton of the answer: a numbered list of 3 to 8 points, each of 3 to 5 words on a line of its own, such as\n1. ...\n2. ...`;
export const POINT = ({ question, skeleton, point }: PointParts): string =>
  `${question}\n\nThe answer has this skeleton:\n${skeleton}\n\nWrite the text of this point only, in 1 or 2 sentences, without its number: ${point}`;
