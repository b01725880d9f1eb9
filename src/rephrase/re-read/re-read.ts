import { option, promptFor, questionOf, sampleOnly, technique, withQuestion, type Message } from '../../core/index.ts';

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
  options: { again: option.prompt(['question'], { doc: 'what is said after the question' }) },
  calls: '1',
  rounds: '1',
  semantics: () => ({ kind: 'exact', target: 'P(y | x, x)', why: 'one draw for the longer question' }),
  can: ([base]) => ({ ...sampleOnly(base.can), logprobs: base.can.logprobs }),
  asks(base, request, _context, { again }) {
    const question = questionOf(request.prompt);
    const { say, alone } = promptFor(base, 'reRead.again', again, AGAIN);
    const said = question.trim() === '' ? '' : say({ question });
    const prompt =
      said === '' ? request.prompt : alone ? withQuestion(request.prompt, said) : followed(request.prompt, said);
    return { request: { ...request, prompt } };
  },
});

/** The conversation with a text after the last question, as a part of its own. */
function followed(prompt: readonly Message[], text: string): readonly Message[] {
  const at = prompt.findLastIndex((message) => message.role === 'user');
  return prompt.map((message, i) =>
    i === at && message.role === 'user'
      ? { ...message, content: [...message.content, { type: 'text', text }] }
      : message,
  );
}

export const AGAIN = ({ question }: { readonly question: string }): string => `\nRead the question again: ${question}`;
