import { annotate, assistant, hostPart, option, questionOf, technique, user, type Memory } from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { checkPlace, PLACE, placeOf } from '../shared/namespace.ts';
import { textIn } from '../shared/notes.ts';

export interface Example {
  readonly question: string;
  readonly answer: string;
}
/** A list of examples, with the name it has in formulas. */
export interface Examples {
  readonly name: string;
  readonly list: readonly Example[];
}

/**
 * Puts the solved examples nearest to the question before it, as turns of the conversation.
 *
 *     P'(y | x) = P(y | q_k, a_k … q_1, a_1, x)      (q_i, a_i): the i-th nearest example; none: P(y | x)
 *
 * The nearest stands next to the question. Examples come as an option or from the memory, where a note with an
 * `answer` among its data is one. It helps where the form of the answer, or the way to it, is easier shown than told;
 * it hurts where the nearest examples are near in wording only: their answers are copied.
 *
 * Cost: 1 call. Errors: HostMissing without examples and without a memory.
 * Source: Liu et al., "What makes good in-context examples for GPT-3?", 2021 (kNN selection).
 */
export const fewShot = technique({
  name: 'fewShot',
  room: 'remember',
  summary: 'put the nearest solved examples before the question',
  paper: 'Liu et al., 2021',
  options: {
    ...PLACE,
    k: option.integer({ doc: 'examples, at most', min: 1, default: 4 }),
    examples: option.resource<Examples>()({
      doc: 'the examples, { name, list }; those in the memory if left out',
      optional: true,
    }),
  },
  calls: '1',
  rounds: '1',
  semantics: ({ k }) => ({
    kind: 'exact',
    target: `P(y | the ${k} nearest examples, x)`,
    why: 'one draw; that what is near is to the point is a rule of thumb',
  }),
  check: checkPlace,
  async asks(_base, request, context, { k, examples, ...place }) {
    const memory = examples ? memoryIn(examples) : hostPart(context, 'fewShot', 'memory');
    const namespace = examples ? 'default' : placeOf(request, place);
    const found = await stoppable(memory.search(namespace, questionOf(request.prompt), k, context), context.signal);
    const turns = found.toReversed().flatMap((note) => {
      const answer = textIn(note, 'answer');
      return answer === undefined ? [] : [user(note.text), assistant(answer)];
    });
    const first = request.prompt.findLastIndex(({ role }) => role === 'system') + 1;
    const asked = turns.length === 0 ? request : { ...request, prompt: request.prompt.toSpliced(first, 0, ...turns) };
    return { request: asked, finish: (sample) => annotate(sample, { examples: turns.length / 2 }) };
  },
});

const memories = new WeakMap<Examples, Memory>();

/** Indexed once, however many inferences look into it. */
function memoryIn(examples: Examples): Memory {
  const known = memories.get(examples);
  if (known) return known;
  const made = memoryOf(
    examples.list.map(({ question, answer }, i) => ({ id: `${i}`, text: question, data: { answer } })),
  );
  memories.set(examples, made);
  return made;
}
