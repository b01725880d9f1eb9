import { drawOne, inWords, textOf, type Context, type Message, type Model, type Request } from '../../core/index.ts';

/** What a model says about candidates. It answers in prose, whatever form the answer itself has, and calls no tools. */
export async function opinion(
  model: Model,
  request: Request,
  prompt: readonly Message[],
  context: Context,
): Promise<string> {
  const { content } = await drawOne(model, { ...inWords(request), prompt }, context);
  return textOf(content).trim();
}
