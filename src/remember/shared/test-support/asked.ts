/** What a scripted model was asked, and what is said of its answer. */
import {
  ask,
  plus,
  questionOf,
  type ContextOptions,
  type Message,
  type Request,
  type Transform,
} from '../../../core/index.ts';
import type { Scripted } from '../../../models/written/index.ts';

export const QUESTION = 'What is similar to < quick >?';

export const prompts = ({ calls }: Scripted): readonly (readonly Message[])[] =>
  calls.map(({ request }) => request.prompt);
export const questions = (model: Scripted): readonly string[] => prompts(model).map(questionOf);

export async function plusxOf(
  request: string | Request,
  model: Scripted,
  technique: Transform,
  options: ContextOptions,
): Promise<{ readonly [name: string]: unknown } | undefined> {
  return (await ask(plus(model, technique), request, options)).sample.providerMetadata?.['plusx'];
}
