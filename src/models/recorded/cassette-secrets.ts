/** Takes out of recorded data what may be a key: by the name of the field, by the looks of the text, and by a list. */
import { redact } from '../../core/calls/secrets.ts';

const HIDDEN = '[key]';

/** Fields whose text is a secret whatever it looks like. */
const FIELD =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|(?:x-|.*[-_])?api[-_]?key|apikey|(?:access|auth|refresh|session|id)[-_]?token|client[-_]?secret|secret|secret[-_]?key|password|passwd|private[-_]?key)$/i;

/** How the keys of well-known services look, and keys named in a text, a header or an address. Words have no digits; keys do. */
const LOOKS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(Bearer|Basic|Token)\s+(?=[\w.~+/-]*[\d=])[\w.~+/-]{12,}=*/gi, `$1 ${HIDDEN}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b(?:[spr]k|gsk|xai|hf|glpat|npm|r8|nvapi|tvly|pplx)[-_](?=[\w-]*\d)[\w-]{16,}/g, HIDDEN],
  [/\b(?:gh[pousr]|github_pat)_\w{20,}/g, HIDDEN],
  [/\bxox[a-z]-[\w-]{10,}/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, HIDDEN],
  [/\bAIza[\w-]{30,}/g, HIDDEN],
  [/([?&](?:api[-_]?key|key|access[-_]?token|token|sig|signature)=)[^&\s"'#]{8,}/gi, `$1${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']+:)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [/((?:api[-_]?key|secret|password|access[-_]?token|authorization)"\s*:\s*")(?!\[key\])[^"\\]{4,}/gi, `$1${HIDDEN}`],
  [/((?:api[-_]?key|secret|password|access[-_]?token)\s*[:=]\s*)(?=\S*\d)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
];

/** The text without what looks like a key, and without the secrets listed. */
export function cleanText(text: string, secrets: readonly string[]): string {
  return LOOKS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), redact(text, secrets));
}

/** The same for every text in a value. Binary content stays as it is. */
export function cleanValue<T>(value: T, secrets: readonly string[]): T {
  return clean(value, secrets) as T;
}

function clean(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return cleanText(value, secrets);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof URL) return new URL(cleanText(value.href, secrets));
  if (Array.isArray(value)) return value.map((part: unknown) => clean(part, secrets));
  return Object.fromEntries(
    Object.entries(value).map(([name, v]) => [
      name,
      typeof v === 'string' && v !== '' && FIELD.test(name) ? HIDDEN : clean(v, secrets),
    ]),
  );
}
