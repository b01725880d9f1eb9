/** Answers shown to a model by letters, without the names of the models that gave them, and the letter it replies with. */
import { shownAs, type Sample } from '../../core/index.ts';

/** Each answer under its letter: `[A] ...`. */
export function anonymous(samples: readonly Sample[]): string {
  return samples.map((sample, i) => `[${letter(i)}]\n${shownAs(sample)}`).join('\n\n');
}

/** The place of the answer that a reply calls the best, out of `count`: `Best: B`, or a letter on its own. */
export function bestIn(reply: string, count: number): number | undefined {
  const named =
    /\bbest\b[\s*:]*(?:is[\s*:]*)?(?:candidate[\s*]*)?\[?([A-Z])\b/i.exec(reply) ?? /^\W*([A-Z])\W*$/.exec(reply);
  const at = named?.[1] === undefined ? -1 : named[1].toUpperCase().charCodeAt(0) - letter(0).charCodeAt(0);
  return at >= 0 && at < count ? at : undefined;
}

/** A, B, C, ... */
function letter(i: number): string {
  return String.fromCharCode(65 + i);
}
