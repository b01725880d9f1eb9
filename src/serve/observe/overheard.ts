/** Listens to a response on its way out. */

/** Letters that are kept of one answer. */
const MOST = 1_000_000;

/** The same response. What it says is told once it is out, or once nobody reads on. */
export function overheard(response: Response, told: (text: string) => void): Response {
  const { body, status, headers } = response;
  if (!body) {
    told('');
    return response;
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const heard = (): void => told(text);
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          heard();
          return controller.close();
        }
        if (text.length < MOST) text += decoder.decode(value, { stream: true });
        controller.enqueue(value);
      },
      cancel(reason) {
        heard();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { status, headers });
}
