import { annotate, fork, option, progress, promptFor, technique, withQuestion, type Parts } from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';

/**
 * Composes a way of reasoning for the question before answering it: selects modules from a list, adapts them to the
 * question, turns them into a structure of steps, and follows the structure.
 *
 *     P'(y | x) = Σ over m, d, s of P(m | select for x) P(d | adapt m) P(s | implement d) P(y | x, s)
 *
 * The paper finds a structure once for all questions of a task; here each question finds its own, so that the technique
 * needs no other questions. It helps on tasks with a shape of their own and costs three calls where plain steps would do.
 *
 * Cost: 4 calls, one after the other. Source: Zhou et al., "Self-discover: large language models self-compose reasoning
 * structures", 2024.
 */
export const selfDiscover = technique({
  name: 'selfDiscover',
  room: 'recipes',
  summary: 'select, adapt and implement reasoning modules, then answer by them',
  paper: 'Zhou et al., 2024',
  options: {
    modules: option.text({
      doc: 'reasoning modules to select from, one a line; a list of twelve if left out',
      default: '',
    }),
    discoverer: option.model({ doc: 'the model that composes; the base itself if left out', optional: true }),
    select: option.prompt(['question', 'asked'], { doc: 'how modules are selected, beside {modules}' }),
    adapt: option.prompt(['selected'], { doc: 'how they are adapted, beside {question} {context}' }),
    implement: option.prompt(['adapted'], { doc: 'how the structure is asked for, beside {question} {context}' }),
    solve: option.prompt(['structure'], { doc: 'how the question is put in the end, beside {question} {context}' }),
  },
  calls: '4',
  rounds: '4',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over m, d, s of P(m | x) P(d | x, m) P(s | x, d) P(y | x, s)',
    why: 'four draws; that the structure helps is a rule of thumb',
  }),
  async run(base, request, context, { modules, discoverer = base, ...wording }, last) {
    const asked = { ...askedIn(request) };
    const step = async (name: 'select' | 'adapt' | 'implement', parts: Parts): Promise<string> => {
      const prompt = promptFor(discoverer, `selfDiscover.${name}`, wording[name], STEPS[name]);
      const { text } = await put(discoverer, request, fork(context, name), prompt, { ...asked, ...parts });
      progress(context, `${name}: ${text}`);
      return text;
    };
    const selected = await step('select', { modules: modules || MODULES });
    const adapted = await step('adapt', { selected });
    const structure = await step('implement', { adapted });
    const solving = promptFor<SolveParts>(base, 'selfDiscover.solve', wording.solve, SOLVE);
    const prompt = withQuestion(request.prompt, solving.say({ ...asked, structure }));
    return annotate(await last(base, { ...request, prompt }, fork(context, 'solve')), { structure });
  },
});

type SolveParts = Parts & Asked & { readonly structure: string };

const MODULES = `Break the task into smaller parts.
Write down what is given and what is asked.
Work backwards from what is asked.
Look for a simpler case of the same kind first.
Check each assumption and what happens without it.
Think step by step and keep track of every state.
Look at it from another side or with another representation.
List the possible answers and rule them out one by one.
Look for a rule, a pattern or an exception.
Calculate exactly and verify each number.
Recall the facts and definitions that are needed.
Criticize the answer and look for counterexamples.`;

const STEPS = {
  select: ({ question, modules }: Parts): string =>
    `Task:\n${question}\n\nDo not do the task yet. Which of these ways of reasoning are needed to do it? Reply with the ones that are, one a line.\n\n${modules}`,
  adapt: ({ question, selected }: Parts): string =>
    `Task:\n${question}\n\nDo not do the task yet. Reword each of these ways of reasoning so that it says what to do in this task, one a line.\n\n${selected}`,
  implement: ({ question, adapted }: Parts): string =>
    `Task:\n${question}\n\nDo not do the task yet. Turn these ways of reasoning into a structure of steps to fill in: a JSON object with a key for each step, in order, and empty values. Reply with the JSON only.\n\n${adapted}`,
} as const;
export const SOLVE = ({ question, structure }: SolveParts): string =>
  `${question}\n\nFollow this structure step by step and fill in its values, then give the answer in the form that is asked for.\n${structure}`;
