/** What there is to compose with in the page itself: the models, scorers and tasks of the command line that need no machine. */
import { questions } from 'virtual:tiny-questions';
import { illustration } from '../../../src/cli/demo/illustration.ts';
import { SCORERS } from '../../../src/cli/compose/scorers.ts';
import { questionOf, type Model } from '../../../src/core/index.ts';
import { tiny } from '../../../src/models/tiny/index.ts';
import type { TaskItem } from '../../../src/studio/play/protocol.ts';
import { GENERATED, generatedItems } from '../../../src/tasks/generated.ts';

/** A model that is a finite distribution: every path through a formula of it can be visited. */
export const WRITTEN = 'enumerable';

export const modelsWith = (weights: Uint8Array): { readonly [name: string]: Model } => ({
  'plusx:tiny': tiny({ weights, foreign: 'warn' }),
  [WRITTEN]: illustration(),
});

export const scorers = SCORERS;

export const tasks: readonly string[] = [...Object.keys(GENERATED), ...Object.keys(questions)];

const MOST_ITEMS = 50;
const GENERATED_OF = 100;

/** The first questions of a task: those that a server shows. */
export function itemsOf(task: string): readonly TaskItem[] {
  const generated = Object.hasOwn(GENERATED, task) ? GENERATED[task] : undefined;
  if (!generated) return Object.hasOwn(questions, task) ? (questions[task] ?? []) : [];
  return generatedItems(generated, GENERATED_OF, 0)
    .slice(0, MOST_ITEMS)
    .map(({ id, request, expected }) => ({
      id,
      question: questionOf(request.prompt),
      expected: typeof expected === 'string' ? expected : undefined,
    }));
}
