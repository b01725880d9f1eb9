/** Searches under a process reward that is right on average only: how often they end right, at equal numbers of answers. */
import { ask, plus, questionOf, scorer, seeded, textOf, type Transform } from '../../src/core/index.ts';
import { enumerableTokens } from '../../src/models/written/index.ts';
import { beamSearch, bestOfN, mcts, particleFilter, softBestOfN } from '../../src/search/index.ts';

const STEPS = 6;
const RIGHT = 0.6;
const NOISE = 1;
const ITEMS = 1000;
const BUDGETS = [4, 8, 16, 32, 64];

/** Six steps, each right (r) with probability 0.6: an answer is right where all of its steps are. */
const base = enumerableTokens({
  name: 'walker',
  tokens: ['r\n', 'w\n'],
  next: (prefix) => (prefix.length < STEPS ? [RIGHT, 1 - RIGHT, 0] : [0, 0, 1]),
  maxTokens: STEPS,
});
const isRight = (text: string): boolean => !text.includes('w');

/** Minus the number of wrong steps, plus noise of standard deviation 1 that is the same whenever the same text is looked at. */
const reward = scorer('reward', ({ content }, { prompt }) => {
  const text = textOf(content);
  const choice = seeded(`${questionOf(prompt)} ${text}`);
  const uniform = (): number => (choice.categorical(HUNDREDTHS) + choice.categorical(HUNDREDTHS) / 100 + 0.005) / 100;
  const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return -(text.split('w').length - 1) + NOISE * normal;
});
const HUNDREDTHS = Array.from({ length: 100 }, () => 1);

const SEARCHES: { readonly [name: string]: (n: number) => Transform } = {
  bestOfN: (n) => bestOfN({ n, score: reward }),
  softBestOfN: (n) => softBestOfN({ n, score: reward, temperature: 0.5 }),
  'beamSearch, width 4': (n) => beamSearch({ beams: n / 4, width: 4, steps: STEPS, score: reward, draw: 'step' }),
  'beamSearch, dvts, width 4': (n) =>
    beamSearch({ beams: n / 4, width: 4, steps: STEPS, score: reward, variant: 'dvts', draw: 'step' }),
  'particleFilter, temperature 0.5': (n) =>
    particleFilter({ n, steps: STEPS, score: reward, temperature: 0.5, draw: 'step' }),
  mcts: (n) => mcts({ n, score: reward, width: 3 }),
};

export interface NoisyReward {
  readonly note: string;
  readonly budgets: readonly number[];
  readonly rows: ReadonlyArray<{
    readonly name: string;
    readonly accuracies: readonly number[];
    /** Tokens written, in whole answers. */
    readonly answers: readonly number[];
  }>;
}

export async function noisyReward(): Promise<NoisyReward> {
  const rows = [];
  for (const [name, of] of Object.entries(SEARCHES)) {
    const accuracies: number[] = [];
    const answers: number[] = [];
    for (const n of BUDGETS) {
      const model = plus(base, of(n));
      let [right, tokens] = [0, 0];
      for (let item = 0; item < ITEMS; item++) {
        const { text, usage } = await ask(model, `item ${item}`, { seed: item });
        right += Number(isRight(text));
        tokens += usage.outputTokens ?? Number.NaN;
      }
      accuracies.push(right / ITEMS);
      answers.push(tokens / STEPS / ITEMS);
    }
    rows.push({ name, accuracies, answers });
  }
  const one = (RIGHT ** STEPS * 100).toFixed(1);
  const note = `${ITEMS.toLocaleString('en')} items of ${STEPS} steps, where each step is right with probability ${RIGHT} (one sample: ${one}%). The score of a text is minus its number of wrong steps, plus normal noise of standard deviation ${NOISE} that is fixed for each item and text. Beams and particles have n answers in flight and draw one step per call (\`draw="step"\`), in up to n·${STEPS} calls; the others make n calls. In brackets: the tokens written, in whole answers. The standard error is at most ${(50 / Math.sqrt(ITEMS)).toFixed(1)} points.`;
  return { note, budgets: BUDGETS, rows };
}
