import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, type Request } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { roundRobin } from '../round-robin/round-robin.ts';
import { tournament } from '../tournament/tournament.ts';

const shown = ({ prompt }: Request): string[] =>
  [...questionOf(prompt).matchAll(/\[Answer [AB]\]\n(\w+)/g)].map(([, text]) => text as string);

/** Writes the drafts in turn; as a judge it says what `verdict` makes of the two it is shown. */
function player(drafts: readonly string[], verdict: (a: string, b: string) => string): Scripted {
  return scripted((request, { index }) => {
    const [a, b] = shown(request);
    return a !== undefined && b !== undefined ? verdict(a, b) : (drafts[index] as string);
  });
}
const byLength = (a: string, b: string): string =>
  `Better: ${a.length > b.length ? 'A' : b.length > a.length ? 'B' : 'TIE'}`;
const WORDS = ['aa', 'bbbb', 'c', 'dddd', 'eee'];

describe.each([
  ['tournament', tournament({ n: 5 }), 5 + 2 * 4],
  ['roundRobin', roundRobin({ n: 5 }), 5 + 5 * 4],
] as const)('%s', (name, transform, calls) => {
  it('keeps the best of all, the first of equals', async () => {
    const { text, sample, usage } = await ask(plus(player(WORDS, byLength), transform), 'q');
    expect([text, usage.calls]).toEqual(['bbbb', calls]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ candidates: 5, candidate: 1 });
  });

  it('learns nothing from a judge who always prefers one place', async () => {
    for (const place of ['A', 'B']) {
      const { text, warnings } = await ask(
        plus(
          player(WORDS, () => `Better: ${place}`),
          transform,
        ),
        'q',
      );
      expect([text, warnings]).toEqual(['aa', []]);
    }
  });

  it('shows each pair in both orders, to the judge it is given', async () => {
    const judge = player([], byLength);
    const compare = 'First {first} then {second}: [Answer A]\n{first}\n[Answer B]\n{second}';
    const writer = scripted((_, { index }) => WORDS[index] as string);
    const options = { n: 3, judge, compare };
    await ask(plus(writer, name === 'tournament' ? tournament(options) : roundRobin(options)), 'q');
    const pairs = judge.calls.map(({ request }) => shown(request).join(' '));
    expect(pairs).toContain('aa bbbb');
    expect(pairs).toContain('bbbb aa');
    expect(judge.calls).toHaveLength(name === 'tournament' ? 4 : 6);
    expect(questionOf(judge.calls[0]?.request.prompt ?? [])).toMatch(/^First/);
  });

  it('counts a comparison without a verdict as a tie, and says so', async () => {
    const { text, warnings } = await ask(
      plus(
        player(WORDS, () => 'Both are fine.'),
        transform,
      ),
      'q',
    );
    expect(text).toBe('aa');
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['no-verdict']));
  });

  it('plays what the budget allows', async () => {
    const { exhausted, usage } = await ask(plus(player(WORDS, byLength), transform), 'q', { budget: { calls: 8 } });
    expect([exhausted, usage.calls]).toEqual(['calls', 8]);
  });
});

it.each([
  ['Better: B', 'bbbb'],
  ['I thought "Better: A" at first.\n**Better:** Answer B', 'bbbb'],
  ['b', 'bbbb'],
  ['Better: A', 'aa'],
])('reads "%s"', async (reply, winner) => {
  const mirrored = reply.replaceAll(/\b[ABab]\b/g, (x) => (x.toUpperCase() === 'A' ? 'B' : 'A'));
  const judge = player([], (a) => (a === 'aa' ? reply : mirrored));
  const writer = scripted(['aa', 'bbbb']);
  expect((await ask(plus(writer, tournament({ n: 2, judge })), 'q')).text).toBe(winner);
});
