/** The arms of a search in another process: it makes the same ones of the same space, and is told what was found since. */
import type { Model, Transform } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { gradeItem } from '../../evaluate/eval.ts';
import type { PartWork } from '../../evaluate/elsewhere/elsewhere.ts';
import type { Task } from '../../tasks/task.ts';
import type { CompileOptions } from '../options.ts';
import { panelModel } from '../route/arms.ts';
import type { Space } from '../space/space.ts';
import type { Arm } from './arms.ts';
import type { ArmWords, Chapter } from './chapter.ts';
import { prepare, refound } from './prepare.ts';

/** A search as those see it that do items of it. */
export interface SearchParts {
  /** The compositions that are tried: another process has the same where it makes the same of the space. */
  readonly names: readonly string[];
  /** What each arm of a chapter does with an item. They share draws, and make them in the order of the arms. */
  partsOf(chapter: Chapter): readonly PartWork[];
}

/** Throws as `compile` does, which is told the same. */
export function partsOfSearch(space: Space, task: Task, options: CompileOptions): SearchParts {
  const prepared = prepare(space, task, options);
  const { arms, plan, trains } = prepared;
  return {
    names: arms.map(({ model }) => model.name),
    partsOf({ demonstrations, arms: wanted }) {
      const known = trains ? refound(prepared, { demonstrations }) : arms;
      const armAt = (at: number): Arm => {
        const arm = known[at];
        if (!arm) throw new RangeError(`a search of ${known.length} compositions has no number ${at}`);
        return arm;
      };
      const modelOf = (words: ArmWords): Model => {
        if (words.kind === 'arm') return armAt(words.at).model;
        if (words.kind === 'vote') return voteOf(armAt(0), words.n).model;
        return panelModel(words.members.map(armAt), words.router, plan.perQuestion);
      };
      return wanted.map((words): PartWork => {
        const model = modelOf(words);
        return (item, context) => gradeItem(model, task, item, { repeats: 1, records: false }, context);
      });
    },
  };
}

const voting = techniques.find(({ definition }) => definition.name === 'selfConsistency');

/** A model with so many votes. */
export function voteOf(base: Arm, n: number): Arm {
  const vote = (voting as unknown as (options: { readonly n: number }) => Transform)({ n });
  const model = vote(base.model);
  return { model, base: base.model, text: `selfConsistency(n=${n})`, picks: [], techniques: 1, made: () => model };
}
