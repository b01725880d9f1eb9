/**
 * Responses that are kept, where a store keeps texts: to be asked for by their id, and to be gone on from. A key gets at its own alone,
 * and does not learn which others there are.
 */
import { list, text, type Wire } from '../../models/openai/protocol/index.ts';
import type { Store } from '../../store/index.ts';
import type { ServeOptions } from '../config.ts';
import { Refusal } from '../failure.ts';
import type { Caller } from '../keys/keys.ts';

/** The responses of one key. */
export interface KeptResponses {
  /** Keeps one under the id of its generation. */
  put(
    id: string,
    kept: { readonly previous: string | undefined; readonly input: unknown; readonly response: Wire },
  ): Promise<void>;
  /** All that was asked and answered up to a response and with it. Throws Refusal where some of it is not here. */
  conversation(id: string): Promise<readonly unknown[]>;
}

type From = Pick<ServeOptions, 'store' | 'keepsTexts'>;

export function keptResponses({ store, keepsTexts }: From, { key }: Caller): KeptResponses | undefined {
  if (!store || keepsTexts !== true) return undefined;
  return {
    put: (id, { previous, input, response }) =>
      store.responses.put({ id, owner: key, previous: generationIn(previous), input: itemsOf(input), response }),
    async conversation(id) {
      const turns: (readonly unknown[])[] = [];
      for (let at: string | undefined = generationIn(id) ?? ''; at !== undefined;) {
        const kept = await find(store, at, key);
        if (!kept)
          throw new Refusal(
            `There is no response ${JSON.stringify(at === generationIn(id) || at === '' ? id : `resp_${at}`)} of this key here. Send the whole conversation as \`input\`.`,
            { param: 'previous_response_id', code: 'previous_response_not_found' },
          );
        turns.push([...kept.input, ...(list(kept.response['output']) ?? [])]);
        at = kept.previous;
      }
      return turns.toReversed().flat();
    },
  };
}

/** What a request goes on from comes before its own input. */
export async function continued(fields: Wire, kept: KeptResponses | undefined): Promise<Wire> {
  if (!kept) return fields;
  const { previous_response_id: previous, store: keeps, ...rest } = fields;
  if (keeps !== undefined && keeps !== null && typeof keeps !== 'boolean')
    throw wrong('store', 'must be true or false');
  if (previous === undefined || previous === null) return rest;
  if (typeof previous !== 'string') throw wrong('previous_response_id', 'must be the id of a response');
  return { ...rest, input: [...(await kept.conversation(previous)), ...itemsOf(fields['input'])] };
}

/** `GET /v1/responses/{id}`. */
export async function retrieved(id: string, caller: Caller, from: From): Promise<Wire> {
  return (await mustFind(id, caller, from)).response;
}

/** `DELETE /v1/responses/{id}`: with the trace, which holds the same words. */
export async function deleted(id: string, caller: Caller, from: From): Promise<Wire> {
  const kept = await mustFind(id, caller, from);
  await from.store?.responses.delete(kept.id);
  await from.store?.traces.delete(kept.id);
  return { id, object: 'response', deleted: true };
}

async function mustFind(id: string, { key }: Caller, { store, keepsTexts }: From) {
  if (!store || keepsTexts !== true)
    throw new Refusal(
      'This server keeps no responses, so there is none to ask for. Start it with `--store FILE --keep-texts`.',
      { status: 404, code: 'no_store' },
    );
  const kept = await find(store, generationIn(id) ?? '', key);
  if (kept) return kept;
  throw new Refusal(
    `There is no response ${JSON.stringify(id.slice(0, 200))} of this key here. One that was handed on is kept by the server that answered it.`,
    { status: 404, code: 'response_not_found', param: 'id' },
  );
}

async function find(store: Store, id: string, owner: string | undefined) {
  const kept = id === '' ? undefined : await store.responses.get(id);
  return kept && kept.owner === owner ? kept : undefined;
}

function generationIn(id: string | undefined): string | undefined {
  return id === undefined ? undefined : /^resp_([0-9a-f]{16})$/.exec(id)?.[1];
}

function itemsOf(input: unknown): readonly unknown[] {
  const said = text(input);
  return said === undefined ? (list(input) ?? []) : [{ type: 'message', role: 'user', content: said }];
}

const wrong = (param: string, rule: string): Refusal =>
  new Refusal(`\`${param}\` ${rule}.`, { param, code: 'invalid_value' });
