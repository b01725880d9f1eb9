/** The law of beam search: every draw of every step, and the best-scored beginnings kept. */
import { judge, plus, scorer, textOf } from '../../core/index.ts';
import { add, finite, normal, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { bestOfN } from '../best-of-n/best-of-n.ts';
import {
  further,
  independent,
  isWhole,
  LINES,
  lines,
  nextWeights,
  score,
  scoreOf,
  size,
  START,
  stepped,
  TOKENS,
  tokens,
  tokenScore,
  tokenScoreOf,
  type Begun,
} from '../shared/steps.law.ts';
import { beamSearch } from './beam-search.ts';

/** The best beginning of a beam, with its probability. */
function beam(p: P, beams: number, width: number, steps: number): (readonly [Begun, number])[] {
  const out: (readonly [Begun, number])[] = [];
  const visit = (kept: readonly Begun[], step: number, probability: number): void => {
    if (step > steps || (step > 1 && kept.every(isWhole))) return void out.push([kept[0] as Begun, probability]);
    const live = kept.filter((one) => !isWhole(one));
    const draws = live.flatMap((one) =>
      Array.from({ length: step === 1 ? beams * width : width }, () => further(p, one)),
    );
    for (const [drawn, q] of independent(draws)) {
      const all = [...kept.filter(isWhole), ...drawn];
      const order = all.map((_, i) => i).toSorted((i, j) => (all[j] as Begun).value - (all[i] as Begun).value || i - j);
      visit(
        order.slice(0, beams).map((i) => all[i] as Begun),
        step + 1,
        probability * q,
      );
    }
  };
  visit([START], 1, 1);
  return out;
}

/** The answers that beginnings were cut from. */
function wholes(found: ReadonlyArray<readonly [Begun, number]>): P {
  const out = new Map<string, number>();
  for (const [{ whole }, p] of found) add(out, whole, p);
  return out;
}

/** The best of independent searches that keep one beginning each; the first of equals. */
function diverse(p: P, trees: number, width: number, steps: number): P {
  const one = beam(p, 1, width, steps);
  return wholes(
    independent(Array.from({ length: trees }, () => one)).map(([found, q]) => [
      found.reduce((best, next) => (next.value > best.value ? next : best)),
      q,
    ]),
  );
}

/** A beam of one over tokens: `width` draws of the next token or the end, the best-scored goes on; the first of equals. */
function greedy(width: number): P {
  const out = new Map<string, number>();
  const textOfIds = (ids: readonly number[]): string => ids.map((id) => TOKENS[id]).join('');
  const visit = (ids: readonly number[], probability: number): void => {
    if (ids.length === 2) return add(out, textOfIds(ids), probability);
    const weights = nextWeights(ids);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const next = weights.map((weight, id) => [id, weight / total] as const);
    for (const [drawn, q] of independent(Array.from({ length: width }, () => next))) {
      const scores = drawn.map((id) => tokenScoreOf(textOfIds(id === TOKENS.length ? ids : [...ids, id])));
      const won = drawn[scores.indexOf(Math.max(...scores))] as number;
      if (won === TOKENS.length) add(out, textOfIds(ids), probability * q);
      else visit([...ids, won], probability * q);
    }
  };
  visit([], 1);
  return out;
}

/** Two lines of which the first may be all. */
const oneOrTwo = finite({ b: 3, 'a\nx': 2, 'b\nx': 1 });
const firstLine = scorer('first line', ({ content }) => scoreOf(textOf(content).replace(/(?<=\n).*/s, '')));

export const law: TechniqueLaw = {
  technique: 'beamSearch',
  subjects: {
    beamSearch: stepped(beamSearch({ beams: 2, width: 2, steps: 3, score: size })),
    'beamSearch, diverse': stepped(beamSearch({ beams: 2, width: 2, steps: 2, score: size, variant: 'dvts' })),
    'beamSearch by prompt, with a judge': (base) =>
      beamSearch({ beams: 1, width: 2, steps: 2, score: judge(base), by: 'prompt', separator: '2' })(base),
    'beamSearch, a step a draw': stepped(beamSearch({ beams: 2, width: 2, steps: 2, score: size, draw: 'step' })),
  },
  exact: [
    ...varied(
      {
        beams: upTo(3, beamSearch.definition.options.beams),
        width: upTo(3, beamSearch.definition.options.width),
        steps: upTo(3, beamSearch.definition.options.steps),
        draw: beamSearch.definition.options.draw,
        model: weights(LINES),
      },
      ({ model, ...options }) => {
        const { beams, width, steps, draw } = options;
        return holds(
          `beams=${beams} width=${width} steps=${steps}${draw === 'step' ? ' draw="step"' : ''}`,
          plus(finite(model), beamSearch({ ...options, score })),
          () => wholes(beam(normal(model), beams, width, steps)),
        );
      },
      [
        { beams: 1, width: 1, steps: 1 },
        { beams: 1, width: 2, steps: 3 },
        { beams: 2, width: 1, steps: 2 },
        { beams: 2, width: 2, steps: 1 },
        // A step alone has the law of a step that is cut from a whole answer.
        { beams: 1, width: 1, steps: 1, draw: 'step' },
        { beams: 1, width: 2, steps: 2, draw: 'step' },
        { beams: 2, width: 1, steps: 2, draw: 'step' },
        { beams: 1, width: 2, steps: 3, draw: 'step' },
      ],
    ),
    ...[1, 2].map((width) =>
      holds(
        `beams=1 width=${width}, a token a step`,
        plus(tokens, beamSearch({ beams: 1, width, score: tokenScore })),
        () => greedy(width),
      ),
    ),
    holds(
      'variant="dvts" beams=2 width=1 steps=2: the best of independent searches',
      plus(lines, beamSearch({ beams: 2, width: 1, steps: 2, score, variant: 'dvts' })),
      () => diverse(normal(LINES), 2, 1, 2),
    ),
    same('beams=1 width=1 is the base', plus(lines, beamSearch({ beams: 1, width: 1, score })), lines),
    same(
      'steps=1 is best-of-n by the score of the first step',
      plus(oneOrTwo, beamSearch({ beams: 1, width: 3, steps: 1, score })),
      plus(oneOrTwo, bestOfN({ n: 3, score: firstLine })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what follows a step says whether it is the last',
    file: 'search/shared/steps.ts',
    from: "if (by === 'prompt' && text",
    to: 'if (text',
  },
  {
    bug: 'a step that a stop sequence ended is taken for the last',
    file: 'search/shared/draw-step.ts',
    from: 'if (!met) return',
    to: 'if (written) return',
  },
  {
    bug: 'an answer searched step by step is left unfinished',
    file: 'search/shared/draw-step.ts',
    from: "draw === 'whole' || beginning.done",
    to: 'true || beginning.done',
  },
  {
    bug: 'a beam keeps the worst',
    file: 'search/shared/scores.ts',
    from: 'rank(b.value) - rank(a.value)',
    to: 'rank(a.value) - rank(b.value)',
  },
  {
    bug: 'a beginning that is whole is dropped from the beam',
    file: 'search/beam-search/beam-search.ts',
    from: 'done || (cutShort',
    to: 'false || (cutShort',
  },
];
