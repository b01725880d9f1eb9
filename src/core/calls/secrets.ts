/** Keeps keys out of whatever a person or a file gets to see. */

/** What stands where a secret stood. */
export const HIDDEN = '[key]';

/** Headers whose values are kinds of content, and words that a server's error needs. All others may hold a secret. */
const PLAIN_HEADER = /^(?:accept|content-type)$/i;
/** Shorter texts stand in ordinary words too. */
const SHORTEST = 4;
/** Parts of a header's value: shorter ones are names and not secrets. */
const SHORTEST_PART = 8;

/** A base URL taken apart: where to send, what to show, and the credentials it carried. */
export interface Endpoint {
  /** Without credentials; with the query, which some gateways need. */
  address(path: string): string;
  /** What may be shown and written down: no credentials, no query. */
  readonly shown: string;
  /** The header that says who asks, where the URL had credentials. */
  readonly authorization: string | undefined;
  /** The password, a user without one, and the values of the query: they may be keys. */
  readonly secrets: readonly string[];
}

export function endpoint(baseURL: string): Endpoint {
  const url = new URL(baseURL);
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return {
    address: (path) => `${root}${path}${url.search}`,
    shown: root,
    authorization: user || password ? `Basic ${base64(`${user}:${password}`)}` : undefined,
    secrets: [password || user, user && password && `${user}:${password}`, ...url.searchParams.values()].filter(
      Boolean,
    ),
  };
}

/** An address as it may be shown, whether it can be read or not. */
export function shownAddress(address: string): string {
  if (/^https?:/i.test(address) && URL.canParse(address)) return endpoint(address).shown;
  const [place = ''] = address.split(/[?#]/);
  const scheme = /^[a-z][\w+.-]*:\/\//i.exec(place)?.[0] ?? '';
  return scheme + place.slice(place.includes('@') ? place.lastIndexOf('@') + 1 : scheme.length);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a sign of percent that begins no letter
  }
}

/** As the header wants it, letters outside Latin too. */
const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

/**
 * The secrets in headers that a caller gives: every value, whatever its name, and the parts that a server may repeat
 * alone, such as a key without the `Bearer` before it, a cookie without its name, or the password in `Basic`.
 */
export function secretsOf(headers: { readonly [name: string]: string | undefined }): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || PLAIN_HEADER.test(name)) return [];
    const [, scheme = '', credentials = value] = /^(\w+) +(.*)$/s.exec(value) ?? [];
    const parts = value.split(/[\s;,=:"]+/).filter((part) => part.length >= SHORTEST_PART);
    const pair = scheme.toLowerCase() === 'basic' ? fromBase64(credentials) : undefined;
    const password = pair?.slice(pair.indexOf(':') + 1);
    return [...new Set([value, credentials, ...parts, ...(pair && password ? [pair, password] : [])])].filter(Boolean);
  });
}

function fromBase64(text: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Replaces every secret in a text, also as JSON and as a URL write it. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) =>
      secret.length < SHORTEST ? [] : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    )
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, HIDDEN), text);
}

/**
 * How the keys of well-known services look, and keys named in a text, a header or an address. Words have no digits; keys do, and not
 * far behind their beginning: no pattern looks further ahead than a key is long, or a text of many beginnings would take for ever.
 */
const LOOKS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(Bearer|Basic|Token)\s+(?=[\w.~+/-]{0,200}[\d=])[\w.~+/-]{12,}=*/gi, `$1 ${HIDDEN}`],
  [/\beyJ[\w-]{8,1000}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b(?:[spr]k|gsk|xai|hf|glpat|npm|r8|nvapi|tvly|pplx)[-_](?=[\w-]{0,200}\d)[\w-]{16,}/g, HIDDEN],
  [/\b(?:gh[pousr]|github_pat)_\w{20,}/g, HIDDEN],
  [/\bxox[a-z]-[\w-]{10,}/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, HIDDEN],
  [/\bAIza[\w-]{30,}/g, HIDDEN],
  [/([?&](?:api[-_]?key|key|access[-_]?token|token|sig|signature)=)[^&\s"'#]{8,}/gi, `$1${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"']+:)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [/((?:api[-_]?key|secret|password|access[-_]?token|authorization)"\s*:\s*")(?!\[key\])[^"\\]{4,}/gi, `$1${HIDDEN}`],
  [/((?:api[-_]?key|secret|password|access[-_]?token)\s*[:=]\s*)(?=\S{0,200}\d)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
];

/** The text without what looks like a key, and without the secrets listed. */
export function cleanText(text: string, secrets: readonly string[]): string {
  return LOOKS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), redact(text, secrets));
}
