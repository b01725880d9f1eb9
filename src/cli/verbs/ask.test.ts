import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, plusx } from '../test-support/plusx.ts';

const QUESTION = 'What is 17 * 24?';

describe.concurrent('plusx ask', () => {
  it('puts the answer on standard output and everything else on standard error', async () => {
    const { code, out, err } = await plusx(['ask', QUESTION, '-m', 'enumerable', '-p', 'selfConsistency(n=5)']);
    expect(code).toBe(0);
    expect(out).toMatch(/^The answer is \d+\.\n$/);
    expect(err).toContain('draw 5 of 5');
    expect(err).toMatch(/5 calls, [\d,]+ tokens, \$0/);
  });

  it('says nothing but the answer with --quiet', async () => {
    const { out, err } = await plusx(['ask', QUESTION, '-m', 'enumerable', '-p', 'selfConsistency', '-q']);
    expect(out).toMatch(/^The answer is/);
    expect(err).toBe('');
  });

  it('prints the documented JSON, and the same for the same seed', async () => {
    const args = [
      'ask',
      QUESTION,
      '-m',
      'enumerable',
      '-p',
      'selfRefine + selfConsistency(n=3)',
      '--json',
      '--seed',
      '7',
    ];
    const [first, second] = await Promise.all([plusx(args), plusx(args)]);
    expect(first.out).toBe(second.out);
    const document: { [field: string]: unknown } = json(first);
    expect(document).toMatchObject({
      question: QUESTION,
      model: 'enumerable',
      formula: 'enumerable + selfRefine + selfConsistency(n=3)',
      finish: 'stop',
      exhausted: null,
      seed: 7,
      semantics: { kind: 'exact' },
      facts: { samples: 3 },
    });
    expect(document).not.toHaveProperty('trace');
    expect(document['text']).toContain(String(document['answer']));
    expect(document['usage']).toMatchObject({ usd: 0, replays: 0, unreported: 0 });
    expect(document['spending']).toEqual(document['usage']);
  });

  it('another seed is another draw', async () => {
    const texts = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map(
        async (seed) => (await plusx(['ask', QUESTION, '-m', 'enumerable', '-q', '--seed', seed])).out,
      ),
    );
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  it('shows the tree of calls, and --json holds the same tree', async () => {
    const args = [
      'ask',
      QUESTION,
      '-m',
      'enumerable',
      '-p',
      'selfRefine(rounds=1, stop="never") + selfConsistency(n=3)',
      '--trace',
    ];
    const [shown, asJson] = await Promise.all([plusx(args), plusx([...args, '--json'])]);
    expect(shown.out).toMatch(/^The answer is \d+\.\n$/);
    expect(shown.err.match(/─ enumerable · draft/g)).toHaveLength(3);
    expect(shown.err).toMatch(/selfConsistency +9 calls/);
    const { trace } = json(asJson) as {
      trace: { usage: { calls: number }; children: { name: string; children: unknown[] }[] };
    };
    expect(trace.usage.calls).toBe(9);
    expect(trace.children[0]).toMatchObject({ name: 'selfConsistency' });
    expect(trace.children[0]?.children).toHaveLength(3);
  });

  it('reads the question from standard input', async () => {
    const { code, out } = await plusx(['ask', '-m', 'enumerable', '--temperature', '0'], { input: `${QUESTION}\n` });
    expect({ code, out }).toEqual({ code: 0, out: 'The answer is 408.\n' });
  });

  it('takes a whole formula as the model, combiners included', async () => {
    const { code, out } = await plusx([
      'ask',
      QUESTION,
      '-m',
      'mixture(enumerable, enumerable + selfRefine) + bestOfN(n=2, score=judge(enumerable))',
      '-p',
      'reRead',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      formula: 'mixture(enumerable, enumerable + selfRefine) + bestOfN(n=2, score=judge(enumerable)) + reRead',
    });
  });

  it('answers with the best so far where the budget ends, and says so', async () => {
    const args = ['ask', QUESTION, '-m', 'enumerable', '-p', 'selfConsistency(n=9)', '--budget', 'calls=4'];
    const [shown, asJson] = await Promise.all([plusx(args), plusx([...args, '--json'])]);
    expect(shown.code).toBe(0);
    expect(shown.err).toContain('cut short:');
    expect(json(asJson)).toMatchObject({ exhausted: 'calls', usage: { calls: 4 } });
  });

  it('keeps calls in a store and does not make them again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plusx-'));
    try {
      const args = [
        'ask',
        QUESTION,
        '-m',
        'enumerable',
        '-p',
        'selfConsistency(n=3)',
        '--store',
        `${folder}/calls.db`,
        '--json',
      ];
      const first = await plusx(args);
      const second = await plusx(args);
      expect(json(first)).toMatchObject({ usage: { calls: 3, replays: 0 } });
      expect(json(second)).toMatchObject({ usage: { calls: 3, replays: 3 } });
      expect((json(second) as { text: string }).text).toBe((json(first) as { text: string }).text);
      expect(second.err).toBe(first.err);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('runs what a model programs in a sandbox of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plusx-'));
    try {
      const pool = join(folder, 'programs.jsonl');
      const samples = [{ text: 'return 14 + 23;', answer: null, correct: false }];
      await writeFile(pool, JSON.stringify({ id: '1', question: 'How many?', samples }));
      const args = ['ask', 'How many?', '-m', `pool:${pool}`, '-p', 'pal(write="{question}")', '--json'];
      expect(json(await plusx(args))).toMatchObject({
        answer: '37',
        facts: { program: 'return 14 + 23;', repairs: 0 },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows what was said at each step on demand', async () => {
    const args = ['ask', 'What is 2 + 3?', '-m', 'enumerable', '-p', 'selfRefine(rounds=1)', '--system', 'Be brief.'];
    const [shown, plain, asJson] = await Promise.all([
      plusx([...args, '--show', 'prompts']),
      plusx([...args, '--trace', '--json']),
      plusx([...args, '--trace', '--show', 'prompts', '--json']),
    ]);
    expect(shown.err).toMatch(/^1\. .*draft.* · enumerable$/m);
    expect(shown.err).toMatch(/^ {3}system: Be brief\.$/m);
    expect(shown.err).toMatch(/^ {3}user: What is 2 \+ 3\?$/m);
    expect(shown.err.match(/^ {3}→ \S/gm)).toHaveLength(3);
    expect(shown.err).toContain('assistant: '); // the draft stands in what is asked next
    expect(plain.out).not.toContain('"said"');
    const { trace } = json(asJson) as { trace: { children: { children: { said: { texts: string[] } }[] }[] } };
    expect(trace.children[0]?.children.map(({ said }) => said.texts.length)).toEqual([1, 1, 1]);
  });
});
