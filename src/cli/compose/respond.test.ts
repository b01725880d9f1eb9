import { expect, it } from 'vitest';
import { openaiServer } from '../../testing/index.ts';
import { ask } from '../verbs/ask.ts';
import type { Output, Terminal } from '../terminal/terminal.ts';

it('puts a question of the model to the person in front of the terminal, and to nobody where there is none', async () => {
  const server = await openaiServer({
    answers: ({ body }) => {
      const said = JSON.stringify(body.messages);
      return { content: said.includes('the moon') ? 'About 3,474 km.' : 'ASK: What do you mean by it?' };
    },
  });
  const written: string[] = [];
  const output = (isTerminal: boolean): Output => ({
    write: (text) => void written.push(text),
    paint: (_format, text) => text,
    isTerminal,
    columns: 80,
  });
  const asked: string[] = [];
  const terminal: Terminal = {
    out: output(false),
    err: output(true),
    env: { PLUSX_BASE_URL: server.url },
    signal: new AbortController().signal,
    respond: async (question) => (asked.push(question), 'the moon'),
  };
  const options = { model: 'server/m', plus: 'clarify' };
  try {
    expect(await ask('How big is it?', options, terminal)).toBe(0);
    expect([asked, written.join('')]).toEqual([
      ['What do you mean by it?'],
      expect.stringContaining('About 3,474 km.\n'),
    ]);
    written.length = 0;
    expect(await ask('How big is it?', options, { ...terminal, respond: undefined })).toBe(0);
    expect([asked.length, written.join('')]).toEqual([1, expect.stringContaining('warning:')]);
  } finally {
    await server.close();
  }
});
