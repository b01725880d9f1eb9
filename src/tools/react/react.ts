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
  type Context,
  type Model,
  type ProviderTool,
  type Request,
  type Sample,
  type Tool,
  type Warning,
} from '../../core/index.ts';
import { callsIn } from '../../core/reading/index.ts';
import { converse, IN_PARTS, type Dialect, type Turns } from '../shared/converse.ts';
import {
  checkEffects,
  describeTools,
  isRunnable,
  resultText,
  runTool,
  type Asked,
  type Toolbox,
} from '../shared/toolbox.ts';

/**
 * Reasoning and acting in turns: the model thinks, calls tools, reads what they say, and goes on until it answers.
 *
 *     P'(y | x) = Σ over a_1, o_1 … of Π_i P(a_i | x, a_1, o_1 … o_i−1) T(o_i | a_i) · P(y | x, a_1, o_1 … o_k)
 *
 * T being the tools. The calls of one step run together, and what goes wrong in a tool is told to the model. A call of a
 * tool without `execute` (of the toolbox, or of the request) is the caller's to make: it is the answer. With
 * `form="tool"` the model makes tool calls. Where it makes none and writes one of a known tool as text instead, as it comes through
 * servers that do not read its calls, that is run, with a warning. With `form="text"` it writes lines `Action: name {"input": …}`, for models
 * that know no tools, and is told `Observation: …`. A line that looks like a call and cannot be read is no answer: the model
 * is told so. After `steps` rounds an answer is asked for without tools. A journal keeps what the tools said: a resumed run
 * asks none of them twice. Where something around it draws several candidates, the tools must be marked as `readOnly`, or
 * be allowed to run for each candidate with `effects="each"`.
 *
 * Cost: 1 + steps calls at most, one after the other. At a budget's limit: what was said last, without an answer.
 * Source: Yao et al., "ReAct: synergizing reasoning and acting in language models", 2022.
 */
export const react = technique({
  name: 'react',
  room: 'tools',
  summary: 'think, call tools, read what they say, and so on',
  paper: 'Yao et al., 2022',
  options: {
    tools: option.resource<Toolbox>()({ doc: 'the tools: toolbox(...) or mcpTools(...)' }),
    steps: option.integer({ doc: 'rounds of calls, at most', min: 1, default: 8 }),
    effects: option.oneOf(['once', 'each'], {
      doc: 'whether tools that do more than read may run for each of several candidates',
      default: 'once',
    }),
    form: option.oneOf(['tool', 'text'], { doc: 'whether a call is a tool call or a line of text', default: 'tool' }),
    use: option.prompt(['question', 'tools'], { doc: 'how the model is told of the tools, with form="text"' }),
    observe: option.prompt(['results'], { doc: 'how it is told the results, with form="text"' }),
    finish: option.prompt(['question'], {
      doc: 'how the answer is asked for at the end, with form="text"',
      bare: true,
    }),
  },
  calls: '1 + steps',
  candidates: false,
  rounds: '1 + steps',
  semantics: ({ steps }) => ({
    kind: 'heuristic',
    target: `P(y | x, a_1, o_1, ...) summed over up to ${steps} rounds of calls`,
    why: 'each step is one draw given the ones before; what the tools say is theirs',
  }),
  check: ({ tools }) =>
    typeof tools.tools === 'object' ? undefined : { option: 'tools', rule: 'must be a toolbox(...) of tools' },
  async run(base, request, context, { tools: box, steps, effects, form, ...wording }) {
    if (effects === 'once') checkEffects(box, context);
    const described = await describeTools(box, context.signal);
    const isTheirs = (name: string): boolean => request.tools?.some((one) => one.name === name) === true;
    const turns: Omit<Turns, 'dialect'> = {
      steps,
      run: (call, messages, at) => runTool(box, call, messages, at),
      isOutside: ({ tool }) => (Object.hasOwn(box.tools, tool) ? !isRunnable(box.tools[tool]) : isTheirs(tool)),
    };
    if (form === 'tool') {
      const tools = [...(request.tools ?? []).filter(({ name }) => !Object.hasOwn(box.tools, name)), ...described];
      const ours = Object.keys(box.tools).filter((name) => isRunnable(box.tools[name]));
      const dialect = inEither(inLines(base, questionOf(request.prompt), ours, wording), ours, context);
      return converse(base, { ...request, tools }, context, { ...turns, dialect });
    }
    const names = described.map(({ name }) => name);
    const use = promptFor(base, 'react.use', wording.use, USE);
    const question = questionOf(request.prompt);
    const open = inProse(request); // a call is a line of text
    const prompt = withQuestion(request.prompt, use.say({ question, tools: described.map(shown).join('\n') }));
    const dialect = inLines(base, question, names, wording);
    return converse(base, { ...open, prompt }, context, { ...turns, dialect });
  },
});

