import { option, type Process } from '../core/index.ts';
import { normalized } from './decode.ts';
import { tokenTechnique } from './token-technique.ts';

/**
 * Writes one of the given texts and nothing else: a token after which no choice can be completed is masked.
 *
 *     q(v | prefix) ∝ p(v | prefix) · 1[some choice starts with prefix v]
 *
 * Every token is normalized where it stands, so this is not P(y | y is a choice): a token is taken as likely as it looks,
 * however little probability lies in the choices behind it. Error: RangeError where the base gives none of the tokens.
 *
 * Cost: 1 call. Source: Willard and Louf, "Efficient guided generation for large language models", 2023.
 */
export const constrained = tokenTechnique({
  name: 'constrained',
  summary: 'write one of the given texts and nothing else',
  paper: 'Willard and Louf, 2023',
  options: { choices: option.text({ doc: 'the texts, separated by |, such as yes|no' }) },
  calls: '1',
  rounds: '1',
  semantics: ({ choices }) => ({
    kind: 'heuristic',
    target: `P(y | y in ${choices})`,
    why: 'each token is normalized where it stands, whatever lies behind it',
  }),
  make: ([base], { choices }) => masked(base, choices.split('|'), ''),
});

function masked(state: Process, choices: readonly string[], text: string): Process {
  const { vocabulary, end, inputTokens } = state;
  const open = choices.filter((choice) => choice.length > text.length && choice.startsWith(text));
  // A token without text would leave the text where it is, for ever.
  const fits = (token: number): boolean => {
    const piece = vocabulary[token] as string;
    if (token === end) return choices.includes(text);
    return piece !== '' && open.some((choice) => choice.startsWith(piece, text.length));
  };
  return {
    vocabulary,
    end,
    inputTokens,
    next: async () =>
      normalized((await state.next()).map((logprob, token) => (fits(token) ? logprob : Number.NEGATIVE_INFINITY))),
    push: async (token) => masked(await state.push(token), choices, text + (vocabulary[token] as string)),
  };
}
