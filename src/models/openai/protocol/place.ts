/** Where the server of a model is, and what opens it. */
import { endpoint, secretsOf } from '../../../core/calls/secrets.ts';

export interface Place {
  /** The address of a path at the server, with what must not be shown. */
  readonly address: (path: string) => string;
  /** The base URL that may be shown. */
  readonly root: string;
  readonly headers: { readonly [name: string]: string };
  /** All that must stand in no error. */
  readonly secrets: readonly string[];
}

export function placeOf({
  baseURL,
  apiKey,
  headers: more,
}: {
  readonly baseURL: string;
  readonly apiKey?: string | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
}): Place {
  const { address, shown, authorization, secrets } = endpoint(baseURL);
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    ...more,
  };
  return { address, root: shown, headers, secrets: [...secretsOf(headers), ...secrets] };
}
