/** Listens to an answer on its way out. */
import type { Answer } from '../http/answer.ts';

/** Letters that are kept of one answer. */
const MOST = 1_000_000;

/** The same answer. What it says is told once it is out, or once nobody reads on. */
export function overheard(answer: Answer, told: (text: string) => void): Answer {
  const { body } = answer;
  if (typeof body === 'string') {
    told(body);
    return answer;
  }
  const reader = body.getReader();
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
  return { ...answer, body: stream };
}
