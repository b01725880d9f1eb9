import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, rootScope, type Message } from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { laws, runLaws } from '../../testing/laws/laws.ts';
import { classifierFreeGuidance } from '../classifier-free-guidance/classifier-free-guidance.ts';
import { constrained } from '../constrained/constrained.ts';
import { contrastiveDecoding } from '../contrastive-decoding/contrastive-decoding.ts';
import { temperature } from '../temperature/temperature.ts';
import { base, request, share, TOKENS, tokenwise, WEIGHTS } from './test-support.ts';

const other = (prefix: readonly number[]): number[] => share([3, 1, 2 + prefix.length, 1]);
const amateur = enumerableTokens({ name: 'amateur', tokens: TOKENS, next: other, maxTokens: 3 });
const CHOICES = ['ab', 'a', 'cca', 'b'];

describe('constrained', () => {
  const model = plus(base, constrained({ choices: CHOICES.join('|') }));
  const closed = tokenwise((p, prefix) => {
    const text = prefix.map((token) => TOKENS[token]).join('');
    return p.map((x, v) => {
      const fits = v === 3 ? CHOICES.includes(text) : CHOICES.some((choice) => choice.startsWith(text + TOKENS[v]));
      return fits ? x : 0;
    });
  });

  it('is the product of its masked tokens, exactly', async () => {
    const drawn = await exact(model);
    expect(totalVariation(drawn, closed)).toBeLessThan(1e-12);
    expect([...drawn.keys()].toSorted()).toEqual(CHOICES.toSorted());
  });

  it('is not the base given that the text is a choice', async () => {
    const all = await exact(base);
    const kept = CHOICES.map((text) => all.get(text) ?? 0);
    const conditional = new Map(share(kept).map((p, i) => [CHOICES[i] as string, p]));
    expect(totalVariation(await exact(model), conditional)).toBeGreaterThan(0.01);
  });

  it('says when no choice can be written', async () => {
    await expect(ask(plus(base, constrained({ choices: 'z' })), 'q')).rejects.toThrow(/no token is left/);
  });

  runLaws(it, laws(constrained({ choices: '4|22' }), { next: true }));
});

describe('contrastiveDecoding', () => {
  const closed = tokenwise((p, prefix) =>
    p.map((x, v) => (prefix.length < 3 && x >= 0.3 * Math.max(...p) ? x / (other(prefix)[v] as number) : 0)),
  );
  const model = plus(base, contrastiveDecoding({ amateur, plausible: 0.3 }));

  it('is its equation, exactly', async () => {
    expect(totalVariation(await exact(model), closed)).toBeLessThan(1e-12);
    expect(totalVariation(await exact(base), closed)).toBeGreaterThan(0.05);
  });

  it('counts the tokens of both models, however they are nested', async () => {
    const one = await ask(model, 'question', { seed: 1 });
    expect(one.usage).toMatchObject({ calls: 1, inputTokens: 16, outputTokens: 2 * one.text.length });
    const nested = plus(model, temperature({ t: 2 }), contrastiveDecoding({ amateur }));
    const two = await ask(nested, 'question', { seed: 1 });
    expect(two.usage).toMatchObject({ calls: 1, inputTokens: 24, outputTokens: 3 * two.text.length });
    const { text, usage } = await ask(nested, 'question', { seed: 1, budget: { tokens: 24 + 9 } });
    expect([text, usage.outputTokens]).toEqual([two.text, 3 * two.text.length]);
    await expect(ask(nested, 'question', { budget: { tokens: 24 + 8 } })).rejects.toThrow(/tokens/);
  });

  it('refuses an amateur it cannot read', async () => {
    const closedModel = enumerable({ answers: { '*': { a: 1 } } });
    expect(() => contrastiveDecoding({ amateur: closedModel })).toThrow(/amateur must be a model that can be opened/);
    const stranger = enumerableTokens({ tokens: ['x'], next: () => [1, 1], maxTokens: 1 });
    await expect(ask(plus(base, contrastiveDecoding({ amateur: stranger })), 'q')).rejects.toThrow(/vocabulary/);
  });
});

describe('classifierFreeGuidance', () => {
  const next = (prefix: readonly number[], prompt: readonly Message[]): readonly number[] =>
    questionOf(prompt) === '' ? other(prefix) : WEIGHTS(prefix, prompt);
  const asked = enumerableTokens({ name: 'asked', tokens: TOKENS, next, maxTokens: 3 });
  const guided = (scale: number) =>
    tokenwise((p, prefix) => p.map((x, v) => (other(prefix)[v] as number) ** (1 - scale) * x ** scale));

  it.each([0, 0.5, 1, 1.5, 3])('is its equation at scale %d, exactly', async (scale) => {
    const drawn = await exact(plus(asked, classifierFreeGuidance({ scale })));
    expect(totalVariation(drawn, guided(scale))).toBeLessThan(1e-12);
  });

  it('changes nothing at 1, and something at 1.5', async () => {
    expect(totalVariation(await exact(asked), guided(1))).toBeLessThan(1e-12);
    expect(totalVariation(await exact(asked), guided(1.5))).toBeGreaterThan(0.02);
  });

  it('counts both prompts', async () => {
    const { usage, text } = await ask(plus(asked, classifierFreeGuidance({ without: 'abc' })), 'question');
    expect(usage).toMatchObject({ calls: 1, inputTokens: 8 + 3, outputTokens: 2 * text.length });
  });

  it('opens to the guided process', async () => {
    const { context, close } = rootScope();
    const opened = await plus(asked, classifierFreeGuidance({ scale: 1 })).open?.(request, context);
    const first = [...((await opened?.next()) ?? [])].map(Math.exp);
    close();
    share(WEIGHTS([], [])).forEach((p, v) => expect(first[v]).toBeCloseTo(p, 12));
  });
});
