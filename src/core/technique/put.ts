/** A step on the way to the answer: something said to a model in place of the question, and its reply as it is to be read. */
import type { Context } from '../context/context.ts';
import { textOf, withQuestion } from '../message.ts';
import { drawOne, type Model } from '../model.ts';
import type { Request, Sample } from '../sample.ts';
import { inProse, type Parts, type Prompt } from './prompt.ts';

/** What a model said: the draw, and its text as it is to be read. */
export interface Said {
  readonly sample: Sample;
  readonly text: string;
}

/** Says something in place of the question and keeps the rest of the conversation. The reply is in prose. */
export async function put<P extends Parts>(
  model: Model,
  request: Request,
  context: Context,
  { say, read }: Prompt<P>,
  parts: P,
): Promise<Said> {
  const asked = { ...inProse(request), prompt: withQuestion(request.prompt, say(parts)) };
  const sample = await drawOne(model, asked, context);
  return { sample, text: read(textOf(sample.content)).trim() };
}
