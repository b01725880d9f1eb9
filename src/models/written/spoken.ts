/** Content as a stream of words, the way a model writes it. */
import { partsOf, type BackendStreamPart, type Content } from '../../core/index.ts';

export function* spoken(content: readonly Content[]): Generator<BackendStreamPart> {
  for (const part of partsOf(content)) {
    if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') yield part;
    else for (const delta of part.delta.match(/\s*\S+\s*$|\s*\S+/g) ?? [part.delta]) yield { ...part, delta };
  }
}
