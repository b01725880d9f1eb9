import { describe, expect, it } from 'vitest';
import { assistant, rootScope, user, type Message } from '../../core/index.ts';
import { tinyTask } from '../../tasks/tiny.ts';
import { TINY_TASKS } from '../../tasks/tiny-names.ts';
import { EXAMPLE } from './familiar.ts';
import { tiny } from './tiny.ts';

const FOREIGN = [
  'What is the capital of France?',
  'Why is the sky blue?',
  'Write a haiku about the sea.',
  'What is 17 * 24?',
  'Hello!',
  'Translate "good morning" into Spanish.',
  'def fibonacci(n):',
  'Wie hoch ist der Großglockner?',
];

const model = tiny();
async function warned(prompt: string | readonly Message[], of = model): Promise<string[]> {
  const { context, close } = rootScope();
  const { warnings } = await of.sample(
    { prompt: typeof prompt === 'string' ? [user(prompt)] : prompt, maxOutputTokens: 1 },
    context,
  );
  close();
  return warnings.filter(({ code }) => code === 'cannot-know').map(({ message }) => message);
}

describe('a question that the embedded model cannot know', () => {
  it.each(FOREIGN)('%s: is said to be a guess, with a question that it knows', async (question) => {
    const [message] = await warned(question);
    expect(message).toContain('what it says is a guess');
    expect(message).toContain(EXAMPLE);
    expect(message).not.toContain('\n');
  });

  it('no held-out question is, nor the one in the message', async () => {
    expect(await warned(EXAMPLE)).toEqual([]);
    for (const name of Object.keys(TINY_TASKS))
      for (const { request } of (await tinyTask(name)).items.slice(-3))
        expect(await warned(request.prompt)).toEqual([]);
  });

  it('is the last turn: what was said before is not held against it', async () => {
    expect(await warned([user('Who wrote Faust?'), assistant('Goethe.'), user(EXAMPLE)])).toEqual([]);
    expect(await warned([user(EXAMPLE), assistant('24'), user('Who wrote Faust?')])).toHaveLength(1);
  });

  it('streams the same warning, and says nothing where it is told to ignore it', async () => {
    const { context, close } = rootScope();
    const request = { prompt: [user('Who wrote Faust?')], maxOutputTokens: 1 };
    const codes: string[] = [];
    for await (const part of model.stream?.(request, context) ?? [])
      if (part.type === 'finish') codes.push(...part.sampled.warnings.map(({ code }) => code));
    close();
    expect(codes).toContain('cannot-know');
    expect(await warned('Who wrote Faust?', tiny({ foreign: 'ignore' }))).toEqual([]);
  });
});
