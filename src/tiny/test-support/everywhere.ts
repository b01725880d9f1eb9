/** What is drawn with some weights, to the last bit, by whatever engine this runs on. */
import { fromBase64 } from './base64.ts';
import { rootScope, textOf, user, type Request } from '../../core/index.ts';
import { tiny } from '../../models/tiny/index.ts';

const PROMPTS = [
  'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?\nSolve it step by step.',
  'Hello! Who are you?',
  'Passage: naïve → 漢字 🙂, it\'s "quoted".\nRepeat it.',
];
const SETTINGS: readonly Partial<Request>[] = [
  {},
  { temperature: 0 },
  { temperature: 0.7, topP: 0.9 },
  { temperature: 1.3, topK: 20, providerOptions: { tiny: { minP: 0.02 } } },
];

/** Texts, log-probabilities of every token, and scores; numbers are written so that no two of them look alike. */
export async function draws(weights: string): Promise<string> {
  const model = tiny({ weights: fromBase64(weights) });
  const lines: unknown[] = [];
  for (const [seed, prompt] of PROMPTS.entries())
    for (const settings of SETTINGS) {
      const { context, close } = rootScope({ seed });
      const request: Request = { prompt: [user(prompt)], maxOutputTokens: 48, logprobs: 3, ...settings };
      const { samples } = await model.sample({ ...request, n: 3 }, context);
      const [first] = samples;
      const scored = await model.score?.(request, textOf(first?.content ?? ''), context);
      const prefix = textOf(first?.content ?? '').slice(0, 5);
      const continued = await model.continueFrom?.(request, prefix, context);
      close();
      const all = [...samples, ...(continued?.samples ?? [])];
      lines.push(
        all.map(({ content, logprob, tokens }) => [textOf(content), logprob, tokens]),
        scored?.logprob,
      );
    }
  return JSON.stringify(lines);
}
