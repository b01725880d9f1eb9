import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, type AnyTechnique, type Model, type Transform } from '../../core/index.ts';
import { evaluateExpression } from '../../evaluate/expression.ts';
import { probe } from '../../testing/index.ts';
import { arithmeticSandbox } from '../../testing/laws/arithmetic-sandbox.ts';
import {
  adaptiveConsistency,
  agreement,
  bestOfN,
  cascade,
  deepConf,
  ensemble,
  mixture,
  power,
  rejection,
  roundRobin,
  route,
  selfConsistency,
  softBestOfN,
  tilt,
  tournament,
  universalSelfConsistency,
} from '../index.ts';

const never = (): number => 0;
/** Says what every technique listens for, and the next number in every answer: nothing is ever agreed upon. */
function base(): { readonly model: Model; readonly calls: () => number } {
  let next = 0;
  const { model, seen } = probe({
    answers: (prompt) => ({
      [/\[Answer [A1]\]/.test(questionOf(prompt)) ? 'Better: A. Most consistent: 1' : `Model: 1 ${next++ % 7}`]: 1,
    }),
  });
  return { model, calls: () => seen.started };
}

type Case = readonly [AnyTechnique, { readonly [option: string]: number | string }, Transform];
const CASES: readonly Case[] = [
  [bestOfN, { n: 6 }, bestOfN({ n: 6, score: never })],
  [selfConsistency, { n: 6, stop: 'fixed', ahead: 0 }, selfConsistency({ n: 6 })],
  [adaptiveConsistency, { n: 6, ahead: 2 }, adaptiveConsistency({ n: 6, threshold: 1, ahead: 2 })],
  [universalSelfConsistency, { n: 6 }, universalSelfConsistency({ n: 6 })],
  [deepConf, { n: 6, warmup: 2, ahead: 0 }, deepConf({ n: 6, warmup: 2, consensus: 1 })],
  [tournament, { n: 6 }, tournament({ n: 6 })],
  [tournament, { n: 1 }, tournament({ n: 1 })],
  [roundRobin, { n: 5 }, roundRobin({ n: 5 })],
  [rejection, { n: 6, parallel: 4 }, rejection({ n: 6, parallel: 4, score: never })],
  [softBestOfN, { n: 6 }, softBestOfN({ n: 6, score: never })],
  [power, { alpha: 2, steps: 5 }, power({ alpha: 2, steps: 5 })],
  [tilt, { steps: 5, temperature: 1 }, tilt({ steps: 5, score: never })],
  [agreement, { n: 5, tests: 2, most: 4 }, agreement({ n: 5, tests: 2, most: 4 })],
  [mixture, {}, (model) => mixture([model, model])],
  [ensemble, { n: 3, models: 2 }, (model) => ensemble([model, model], { n: 3 })],
  [
    cascade,
    { threshold: 1, models: 2 },
    (model) => cascade([model, model], { by: 'score', score: never, threshold: 1 }),
  ],
  [route, {}, (model) => route([model, model], { router: model })],
];

describe('the stated cost', () => {
  it.each(CASES.map(([technique, options, transform]) => ({ ...technique.definition, given: options, transform })))(
    '$name: $calls calls in $rounds rounds for $given',
    async ({ calls, rounds, given, transform }) => {
      const { model, calls: made } = base();
      await ask(plus(model, transform), 'q', { host: { sandbox: arithmeticSandbox() } });
      expect(made()).toBe(evaluateExpression(calls, given));
      expect(evaluateExpression(rounds, given)).toBeGreaterThanOrEqual(1);
      expect(evaluateExpression(rounds, given)).toBeLessThanOrEqual(made());
    },
  );
});
