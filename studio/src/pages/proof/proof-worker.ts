/** Has the laws, so that the page never waits for them. */
import { check, sheets } from './laws.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

const tell = (message: FromWorker): void => postMessage(message);

/** One after the other, in the order in which they were asked. */
let last: Promise<void> = Promise.resolve();
addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  const { id, asked } = data;
  last = last.then(async () => {
    if (!asked) return tell({ id, sheets: sheets() });
    const result = await check(asked);
    return tell('law' in result ? { id, checked: result } : { id, refused: result });
  });
});
