/** Settings of a request as they stand on the command line: the same for every verb that asks a model. */
import { user, type Request } from '../../core/index.ts';
import { withSettings, type RequestSettings } from '../../rephrase/request/request.ts';
import type { Task } from '../../tasks/index.ts';

export interface QuestionOptions extends RequestSettings {
  /** Whose memory. */
  readonly user?: string | undefined;
}

export function toRequest(question: string, options: QuestionOptions): Request {
  return askedFor({ prompt: [user(question)] }, options);
}

/** A request with the settings, and for the user, that the options name. */
export function askedFor(request: Request, options: QuestionOptions): Request {
  const { user: name } = options;
  return {
    ...withSettings(request, options),
    ...(name !== undefined && { providerOptions: { plusx: { user: name } } }),
  };
}

/** A task whose questions are asked with the settings. */
export function askedWith(task: Task, settings: RequestSettings): Task {
  return Object.keys(settingsIn(settings)).length === 0
    ? task
    : { ...task, items: task.items.map((item) => ({ ...item, request: withSettings(item.request, settings) })) };
}

/** Those of the options that are settings of a request and say something. */
export function settingsIn({
  temperature,
  maxTokens,
  topP,
  stop,
  system,
  reasoning,
}: RequestSettings): RequestSettings {
  const all = { temperature, maxTokens, topP, stop, system, reasoning };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
