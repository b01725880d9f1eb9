import { describe, expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { width } from '../terminal/text.ts';
import { json, plusx } from '../test-support/plusx.ts';

describe.concurrent('plusx techniques', () => {
  it('lists every technique of the catalog', async () => {
    const [shown, asJson] = await Promise.all([plusx(['techniques']), plusx(['techniques', '--json'])]);
    const list: readonly { name: string }[] = json(asJson);
    const names = techniques.map(({ definition }) => definition.name);
    expect(list.map(({ name }) => name)).toEqual(names);
    const flat = shown.out.replaceAll(/\s+/g, ' ');
    for (const name of names) expect(flat).toContain(name);
    expect(flat).toContain('5 calls in 5 rounds by default; exact; Madaan et al., 2023');
    expect(flat).toMatch(/power .*needs logprobs/);
    for (const entry of list)
      expect(Object.keys(entry)).toEqual(
        expect.arrayContaining(['name', 'room', 'needs', 'calls', 'rounds', 'semantics', 'paper']),
      );
  });

  it('shows every option of one, and the scorers it takes', async () => {
    const { out } = await plusx(['techniques', 'bestOfN']);
    expect(out).toMatch(/n +candidates drawn \(default 4\)/);
    expect(out).toMatch(/score .*\(required\)/s);
    expect(out).toContain('judge(MODEL)');
  });

  it('says what one costs in words, with figures where the defaults give them', async () => {
    const [voted, several] = await Promise.all(
      ['selfConsistency', 'ensemble'].map((name) => plusx(['techniques', name])),
    );
    expect(voted?.out).toContain('cost   5 calls in 1 round by default\n');
    expect(voted?.out).toContain('rounds 1 with stop="fixed", else n / (1 + ahead) rounded up\n');
    expect(several?.out).toContain('cost   models * n calls in 1 round\n');
  });
});

describe.concurrent('help', () => {
  it('has examples and the JSON of every verb', async () => {
    const verbs = ['ask', 'show', 'eval', 'curve', 'techniques', 'models', 'demo'];
    const [root, ...pages] = await Promise.all([
      plusx(['--help']),
      ...verbs.map(async (verb) => plusx([verb, '--help'])),
    ]);
    expect(root).toMatchObject({ code: 0, err: '' });
    pages.forEach(({ code, out }, i) => {
      expect(code).toBe(0);
      expect(root?.out).toContain(`\n  ${verbs[i]} `);
      expect(out).toMatch(/JSON: [[{]/);
      expect(out).toContain('--json');
    });
  });

  it.each([
    [],
    ['ask'],
    ['show'],
    ['eval'],
    ['regrade'],
    ['curve'],
    ['techniques'],
    ['models'],
    ['probe'],
    ['demo'],
    ['memory'],
  ])('of %s fits 80 columns', async (...verb) => {
    const { out } = await inTerminal([...verb, '--help']);
    expect(out).toContain('Usage:');
    expect(out.split('\n').filter((line) => width(line) > 80)).toEqual([]);
  });

  it('prints the version', async () => {
    expect((await plusx(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
