/** What a probe found, in the form in which it is kept, and a model that goes by it. It holds no key. */
import type { Json, Model } from '../../core/index.ts';
import { endpoint } from '../../core/calls/secrets.ts';
import { openaiCompatible, optionsOf } from './openai-compatible.ts';
import type { Finding, Probed } from './probe.ts';
import type { Quirks } from './quirks.ts';
import { boolean, finite, object, objects, text } from './wire.ts';

export interface Known {
  /** The base URL, without credentials and query. */
  readonly server: string;
  readonly model: string;
  readonly api: 'chat' | 'completions';
  readonly found: Probed['found'];
  readonly findings: readonly Finding[];
}

type Place = Pick<Known, 'server' | 'model' | 'api'>;

/** What was found of a model at its server. */
export function knownOf({ model, found, findings }: Probed): Known | undefined {
  const place = placeOf(model);
  return place && { ...place, found, findings };
}

/** The model as it was found to be, where one of these is of it; else as it is. */
export function knowing(model: Model, known: readonly Known[]): Model {
  const place = placeOf(model);
  const found = place && known.find((one) => isSame(one, place))?.found;
  const options = optionsOf(model);
  return found && options ? openaiCompatible({ ...options, quirks: { ...options.quirks, ...found } }) : model;
}

export const isSame = (a: Place, b: Place): boolean => a.server === b.server && a.model === b.model && a.api === b.api;

function placeOf(model: Model): Place | undefined {
  const options = optionsOf(model);
  return options && { server: endpoint(options.baseURL).shown, model: options.model, api: options.api ?? 'chat' };
}

/** What a file says was found; nothing where it is of another form. */
export function readKnown(value: unknown): Known | undefined {
  const fields = object(value);
  const [server, model, api] = [text(fields?.['server']), text(fields?.['model']), fields?.['api']];
  const found = object(fields?.['found']);
  if (server === undefined || model === undefined || !found || (api !== 'chat' && api !== 'completions'))
    return undefined;
  const findings = (objects(fields?.['findings']) ?? []).map((one) => ({
    ability: text(one['ability']) ?? '',
    found: text(one['found']) ?? '',
    evidence: text(one['evidence']) ?? '',
  }));
  return { server, model, api, found: readFound(found, api), findings };
}

function readFound(found: { readonly [field: string]: unknown }, api: Known['api']): Known['found'] {
  const { score, prefix, jsonSchema } = found;
  const defaults = object(found['defaults']);
  const mayScore = score === (api === 'chat' ? 'prompt_logprobs' : 'echo');
  return {
    n: boolean(found['n']) ?? false,
    logprobs: boolean(found['logprobs']) ?? false,
    score: mayScore ? (score as Quirks['score']) : undefined,
    prefix: prefix === 'continue_final_message' || prefix === 'trailing' ? prefix : undefined,
    repeatsPrefix: boolean(found['repeatsPrefix']),
    countsEnd: boolean(found['countsEnd']),
    jsonSchema: jsonSchema === 'json_object' || jsonSchema === 'json_schema' ? jsonSchema : boolean(jsonSchema),
    defaults: defaults && Object.fromEntries(Object.entries(defaults).flatMap(([name, value]) => setting(name, value))),
  };
}

/** A field of the sampler: a number, a word or a truth value. */
function setting(name: string, value: unknown): [string, Json][] {
  const one = finite(value) ?? text(value) ?? boolean(value);
  return one === undefined ? [] : [[name, one]];
}
