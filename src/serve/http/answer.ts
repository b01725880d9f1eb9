/** What a route answers, before the server that it runs on puts it into its own words. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | ReadableStream<Uint8Array>;
}

export function answered(
  body: Answer['body'],
  { status = 200, headers = {} }: Partial<Pick<Answer, 'status' | 'headers'>> = {},
): Answer {
  return { status, headers, body };
}

export const toResponse = ({ body, status, headers }: Answer): Response => new Response(body, { status, headers });
