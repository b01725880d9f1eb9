/** The models at the bottom of a composed one, as far as a request is concerned: what they take beyond the common fields. */
import {
  basesOf,
  madeBy,
  namesIn,
  type Json,
  type Model,
  type ProviderData,
  type Request,
  type Warning,
} from '../core/index.ts';
import { termsOf } from '../core/tokens/terms.ts';
import { optionsOf, type Wire } from '../models/openai/protocol/index.ts';
import { Refusal } from './failure.ts';

export interface Bases {
  /** The name of the first that takes no other fields than the common ones; nothing where all of them speak OpenAI's protocol. */
  readonly foreign: string | undefined;
  /** Fields of the protocol, handed to every base as they are; refused under `param` where one of them cannot take them. */
  handed(fields: Wire, param: string): { readonly providerOptions?: ProviderData };
  /** The name of a technique that asks with tools or in a form of its own, in the place of the request's. */
  readonly ownTools: string | undefined;
  /** What a base would leave undone of a request. */
  leftUndone(request: Request): readonly Warning[];
}

export function basesUnder(model: Model): Bases {
  const bases = basesOf(model);
  const spoken = bases.map(optionsOf);
  const foreign = bases.find((_, i) => (spoken[i]?.api !== undefined ? spoken[i]?.api !== 'chat' : !spoken[i]))?.name;
  const providers = [...new Set(spoken.map((one) => one?.provider ?? 'openaiCompatible'))];
  return {
    foreign,
    ownTools: namesIn(model).techniques.find(({ definition }) => definition.room === 'tools')?.definition.name,
    handed(fields, param) {
      const names = Object.keys(fields);
      if (names.length === 0) return {};
      if (foreign !== undefined)
        throw new Refusal(
          `${foreign} cannot take \`${param}\`. Leave it out, or name a model behind a server that speaks OpenAI's protocol.`,
          { param, code: 'unsupported_parameter' },
        );
      return { providerOptions: Object.fromEntries(providers.map((name) => [name, fields as Record<string, Json>])) };
    },
    leftUndone: (asked) => {
      const request = keepsForm(model) ? { ...asked, responseFormat: undefined } : asked;
      return bases.flatMap((base) => termsOf(base)?.leavesUndone?.(request) ?? []);
    },
  };
}

/** Whether a technique keeps to the form that a request asks for, whatever the model below it does. */
function keepsForm(model: Model): boolean {
  const made = madeBy(model);
  if (!made) return false;
  const { technique, options, base } = made;
  if (technique.definition.name !== 'constrained') return keepsForm(base);
  return Object.values(options).every((value) => value === undefined); // of its own it keeps to another
}
