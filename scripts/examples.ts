/** Every technique with options that make it do all it may do, on a model that says what it listens for. */
import { checkOptions, questionOf, scorer, type AnyTechnique, type Host, type Model } from '../src/core/index.ts';
import { scripted } from '../src/models/written/index.ts';
import type { Page } from '../src/recipes/index.ts';
import { memoryOf } from '../src/remember/index.ts';
import { toolbox } from '../src/tools/index.ts';

/** Milliseconds a call of the model takes. */
export const LATENCY = 50;

interface Example {
  /** Options that make it do all it may do. */
  readonly options?: { readonly [option: string]: unknown };
  /** How many models a combiner combines. Default 3. */
  readonly models?: number;
  /** Why it makes fewer calls than it states, where it does. */
  readonly fewer?: string;
}

const half = scorer('half', () => 0.5);
const search = (query: string): readonly Page[] => [{ url: `https://${query}/`, text: query }];
const tools = toolbox('clock', [
  { name: 'time', inputSchema: { type: 'object' }, execute: async () => 'noon', readOnly: true },
]);
const PROMPTED = { by: 'prompt', score: half };

/** A row for every technique; one without a row is named under the table. */
const EXAMPLES: { readonly [technique: string]: Example } = {
  abMcts: { options: { score: half, n: 8, parallel: 2 } },
  adaptiveConsistency: { options: { n: 12, threshold: 1, ahead: 11 } },
  agreement: { options: { n: 4, tests: 4 } },
  autoMix: { models: 2 },
  beamSearch: { options: { ...PROMPTED, beams: 2, width: 2, steps: 3 } },
  bestOfN: { options: { score: half, n: 8 } },
  budgetForcing: { options: { waits: 2 }, fewer: 'its last call is for thinking that does not end by itself' },
  calculator: {},
  cascade: {},
  chainOfVerification: {},
  clarify: { options: { rounds: 2 } },
  critic: { options: { score: half } },
  debate: {},
  decomposedPrompting: {},
  deepConf: { options: { n: 8 } },
  deepResearch: { options: { search } },
  dynamicCheatsheet: {},
  easyFirst: {},
  ensemble: {},
  fewShot: {},
  fusion: {},
  lats: { options: { n: 4, width: 3 } },
  leastToMost: {},
  mcts: { options: { ...PROMPTED, n: 8, parallel: 2 } },
  memPrompt: { options: { corrections: 2 } },
  mixture: {},
  mixtureOfAgents: {},
  pal: { options: { repairs: 2 } },
  paraphrase: {},
  particleFilter: { options: { ...PROMPTED, n: 4, steps: 3 } },
  planAndSolve: {},
  power: {},
  powerSampling: {},
  prefer: { options: { principles: 'short' } },
  programOfThoughts: { options: { repairs: 2 } },
  rag: { options: { queries: 2 } },
  react: { options: { tools, form: 'text' } },
  reflexion: {},
  rejection: { options: { score: half, threshold: 1, n: 8, parallel: 4 } },
  rephraseAndRespond: {},
  reRead: {},
  request: { options: { maxTokens: 50 } },
  roundRobin: {},
  route: {
    get options() {
      return { router: upstream };
    },
  },
  selfAsk: {},
  selfConsistency: { options: { n: 8 } },
  selfDebug: { options: { tests: 'check()' } },
  selfDiscover: {},
  selfRefine: {},
  skeletonOfThought: {},
  softBestOfN: { options: { score: half, n: 8 } },
  stepBack: {},
  tilt: { options: { score: half } },
  tournament: { options: { n: 8 } },
  translate: {},
  treeOfThoughts: { options: { depth: 2, breadth: 2, proposals: 2, votes: 1 } },
  universalSelfConsistency: {},
};