/** Tool calls; and where there are none, calls of tools of these names that the model wrote as text. Nothing else in a text counts. */
function inEither(written: Dialect, names: readonly string[], { ledger }: Context): Dialect {
  const inText = (sample: Sample): readonly Asked[] => {
    if (IN_PARTS.callsOf(sample).length > 0) return [];
    return written.callsOf(sample).filter(({ tool, problem }) => problem === undefined && names.includes(tool));
  };
  return {
    callsOf(sample) {
      const asked = inText(sample);
      if (asked.length === 0) return IN_PARTS.callsOf(sample);
      ledger.warn(AS_TEXT);
      return asked;
    },
    heard: (sample, calls, results) =>
      inText(sample).length > 0 ? written.heard(sample, calls, results) : IN_PARTS.heard(sample, calls, results),
    last: IN_PARTS.last,
  };
}

/** Calls written as text. What stands behind an observation of the model's own is made up, and is not read. */
function inLines(
  base: Model,
  question: string,
  names: readonly string[],
  wording: { readonly observe?: string | undefined; readonly finish?: string | undefined },
): Dialect {
  const observe = promptFor(base, 'react.observe', wording.observe, OBSERVE);
  const finish = promptFor(base, 'react.finish', wording.finish, FINISH);
  return {
    callsOf({ content }) {
      const { calls, unread } = callsIn(textOf(content), names);
      const asked = calls.map((call, i): Asked => ({ id: `action-${i + 1}`, ...call }));
      if (unread === undefined) return asked;
      return [...asked, { id: `action-${calls.length + 1}`, tool: 'Action', input: unread, problem: UNREAD }];
    },
    heard: ({ content }, calls, results) => [
      assistant(callsIn(textOf(content), names).text),
      user(
        observe.say({
          results: results
            .map((result, i) => (calls.length > 1 ? `${calls[i]?.tool}: ${resultText(result)}` : resultText(result)))
            .join('\n'),
        }),
      ),
    ],
    last: (request: Request) => ({ ...request, prompt: [...request.prompt, user(finish.say({ question }))] }),
  };
}

function shown(tool: Tool | ProviderTool): string {
  if (tool.type === 'provider') return `- ${tool.name}`;
  return `- ${tool.name}${tool.description ? `: ${tool.description}` : ''} Input: ${JSON.stringify(tool.inputSchema)}`;
}

const AS_TEXT: Warning = {
  code: 'call-as-text',
  message:
    'The model wrote a call of a tool as text, and it is run as one. Its server may need to be told how the model writes calls (vLLM: `--tool-call-parser`, llama.cpp: `--jinja`).',
};

const UNREAD =
  'the call could not be read. Write one line: "Action: ", the name of a tool, and its input as one JSON object, such as Action: search {"query": "..."}';

export const USE = ({ question, tools }: { readonly question: string; readonly tools: string }): string =>
  `${question}\n\nThere are tools:\n${tools}\n\nThink about what to do next. To use a tool, end your reply with a line "Action: " with the tool's name and its input as JSON on the same line, such as Action: search {"query": "..."}; several such lines are several calls at once. You are then told the results. When you know enough, end with "Answer: " and the answer.`;
export const OBSERVE = ({ results }: { readonly results: string }): string => `Observation: ${results}`;
export const FINISH = (): string => `There are no more calls. End with "Answer: " and the best answer there is.`;
