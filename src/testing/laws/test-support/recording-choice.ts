import type { Choice } from '../../../core/index.ts';

/** Notes the address of each choice that is made, and how often it was used before at that object. */
export function recording(choice: Choice, used: string[]): Choice {
  let count = 0;
  return {
    categorical(weights) {
      used.push(`${choice.id} choice ${count++}`);
      return choice.categorical(weights);
    },
    fork: (key) => recording(choice.fork(key), used),
    seed: () => choice.seed(),
    get id() {
      return choice.id;
    },
  };
}
