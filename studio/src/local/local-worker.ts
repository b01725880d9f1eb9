/** Has the embedded model, so that the page goes on while it writes. */
import { wordsOf } from '../../../src/studio/play/words.ts';
import { answers } from './answers.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

const tell = (message: FromWorker): void => postMessage(message);
const open = new Map<number, AbortController>();
let answer: ReturnType<typeof answers> | undefined;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'weights') answer = answers(data.weights);
  else if (data.kind === 'leave') open.get(data.id)?.abort();
  else void hear(data);
});

async function hear({ id, ask }: Extract<ToWorker, { kind: 'ask' }>): Promise<void> {
  const controller = new AbortController();
  open.set(id, controller);
  try {
    if (!answer) throw new Error('The weights are not there.');
    for await (const value of answer(ask, controller.signal)) {
      tell({ id, kind: 'value', value });
      // Whoever left is heard between two values.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    tell({ id, kind: 'over' });
  } catch (error) {
    tell({ id, kind: 'failed', message: wordsOf(error) });
  } finally {
    open.delete(id);
  }
}
