/** The entry `plusx/laws`: one law for each technique of the catalog, and nothing that only a test needs. */
import { rolldown } from 'rolldown';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lawFiles, lawsIn } from '../scripts/law-files.ts';
import { techniques } from './catalog.ts';
import type { Field } from './core/index.ts';
import { laws } from './laws.ts';
import { probe } from './testing/laws/probe.ts';

const bundled = async (entry: string): Promise<string> => {
  const bundle = await rolldown({ input: join(import.meta.dirname, entry), platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return output.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n');
};

it('has the law of every technique, and every law has a closed form and a technique for the shared laws', () => {
  expect(laws.map(({ technique }) => technique)).toEqual(techniques.map(({ definition }) => definition.name));
  for (const { technique, exact, subjects } of laws) {
    expect([technique, exact.length]).not.toEqual([technique, 0]);
    expect([technique, Object.keys(subjects).length]).not.toEqual([technique, 0]);
    expect(exact.some(({ holds }) => holds)).toBe(true);
    expect(new Set(exact.map(({ law }) => law)).size).toBe(exact.length);
  }
});

it('runs every technique that takes a scorer with a judge that calls the model, too', () => {
  const { model } = probe({ answers: () => ({ '4': 1 }), next: true, continueFrom: true });
  for (const { definition } of techniques) {
    const fields = Object.values<Field<unknown>>(definition.options);
    // Where the score is asked at every token, a scorer with calls of its own is refused.
    if (definition.name === 'tokenSmc' || !fields.some(({ kind }) => kind === 'scorer')) continue;
    const { subjects = {} } = laws.find(({ technique }) => technique === definition.name) ?? {};
    const names = Object.values(subjects).map(
      (subject) => (typeof subject === 'function' ? subject : subject.transform)(model).name,
    );
    expect([definition.name, names.some((name) => name.includes('judge('))]).toEqual([definition.name, true]);
  }
});

describe('in a browser', () => {
  it('laws need nothing of Node, and seeded bugs stay out', async () => {
    const code = await bundled('laws.ts');
    expect(code).not.toMatch(/from\s*["']node:|import\(["']node:/);
    const { bugs } = await lawsIn(lawFiles().find((file) => file.endsWith('best-of-n.law.ts')) as string);
    expect(bugs.length).toBeGreaterThan(0);
    for (const { bug } of bugs) expect(code).not.toContain(bug);
    expect(code).toContain('ties and no score');
  });

  it('whoever loads the main entry loads no law', async () => {
    expect(await bundled('index.ts')).not.toContain('ties and no score');
  });
});
