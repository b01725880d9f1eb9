/** Keeps keys out of whatever a person or a file gets to see. */

const SECRET_HEADER = /auth|key|token|secret|cookie/i;
const SHORTEST = 4;

/** A base URL taken apart: where to send, what to show, and the credentials it carried. */
export interface Endpoint {
  /** Without credentials; with the query, which some gateways need. */
  address(path: string): string;
  /** What may be shown and written down: no credentials, no query. */
  readonly shown: string;
  /** `user:password`, where the URL had some. */
  readonly credentials: string | undefined;
  /** Values of the query: they may be keys. */
  readonly queryValues: readonly string[];
}

export function endpoint(baseURL: string): Endpoint {
  const url = new URL(baseURL);
  const { username, password, search } = url;
  const credentials = username ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}` : undefined;
  const root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return {
    address: (path) => `${root}${path}${search}`,
    shown: root,
    credentials,
    queryValues: [...url.searchParams.values()],
  };
}

/** The values among headers that are secrets, with and without the `Bearer` before them. */
export function secretsOf(headers: { readonly [name: string]: string | undefined }): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value !== undefined && SECRET_HEADER.test(name) ? [value, value.replace(/^\w+ +/, '')] : [],
  );
}

/** Replaces every secret in a text, also as JSON and as a URL write it. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) =>
      secret.length < SHORTEST ? [] : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    )
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '[key]'), text);
}
