/** Who may ask the studio: this machine, or whoever has the token; and never another page that a browser has open. */
import { timingSafeEqual } from 'node:crypto';
import { checkLocal } from '../serve/connection.ts';
import { Refusal } from '../serve/failure.ts';

export interface Guarded {
  /** Without one only this machine is answered. */
  readonly token?: string | undefined;
}

/** Throws Refusal. */
export function guard(request: Request, { token }: Guarded): void {
  const { headers, method } = request;
  const header = (name: string): string | undefined => headers.get(name) ?? undefined;
  const { host, origin: here } = new URL(request.url);
  if (token === undefined) checkLocal({ host, header });
  else if (!same(header('authorization') ?? '', `Bearer ${token}`))
    throw new Refusal('The studio wants its token. Open the address that `plusx studio` printed.', {
      status: 401,
      code: 'studio_token',
    });
  const origin = header('origin');
  const site = header('sec-fetch-site');
  if ((origin !== undefined && origin !== here) || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    throw new Refusal('The studio answers its own pages alone.', { status: 403, code: 'other_origin' });
  // A form of another site can send a POST without being asked, but never this type.
  if (method !== 'GET' && method !== 'HEAD' && !/^application\/json\b/i.test(header('content-type') ?? ''))
    throw new Refusal('Send it as application/json.', { status: 415, code: 'unsupported_media_type' });
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
