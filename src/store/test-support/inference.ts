/** One nested inference over a server, with a store: tells each acknowledged call, and the answer. To be killed. */
import { writeSync } from 'node:fs';
import { ask, textOf, type Journal } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openStore } from '../store.ts';
import { nested, seedOf } from './nested.ts';

const [file, baseURL] = process.argv.slice(2) as [string, string];
const store = openStore(file);
const journal: Journal = {
  get: (key) => store.journal.get(key),
  async put(key, entry) {
    await store.journal.put(key, entry);
    writeSync(1, `${JSON.stringify({ kept: seedOf(textOf(entry.candidate.content)) })}\n`);
  },
};
const model = nested(openaiCompatible({ model: 'test-model', baseURL }));
const { text, usage } = await ask(model, 'What is the answer?', { journal, seed: 11 });
writeSync(1, `${JSON.stringify({ text, usage })}\n`);
await store.close();
