/** The parts of a stream that tell of work under way: thoughts of a model, marked, so that nobody takes them for what it says. */
import type { StreamPart } from '../model.ts';

/** What marks them. */
export const PROGRESS = { plusx: { progress: true } };

/** Says of each part of one stream, in their order, whether it tells of work under way. Text alone never makes it one. */
export function progressFinder(): (part: StreamPart) => boolean {
  let story: string | undefined; // the id under which it is told
  return (part) => {
    if (part.type === 'reasoning-start' && part.providerMetadata?.['plusx']?.['progress']) story = part.id;
    if (!('id' in part) || part.id !== story) return false;
    if (part.type === 'reasoning-end') story = undefined;
    return true;
  };
}
