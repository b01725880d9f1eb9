/**
 * How often the right earlier clarification is found for a new question, on the questions of MemPrompt (Madaan et al.,
 * 2022): people ask for a synonym, an antonym, a homonym, a definition or a sentence in words the model does not know,
 * and one clarification of the same kind, given before, is what it needs. No model is called.
 *
 *     node scripts/measure/remember.ts [--questions 500] [--json]
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashedEmbedder, rankByVectors, type Embedder, type Note } from '../../src/core/index.ts';
import { memoryOf } from '../../src/remember/index.ts';

/** Beside the checkout, or beside the folder the checkout is in. */
const FOLDERS = ['../../../shared/data/tasks/memprompt/data/', '../../../../shared/data/tasks/memprompt/data/'];
export const LANGUAGES = { Hindi: 'sim_hin.jsonl', Punjabi: 'sim_pun.jsonl' } as const;
export type Language = keyof typeof LANGUAGES;
export const WAYS = ['full text', 'vectors', 'fused'] as const;
export type Way = (typeof WAYS)[number];

export interface Asked {
  readonly question: string;
  /** What is meant: `syn`, `ant`, `hom`, `defn` or `sent`. */
  readonly kind: string;
}

/** The file of a language; nothing where the data is not there. */
export function fileOf(language: Language): string | undefined {
  return FOLDERS.map((folder) => fileURLToPath(new URL(folder + LANGUAGES[language], import.meta.url))).find(
    existsSync,
  );
}

export function questionsIn(file: string): Asked[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { ques, type } = JSON.parse(line) as { ques: string; type: string };
      return { question: ques, kind: type };
    });
}

/** Sees nothing, so that only words count. */
const BLIND: Embedder = {
  name: 'blind',
  dimensions: 1,
  embed: async (texts) => texts.map(() => new Float32Array(1)),
};

export interface Recall {
  readonly notes: number;
  readonly at1: number;
  readonly at5: number;
}

/**
 * The share of `questions` for which a clarification of the right kind is first, or among the first five, of what is
 * found in a memory of the first `notes` questions of the file, each with its clarification.
 */
export async function recallOf(all: readonly Asked[], way: Way, notes: number, questions: number): Promise<Recall> {
  const kept = all.slice(0, notes).map(({ question, kind }, i): Note => ({
    id: String(i),
    text: question,
    data: { feedback: kind },
  }));
  const embedder = hashedEmbedder();
  const memory = memoryOf(kept, way === 'full text' ? { embedder: BLIND } : {});
  const vectors = await embedder.embed(kept.map(({ text }) => text));
  const joined = Float32Array.from(vectors.flatMap((vector) => [...vector]));
  const nearest = async (question: string): Promise<readonly Note[]> => {
    if (way !== 'vectors') return memory.search('default', question, 5);
    const [query] = await embedder.embed([question]);
    const { places } = rankByVectors(joined, query as Float32Array, embedder.chance);
    return places.slice(0, 5).map((place) => kept[place] as Note);
  };
  let at1 = 0;
  let at5 = 0;
  const asked = all.slice(-questions); // never among the notes: the files hold 5000
  for (const { question, kind } of asked) {
    const kinds = (await nearest(question)).map(({ data }) => data?.['feedback']);
    if (kinds[0] === kind) at1++;
    if (kinds.includes(kind)) at5++;
  }
  return { notes, at1: at1 / asked.length, at5: at5 / asked.length };
}

/** What a clarification taken at random would give: the chance that two questions are of one kind. */
export function byChance(all: readonly Asked[]): number {
  const counts = new Map<string, number>();
  for (const { kind } of all) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + (count / all.length) ** 2, 0);
}

const SIZES = [0, 5, 20, 100, 500, 2000];

if (import.meta.main) {
  const { values } = parseArgs({
    options: { questions: { type: 'string', default: '500' }, json: { type: 'boolean', default: false } },
  });
  const results = [];
  for (const language of Object.keys(LANGUAGES) as Language[]) {
    const file = fileOf(language);
    if (file === undefined) throw new Error('the data is not there: tasks/memprompt in ../shared/data');
    const all = questionsIn(file);
    if (!values.json) console.log(`${language}: by chance ${byChance(all).toFixed(3)}`);
    for (const way of WAYS)
      for (const notes of SIZES) {
        const recall = await recallOf(all, way, notes, Number(values.questions));
        results.push({ language, way, ...recall });
        if (!values.json)
          console.log(
            `  ${way.padEnd(10)} ${String(notes).padStart(5)} notes  @1 ${recall.at1.toFixed(3)}  @5 ${recall.at5.toFixed(3)}`,
          );
      }
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
}
