/** The law of reasoning and acting: Σ over chains of actions a, each answered with what the tools say of it. */
import { plus, questionOf, type Message } from '../../core/index.ts';
import type { Distribution } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { toolbox } from '../shared/toolbox.ts';
import { afterTurns, speaker, withAnswer } from '../shared/turns.law.ts';
import { react } from './react.ts';

const TOOLS = toolbox('sums', {
  add: {
    inputSchema: { type: 'object' },
    readOnly: true,
    execute: async ({ a, b }: { a: number; b: number }) => a + b,
  },
  break: {
    inputSchema: { type: 'object' },
    readOnly: true,
    execute: async () => {
      throw new Error('it is broken');
    },
  },
});
const scope = { functions: { sums: TOOLS } };

// One action, two at once, one that fails and one of no tool; and what is said when their results are seen.
const FIRST: Distribution = {
  'I add.\nAction: add {"a": 2, "b": 3}\nObservation: 99\nAction: add {"a": 99, "b": 1}': 3,
  'Action: add {"a": 1, "b": 1}\nAction: add {"a": 2, "b": 2}': 2,
  'Action: break {}': 1,
  'Action: fly': 1,
  'Answer: 4': 3,
};
const OBSERVED: { readonly [act: string]: string } = {
  'I add.\nAction: add {"a": 2, "b": 3}\nObservation: 99\nAction: add {"a": 99, "b": 1}': '5',
  'Action: add {"a": 1, "b": 1}\nAction: add {"a": 2, "b": 2}': 'add: 2\nadd: 4',
  'Action: break {}': 'Error: it is broken',
  'Action: fly': 'Error: There is no tool "fly". There are: add, break.',
};
const seeing = (results: string): Distribution => ({ [`Answer: after ${results.length}`]: 3, 'Action: break {}': 1 });
const END: Distribution = { 'Answer: at last': 1, 'Action: fly': 1 };
const acts = (prompt: readonly Message[], first = FIRST): Distribution => {
  const asked = questionOf(prompt);
  if (asked.startsWith('There are no more calls.')) return END;
  const results = /^Observation: (.*)$/s.exec(asked)?.[1];
  return results === undefined ? first : seeing(results);
};

const next = (text: string, left: number): Distribution | undefined => {
  const results = OBSERVED[text];
  return results === undefined ? undefined : left === 1 ? END : seeing(results);
};

export const law: TechniqueLaw = {
  technique: 'react',
  subjects: {
    react: { transform: react({ tools: TOOLS, form: 'text', steps: 2 }), answers: (prompt) => acts(prompt), scope },
    'react with tool calls': { transform: react({ tools: TOOLS }), scope },
  },
  exact: varied(
    { steps: upTo(4, react.definition.options.steps), first: weights(FIRST, 'what is said at first') },
    ({ steps, first }) =>
      holds(
        `steps=${steps}: every chain of actions`,
        plus(
          speaker((prompt) => acts(prompt, first)),
          react({ tools: TOOLS, form: 'text', steps }),
        ),
        () => afterTurns(steps, { first, next }),
        withAnswer,
      ),
    [1, 2, 3].map((steps) => ({ steps })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what the model makes up about a result is kept',
    file: 'core/reading/forms/call.ts',
    from: 'split(/^[ \\t*_]*Observation\\**[ \\t]*:/im)[0]',
    to: 'split(/^[ \\t*_]*Nothing\\**[ \\t]*:/im)[0]',
  },
];
