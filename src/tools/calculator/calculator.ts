import {
  inProse,
  assistant,
  option,
  promptFor,
  questionOf,
  technique,
  textOf,
  user,
  withQuestion,
  type Message,
  type Model,
  type Request,
  type ToolResultOutput,
} from '../../core/index.ts';
import { compute } from './arithmetic.ts';
import { labelledAt } from '../../core/reading/index.ts';
import { converse, IN_PARTS, type Dialect } from '../shared/converse.ts';

/**
 * Lets the model call a calculator as it writes: each call is answered with the exact result, until it answers.
 *
 *     P'(y | x) = Σ over c_1 … c_k of Π_i P(c_i | x, c_1, v(c_1) … v(c_i−1)) · P(y | x, c_1, v(c_1) … v(c_k))
 *
 * where v computes. What the model knows of a problem stays; what it cannot do in its head is done for it, so the gain
 * grows with the size of the numbers. With `form="text"` a call is a line `Call: 14+23`, for any model; with
 * `form="tool"` it is a tool call. Results are exact: fractions of any length, no floating point.
 *
 * Cost: 1 + steps calls at most, one after the other. At a limit: what was said last, without an answer, and a warning.
 * Source: Cobbe et al., "Training verifiers to solve math word problems", 2021 (calculator annotations).
 */
export const calculator = technique({
  name: 'calculator',
  room: 'tools',
  summary: 'let the model call an exact calculator as it writes',
  paper: 'Cobbe et al., 2021',
  options: {
    steps: option.integer({ doc: 'calls of the calculator one after the other, at most', min: 1, default: 8 }),
    form: option.oneOf(['text', 'tool'], { doc: 'whether a call is a line of text or a tool call', default: 'text' }),
    use: option.prompt(['question'], { doc: 'how the model is told of the calculator, with form="text"' }),
    result: option.prompt(['result'], { doc: 'how it is told a result, with form="text"' }),
  },
  calls: '1 + steps',
  candidates: false,
  rounds: '1 + steps',
  semantics: ({ steps }) => ({
    kind: 'exact',
    target: `P(y | x, c_1, v(c_1), ...) summed over up to ${steps} calls`,
    why: 'each step is one draw given the ones before; the calculator is a function',
  }),
  async run(base, request, context, { steps, form, ...wording }) {
    const run = async (call: { readonly input: string }): Promise<ToolResultOutput> =>
      told(form === 'tool' ? expressionIn(call.input) : call.input);
    if (form === 'tool') {
      const tools = [...(request.tools ?? []), TOOL];
      const isOutside = ({ tool }: { readonly tool: string }): boolean =>
        tool !== TOOL.name && request.tools?.some(({ name }) => name === tool) === true;
      return converse(base, { ...request, tools }, context, { steps, dialect: IN_PARTS, run, isOutside });
    }
    const use = promptFor(base, 'calculator.use', wording.use, USE);
    const open = inProse(request); // a call is a line of text
    const prompt = withQuestion(request.prompt, use.say({ question: questionOf(request.prompt) }));
    return converse(base, { ...open, prompt }, context, { steps, dialect: inLines(base, wording.result), run });
  },
});

/** The first line that calls is the call: what stands behind it was written without knowing the result. */
function inLines(base: Model, wording: string | undefined): Dialect {
  const say = promptFor(base, 'calculator.result', wording, RESULT);
  return {
    callsOf: ({ content }) => {
      const call = labelledAt(textOf(content), 'Call');
      return call === undefined ? [] : [{ id: 'call', tool: TOOL.name, input: call.said }];
    },
    heard: ({ content }, _calls, results) => {
      const text = textOf(content);
      const upToCall = labelledAt(text, 'Call')?.text ?? text;
      const [result] = results as readonly { readonly value?: unknown }[];
      return [assistant(upToCall.trim()), said(say.say({ result: String(result?.value) }), say.asTool)];
    },
    last: (request: Request) => request,
  };
}

function said(text: string, asTool: true | undefined): Message {
  if (!asTool) return user(text);
  return {
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: 'call', toolName: TOOL.name, output: { type: 'text', value: text } }],
  };
}

function told(expression: string): ToolResultOutput {
  const computed = compute(expression);
  return computed.ok
    ? { type: 'text', value: computed.text }
    : { type: 'error-text', value: `Error: ${computed.problem}.` };
}

function expressionIn(input: string): string {
  try {
    const { expression } = JSON.parse(input) as { readonly expression?: unknown };
    return typeof expression === 'string' ? expression : JSON.stringify(expression ?? '');
  } catch {
    return input;
  }
}

const TOOL = {
  type: 'function' as const,
  name: 'calculator',
  description:
    'Computes an expression exactly: numbers, + - * / ^ % and parentheses, such as (14 + 23) * 2. Use it for all arithmetic.',
  inputSchema: {
    type: 'object',
    properties: { expression: { type: 'string', description: 'The expression to compute.' } },
    required: ['expression'],
    additionalProperties: false,
  },
};

export const USE = ({ question }: { readonly question: string }): string =>
  `${question}\n\nThere is a calculator. To use it, end your reply with a line of its own, "Call: " and an expression such as (14 + 23) * 2; you are then told the result. When you need no more results, end with "Answer: " and the answer.`;
export const RESULT = ({ result }: { readonly result: string }): string => `Result: ${result}`;
