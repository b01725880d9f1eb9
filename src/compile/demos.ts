import { annotate, assistant, option, sampleOnly, seeded, technique, user, type Technique } from '../core/index.ts';
import { shuffled } from './search/split.ts';

/** A question with an answer to it that the metric passed. */
export interface Demonstration {
  readonly question: string;
  readonly answer: string;
}

const OPTIONS = {
  k: option.integer({ doc: 'demonstrations', min: 0, default: 4 }),
  set: option.integer({
    doc: 'which of those that there are: 0 the first, any other number a choice of its own',
    min: 0,
    default: 0,
  }),
};

/**
 * Puts `k` demonstrations of a list before the question, as turns of the conversation: P'(y | x) = P(y | q₁, a₁ … q_k, a_k, x). Which ones and
 * in which order decides much, so `set` numbers the choices: 0 is the list as it stands, each other number a shuffle of it. They are the same for every question, so a server's cache of prompts holds them. Cost: 1 call.
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
    can: ([base]) => ({ ...sampleOnly(base.can), logprobs: base.can.logprobs }),
    asks(_base, request, _context, { k, set }) {
      const ordered = set === 0 ? list : shuffled(list, seeded(`demonstrations ${set}`));
      const turns = ordered.slice(0, k).flatMap(({ question, answer }) => [user(question), assistant(answer)]);
      if (turns.length === 0) return { request };
      const first = request.prompt.findLastIndex(({ role }) => role === 'system') + 1;
      const asked = { ...request, prompt: request.prompt.toSpliced(first, 0, ...turns) };
      return { request: asked, finish: (sample) => annotate(sample, { demonstrations: turns.length / 2 }) };
    },
  });
}

/** Whether a formula is that of no demonstrations, whichever they were. */
export const isNone = (text: string): boolean => /^demos\((?:.*, )?k=0[,)]/.test(text);
