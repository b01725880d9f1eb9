/** Answers shown to a model by letters, without the names of the models that gave them. */
import { shownAs, type Sample } from '../../core/index.ts';

/** Each answer under its letter: `[A] ...`. */
export function anonymous(samples: readonly Sample[]): string {
  return samples.map((sample, i) => `[${letter(i)}]\n${shownAs(sample)}`).join('\n\n');
}

/** A, B, C, ... */
function letter(i: number): string {
  return String.fromCharCode(65 + i);
}
