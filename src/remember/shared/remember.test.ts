import { expect, it } from 'vitest';
import { ask, HostMissing, plus, user } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { dynamicCheatsheet } from '../dynamic-cheatsheet/dynamic-cheatsheet.ts';
import { fewShot } from '../few-shot/few-shot.ts';
import { memPrompt } from '../mem-prompt/mem-prompt.ts';
import { rag } from '../rag/rag.ts';
import { memoryOf } from './memory-of.ts';
import { QUESTION } from './test-support/asked.ts';

it('every one says what it needs where there is no memory', async () => {
  for (const technique of [memPrompt(), fewShot(), rag(), dynamicCheatsheet()])
    await expect(
      ask(
        plus(
          scripted(() => 'x'),
          technique,
        ),
        'q',
      ),
    ).rejects.toThrow(HostMissing);
  await expect(
    ask(
      plus(
        scripted(() => 'x'),
        memPrompt({ corrections: 1 }),
      ),
      'q',
      { host: { memory: memoryOf() } },
    ),
  ).rejects.toThrow('needs a person to ask');
  expect(() => rag({ namespace: 'mia@default' })).toThrow('must be a text without @ and #');
});

it('on the way only prose is asked for; the form and the tools of the request are kept for the answer', async () => {
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request = { prompt: [user(QUESTION)], responseFormat: { type: 'json' as const }, tools };
  const memory = memoryOf([{ id: 'sea', text: 'The sea is 4 km deep on average.' }]);
  for (const [technique, answer] of [
    [rag({ queries: 1 }), 1],
    [dynamicCheatsheet(), 0],
  ] as const) {
    const model = scripted(() => '<cheatsheet>x</cheatsheet>');
    await ask(plus(model, technique), request, { host: { memory } });
    expect(model.calls.map((call) => call.request.responseFormat?.type)).toEqual(
      [0, 1].map((i) => (i === answer ? 'json' : undefined)),
    );
    expect(model.calls.map((call) => call.request.tools?.length)).toEqual(
      [0, 1].map((i) => (i === answer ? 1 : undefined)),
    );
  }
});
