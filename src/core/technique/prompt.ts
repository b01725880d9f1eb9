/**
 * What a technique says to a model. Each technique has its own wording; a model may carry another that suits it better,
 * and the caller's, given as an option, wins over both.
 */
import { user, withQuestion, type Message } from '../message.ts';
import { undeclared } from '../reading/extract.ts';
import type { Request } from '../sample.ts';

/** The named parts a prompt is made of: the question, a draft, a critique. */
export type Parts = { readonly [part: string]: string };

/** How one thing is said to one model, and how its reply is read. */
export interface Prompt<P extends Parts = Parts> {
  readonly say: (parts: P) => string;
  /** The reply in the form the technique reads, where this model answers in a form of its own. */
  readonly read: (reply: string) => string;
  /** Said in place of the question, to a model that is told everything anew, and not at the end of the conversation. */
  readonly alone?: true | undefined;
  /** Said as a tool's turn and not as the user's, to a model that was trained on such turns. */
  readonly asTool?: true | undefined;
}

/** A model's own wording, by `technique.prompt`: `rephraseAndRespond.rephrase`. */
export interface Prompts {
  readonly [name: string]: Omit<Prompt, 'read'> & Partial<Prompt>;
}

/**
 * The wording of `name` for `model`: the caller's template if one is given, else the model's own, else the technique's.
 * Ask for it with the model that will be spoken to, which may be a critic or a rephraser and not the base.
 */
export function promptFor<P extends Parts>(
  model: { readonly prompts?: Prompts | undefined },
  name: string,
  given: string | undefined,
  standard: (parts: P) => string,
): Prompt<P & Parts> {
  if (given !== undefined) return { say: (parts) => fill(given, parts), read: asItIs };
  const own = model.prompts?.[name];
  return own ? { read: asItIs, ...own } : { say: standard, read: asItIs };
}

/**
 * A template with its holes filled: `{question}` becomes the part of that name, braces around anything else stay. The
 * parts are data: a hole inside a part is never filled.
 */
export function fill(template: string, parts: Parts): string {
  return template.replaceAll(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(parts, name) ? (parts[name] ?? '') : hole,
  );
}

/** The conversation once something more is said in it, about a question that stands in `asked`. */
export function saying<P extends Parts>(
  { say, alone }: Prompt<P>,
  parts: P,
  asked: readonly Message[],
  conversation: readonly Message[] = asked,
): readonly Message[] {
  return alone ? withQuestion(asked, say(parts)) : [...conversation, user(say(parts))];
}

/** The request for a step on the way: it is answered in prose; form, tools and kind of answer are for the answer at the end. */
export function inProse(request: Request): Request {
  const { responseFormat: _format, tools: _tools, toolChoice: _choice, ...open } = undeclared(request);
  return open;
}

const asItIs = (reply: string): string => reply;

/** The same with the tools left in view, for a turn of the conversation itself: what was said of them stands, and none is called. */
export function inWords(request: Request): Request {
  const { responseFormat: _format, ...open } = request;
  return { ...open, ...(request.tools && { toolChoice: { type: 'none' } }) };
}