/** What is answered to whatever techniques ask, by a piece of what they ask: so that they do all they may do. */
const REPLIES: readonly (readonly [piece: string, reply: string | ((index: number) => string)])[] = [
  ['Better: A, Better: B', 'Better: A'],
  ['Most consistent: NUMBER', 'Most consistent: 1'],
  ['Reply with A or B', 'A'],
  ['Best: A', 'Best: A'],
  ['Write tests for a solution', '```javascript\nf(1) === 1\n```'],
  ['fenced code block', '```javascript\nreturn 1;\n```'],
  ['would check the facts', '1. a?\n2. b?\n3. c?\n4. d?'],
  ['Break it down', '1. a?\n2. b?\n3. c?\n4. d?\n5. e?'],
  ['Split it into simple questions', '1. a?\n2. b #1?\n3. c #2?\n4. d #3?\n5. e #4?\n6. f #5?'],
  ['Name the questions', '1. a?\n2. b?\n3. c?\n4. d?'],
  ['So the final answer is: ...', 'Follow up: a?'],
  ['only the skeleton', '1. a\n2. b\n3. c\n4. d\n5. e\n6. f\n7. g\n8. h'],
  ['yes or no', 'no'],
  ['search queries', '1. a\n2. b\n3. c'],
  ['next thought', (index) => (index === 0 ? 'Final answer: 2' : 'And so on.')],
  ['number from 0', '5'],
  ['one code block', '```javascript\nreturn 1;\n```'],
  ['There is a calculator', 'Call: 1 + 1'],
  ['Result: ', 'Call: 1 + 1'],
  ['There are tools', 'Action: time {}'],
  ['Observation: ', 'Action: time {}'],
  ['Model: NUMBER', 'Model: 2'],
  ['ASK: and one short question', 'ASK: Which apples?'],
  ['Your answer above is unfinished', 'one\ntwo\nthree\nfour\nfive'],
];

/** What a technique that asks this listens for; nothing where it asks for an answer. */
export function replyTo(asked: string, index = 0): string | undefined {
  const [, reply] = REPLIES.find(([piece]) => asked.includes(piece)) ?? [];
  return typeof reply === 'function' ? reply(index) : reply;
}

export const host: Host = {
  memory: memoryOf([{ id: '1', text: 'How much is 2 + 2?', data: { answer: '4' } }]),
  respond: async () => 'Say it in words.',
  sandbox: {
    name: 'never satisfied',
    languages: ['javascript'],
    run: async () => ({ kind: 'error', reason: 'thrown', message: 'check failed', output: '' }),
  },
};

/** A number that is another one for most other texts. */
function numberOf(text: string): number {
  let mixed = 7;
  for (let i = 0; i < text.length; i++) mixed = (mixed * 31 + text.charCodeAt(i)) % 997;
  return mixed;
}

/** A model that says what techniques listen for, `delay` milliseconds after it is asked. */
export const listening = (delay: number): Model =>
  scripted(
    ({ prompt }, { index, path }) => {
      // Answers that never agree, so that nothing ends early.
      const answer = `one\ntwo\nthree\nAnswer: ${numberOf(path)}`;
      return { text: replyTo(questionOf(prompt), index) ?? answer, delay, logprob: -2 };
    },
    { name: 'upstream', can: { logprobs: true } },
  );
const upstream = listening(LATENCY);

/** The options that a technique's example gives it, and how many models it combines. */
export function optionsOf(technique: AnyTechnique): Required<Pick<Example, 'options' | 'models'>> | undefined {
  const example = EXAMPLES[technique.definition.name];
  return example && { options: example.options ?? {}, models: technique.takes === 'one' ? 1 : (example.models ?? 3) };
}

/** A technique as its example has it, over a model that says what it listens for or another one; nothing where it has none. */
export function exampleOf(
  technique: AnyTechnique,
  base: Model = upstream,
  more: Example['options'] = {},
):
  | {
      readonly model: Model;
      readonly given: { readonly [option: string]: unknown };
      readonly fewer: string | undefined;
    }
  | undefined {
  const { name, options: schema } = technique.definition;
  const example = EXAMPLES[name];
  if (!example) return undefined;
  const { models = 3, fewer } = example;
  const options = { ...example.options, ...more };
  const bases = Array.from({ length: models }, () => base);
  return {
    model: technique.takes === 'one' ? technique(options)(base) : technique(bases, options),
    given: { ...checkOptions(name, schema, options), models: technique.takes === 'one' ? 1 : models },
    fewer,
  };
}
