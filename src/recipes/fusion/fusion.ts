import {
  annotate,
  attempt,
  combiner,
  drawOne,
  fork,
  inProse,
  option,
  progress,
  promptFor,
  textOf,
  withQuestion,
  type Context,
  type Limits,
  type Parts,
  type Sample,
} from '../../core/index.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';
import { endOf, preferenceIn } from '../../core/reading/index.ts';
import { anonymous } from '../shared/anonymous.ts';
import { convene, type Member } from './panel.ts';

/**
 * Asks a panel of models at once and has a judge make one answer of theirs. The judge picks the best, which is returned as
 * it is, or writes the answer that theirs add up to. It sees the answers without names, in an order that is drawn anew.
 *
 *     pick:        P'(y) = Σ over y_1..y_m, σ of Π P_i(y_i) P(σ) Σ_i J(i | x, y, σ) [y = y_i]
 *     synthesize:  P'(y) = Σ over y_1..y_m, σ of Π P_i(y_i) P(σ) J(y | x, y, σ)              σ: the order
 *
 * `mode="auto"` picks where an answer calls a tool, because calls cannot be merged, and synthesizes otherwise. Once
 * `quorum` answers are in, the others have `graceMs` left; a model that is late is cancelled and named in a warning. It
 * helps where models err differently. A judge weaker than the best of the panel drags it down.
 *
 * Cost: models + 1 calls in 2 rounds. One call of a budget, and half of its tokens and money, are kept back for the judge;
 * where that is too little, the first model's answer is returned. Errors: NoCandidates, or what went wrong, where no model
 * answers. Source: LLM-Blender, Jiang et al., 2023, and the fusion modes of gateways.
 */
export const fusion = combiner({
  name: 'fusion',
  room: 'recipes',
  summary: 'a panel answers, a judge picks one answer or writes one from all',
  paper: 'Jiang et al., 2023',
  options: {
    judge: option.model({ doc: 'the model that makes one answer of many; the first if left out', optional: true }),
    mode: option.oneOf(['auto', 'pick', 'synthesize'], { doc: 'what the judge does with them', default: 'auto' }),
    quorum: option.integer({
      doc: 'answers after which the others have graceMs left; all if left out',
      min: 1,
      optional: true,
    }),
    graceMs: option.number({ doc: 'milliseconds the others have once the quorum is there', min: 0, default: 5000 }),
    pick: option.prompt(['candidates'], { doc: 'how the judge is asked to pick, beside {question} {context}' }),
    synthesize: option.prompt(['candidates'], { doc: 'how it is asked to write, beside {question} {context}' }),
  },
  calls: 'models + 1',
  rounds: '2',
  semantics: ({ mode }) => ({
    kind: 'exact',
    target: `sum over y_1..y_m, order of prod P_i(y_i) J(${mode === 'pick' ? 'i' : 'y'} | x, y_1..y_m, order)`,
    why: 'one draw a model and one of the judge; with a quorum, of the models that are in time',
  }),
  check: ({ quorum }, models) =>
    quorum !== undefined && models.length > 0 && quorum > models.length
      ? { option: 'quorum', rule: `must be at most ${models.length}, the number of models` }
      : models.length > 26
        ? { option: 'judge', rule: 'cannot be shown more than 26 answers' }
        : undefined,
  async run(models, request, context, { judge, mode, quorum = models.length, graceMs, ...wording }, last) {
    const by = judge ?? (models[0] as (typeof models)[number]);
    const panel = await convene(models, request, context, { quorum, graceMs, limits: limitsOfPanel(context) });
    for (const { index, model } of panel) progress(context, `answer ${index + 1} of ${models.length}: ${model.name}`);
    const [first] = panel as readonly [Member, ...Member[]];
    const facts = { candidates: panel.length, dropped: models.length - panel.length };
    if (panel.length === 1) return annotate(first.sample, { ...facts, model: first.model.name });
    const order = shuffled(panel, fork(context, 'order'));
    const asked = { ...askedIn(request), candidates: anonymous(order.map(({ sample }) => sample)) };
    if (mode === 'pick' || (mode === 'auto' && panel.some(({ sample }) => callsTool(sample)))) {
      const picking = promptFor<CandidateParts>(by, 'fusion.pick', wording.pick, PICK);
      const prompt = withQuestion(request.prompt, picking.say(asked));
      const verdict = await attempt(context, drawOne(by, { ...inProse(request), prompt }, fork(context, 'judge')));
      const reply = verdict && picking.read(textOf(verdict.content));
      const at = reply === undefined ? undefined : preferenceIn(reply, { count: order.length, by: 'letter' });
      if (reply !== undefined && typeof at !== 'number') context.ledger.warn(noPick(reply));
      const { sample, model } = order[typeof at === 'number' ? at : order.indexOf(first)] as Member;
      return annotate(sample, { ...facts, model: model.name });
    }
    const writing = promptFor<CandidateParts>(by, 'fusion.synthesize', wording.synthesize, SYNTHESIZE);
    const prompt = withQuestion(request.prompt, writing.say(asked));
    const fused = await attempt(context, last(by, { ...request, prompt }, fork(context, 'judge')));
    return annotate(fused ?? first.sample, facts);
  },
});

/**
 * What is left of a budget for the panel. The judge reads what the panel has written and writes once more, so one call and
 * half of the tokens and the money are kept back.
 */
function limitsOfPanel({ budget: { limits, spent } }: Context): Limits {
  const half = (name: 'tokens' | 'usd'): number | undefined => {
    const limit = limits[name];
    return limit === undefined ? undefined : Math.max(0, limit - spent[name]) / 2;
  };
  const calls = limits.calls === undefined ? undefined : Math.max(1, limits.calls - spent.calls - 1);
  return { calls, tokens: half('tokens'), usd: half('usd') };
}

function shuffled<T>(items: readonly T[], { choice }: Context): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(choice.categorical(left.map(() => 1)), 1));
}

const callsTool = ({ content }: Sample): boolean => content.some(({ type }) => type === 'tool-call');

type CandidateParts = Parts & Asked & { readonly candidates: string };

const noPick = (reply: string) => ({
  code: 'no-pick',
  message: `fusion: the judge named no candidate, so the answer of the first model is taken: its reply ends ${endOf(reply)}`,
});

export const PICK = ({ question, candidates }: CandidateParts): string =>
  `${question}\n\nThese answers were proposed, in no particular order:\n\n${candidates}\n\nWhich one is the most correct and complete? Do not answer the question yourself. End with a line of this form, with the letter of that answer:\nBest: A`;
export const SYNTHESIZE = ({ question, candidates }: CandidateParts): string =>
  `${question}\n\nThese answers to the above were proposed, in no particular order. Any of them may be wrong.\n\n${candidates}\n\nWeigh them against each other and write the best answer to the question, in the form it asks for. Do not mention the proposals.`;
