import { annotate, assistant, option, technique, user, type Technique } from '../core/index.ts';

/** A question with an answer to it that the metric passed. */
export interface Demonstration {
  readonly question: string;
  readonly answer: string;
}

const OPTIONS = { k: option.integer({ doc: 'demonstrations', min: 0, default: 4 }) };

/**
 * Puts the first `k` demonstrations of a list before the question, as turns of the conversation: P'(y | x) = P(y | q₁, a₁ … q_k, a_k, x).
 * They are the same for every question, so a server's cache of prompts holds them. Cost: 1 call.
 */
export function demosOf(list: readonly Demonstration[]): Technique<typeof OPTIONS> {
  return technique({
    name: 'demos',
    room: 'remember',
    summary: 'put solved examples before the question, always the same ones',
    paper: 'Brown et al., 2020',
    options: OPTIONS,
    calls: '1',
    rounds: '1',
    semantics: ({ k }) => ({ kind: 'exact', target: `P(y | ${k} demonstrations, x)`, why: 'one draw' }),
    asks(_base, request, _context, { k }) {
      const turns = list.slice(0, k).flatMap(({ question, answer }) => [user(question), assistant(answer)]);
      if (turns.length === 0) return { request };
      const first = request.prompt.findLastIndex(({ role }) => role === 'system') + 1;
      const asked = { ...request, prompt: request.prompt.toSpliced(first, 0, ...turns) };
      return { request: asked, finish: (sample) => annotate(sample, { demonstrations: turns.length / 2 }) };
    },
  });
}
