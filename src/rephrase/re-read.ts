import { fork, questionOf, sampleOnly, technique, type Message } from '../core/index.ts';

/**
 * Repeats the question, so that the second reading of each word has seen all of the first.
 *
 *     P'(y | x) = P(y | x, "Read the question again: " x)
 *
 * A text part is added to the last user message; images and every other part and message stay as they are.
 *
 * Cost: 1 call, with the question read twice. Source: Xu et al., "Re-reading improves reasoning in large language
 * models", 2023 (RE2).
 */
export const reRead = technique({
  name: 'reRead',
  room: 'rephrase',
  summary: 'say the question twice',
  paper: 'Xu et al., 2023',
  options: {},
  calls: '1',
  rounds: '1',
  semantics: () => ({ kind: 'exact', target: 'P(y | x, x)', why: 'one draw for the longer question' }),
  can: ([base]) => ({ ...sampleOnly(base.can), logprobs: base.can.logprobs }),
  async run(base, request, context, _options, last) {
    return last(base, { ...request, prompt: twice(request.prompt) }, fork(context, 'again'));
  },
});

function twice(prompt: readonly Message[]): readonly Message[] {
  const question = questionOf(prompt);
  const at = prompt.findLastIndex((message) => message.role === 'user');
  return prompt.map((message, i) =>
    i === at && message.role === 'user' && question.trim() !== ''
      ? { ...message, content: [...message.content, { type: 'text', text: AGAIN(question) }] }
      : message,
  );
}

export const AGAIN = (question: string): string => `\nRead the question again: ${question}`;
