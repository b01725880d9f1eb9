/** The stream of any model: its own, or parts made of a finished sample where nothing streams. */
import type { Context } from './context/context.ts';
import type { Content } from './message.ts';
import type { Model, StreamPart } from './model.ts';
import type { Request, Sample } from './sample.ts';

/** The stream of any model: its own, or its sample in parts. */
export async function* streamOf(model: Model, request: Request, context: Context): AsyncGenerator<StreamPart> {
  if (model.stream) yield* model.stream(request, context);
  else {
    const sampled = await model.sample({ ...request, n: 1 }, context);
    const { content, tokens } = sampled.samples[0] as Sample;
    yield* partsOf(content, tokens);
    yield { type: 'finish', sampled };
  }
}

/** Content as stream parts; what a part says beside its text, and the tokens of a sample that is one text, go with it. */
export function* partsOf(
  content: readonly Content[],
  tokens?: Sample['tokens'],
): Generator<Exclude<StreamPart, { type: 'finish' }>> {
  const written = content.length === 1 && tokens ? { tokens } : {};
  let count = 0;
  for (const part of content) {
    const id = `part-${count++}`;
    if (part.type === 'text' || part.type === 'reasoning') {
      const { type, text, ...rest } = part;
      yield { type: `${type}-start`, id };
      yield { ...rest, type: `${type}-delta`, id, delta: text, ...written };
      yield { ...rest, type: `${type}-end`, id };
    } else yield part;
  }
}

/** Content as stream parts, a word at a time: the way a model writes it. */
export function* spoken(content: readonly Content[]): Generator<Exclude<StreamPart, { type: 'finish' }>> {
  for (const part of partsOf(content)) {
    if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') yield part;
    else for (const delta of part.delta.match(/\s*\S+\s*$|\s*\S+/g) ?? [part.delta]) yield { ...part, delta };
  }
}
