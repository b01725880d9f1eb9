/** The arms of a search in another process: it makes the same ones of the same space, and is told what was found since. */
import { drawOne, fork, textOf, user, type Context, type Model, type Transform } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { gradeItem } from '../../evaluate/eval.ts';
import type { PartWork } from '../../evaluate/elsewhere/elsewhere.ts';
import type { Task } from '../../tasks/task.ts';
import type { CompileOptions } from '../options.ts';
import { panelModel } from '../route/arms.ts';
import type { Space } from '../space/space.ts';
import type { Arm } from './arms.ts';
import type { ArmWords, Chapter } from './chapter.ts';
import { prepare, rewordedArms } from './prepare.ts';

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
  const { arms, base, plan, trains } = prepared;
  const { reflect } = options;
  return {
    names: arms.map(({ model }) => model.name),
    partsOf({ demonstrations, arms: wanted, texts = [], writing }) {
      if (writing && reflect) return [(_, context) => written(reflect, writing, context)];
      const known =
        trains || texts.length > 0 ? rewordedArms(prepared, task, { demonstrations }, texts, options) : arms;
      const armAt = (at: number): Arm => {
        const arm = known[at];
        if (!arm) throw new RangeError(`a search of ${known.length} compositions has no number ${at}`);
        return arm;
      };
      const modelOf = (words: ArmWords): Model => {
        if (words.kind === 'arm') return armAt(words.at).model;
        if (words.kind === 'vote') return voteOf(armAt(0), words.n).model;
        if (words.kind === 'wording') return instructed(base, words.text).model;
        return panelModel(words.members.map(armAt), words.router, plan.perQuestion);
      };
      return wanted.map((words): PartWork => {
        const model = modelOf(words);
        return (item, context) => gradeItem(model, task, item, { repeats: 1, records: false }, context);
      });
    },
  };
}

/** What the reflecting model writes. */
export async function written(
  reflect: Model,
  { prompt, key }: NonNullable<Chapter['writing']>,
  context: Context,
): Promise<string> {
  const sample = await drawOne(reflect, { prompt: [user(prompt)] }, fork(context, key));
  return textOf(sample.content);
}

const instructing = techniques.find(({ definition }) => definition.name === 'request');

/** The base with an instruction before each question. */
export function instructed(base: Model, text: string): Arm {
  const system = instructing as unknown as (options: { readonly system: string }) => Transform;
  const model = system({ system: text })(base);
  return { model, base, text: `request(system=${JSON.stringify(text)})`, picks: [], techniques: 1, made: () => model };
}

const voting = techniques.find(({ definition }) => definition.name === 'selfConsistency');

/** A model with so many votes. */
export function voteOf(base: Arm, n: number): Arm {
  const vote = (voting as unknown as (options: { readonly n: number }) => Transform)({ n });
  const model = vote(base.model);
  return { model, base: base.model, text: `selfConsistency(n=${n})`, picks: [], techniques: 1, made: () => model };
}
