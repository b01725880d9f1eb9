/**
 * Greedy texts of the embedded runtime and of llama.cpp on the same weights, for held-out prompts:
 * `PLUSX_LLAMA=... node scripts/measure/gguf.ts GGUF [WEIGHTS]`. Prints how many agree, and for each that does not where
 * the texts part and how close the two likeliest tokens were there. Exits with 1 where a difference is no near tie.
 */
import { readFileSync } from 'node:fs';
import { assistant, ask, system, user, type Message } from '../../src/core/index.ts';
import { llamaLibrary } from '../../src/models/gguf/index.ts';
import { gguf } from '../../src/models/gguf/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { chatIds, createRuntime, parseWeights, readWeights, turnsOf, type State } from '../../src/tiny/index.ts';

const [file, weights] = process.argv.slice(2);
if (!file) {
  console.error('Name a GGUF file: node scripts/measure/gguf.ts GGUF [WEIGHTS]');
  process.exit(2);
}
const SAY = { system, user, assistant };
const prompts = JSON.parse(
  readFileSync(new URL('prompts.json', import.meta.url), 'utf8'),
) as readonly (readonly (readonly [role: keyof typeof SAY, text: string])[])[];

const library = await llamaLibrary((name) => import(process.env['PLUSX_LLAMA'] ?? name) as Promise<unknown>);
const ours = tiny({ weights });
const theirs = await gguf(file, { library, threads: 1, sequences: 1, contextSize: 512 });
const { engine, tokenizer } = createRuntime(parseWeights(readWeights(weights)));
/** Logits this close are equal for all that single precision can say of a sum of some hundred terms. */
const NEAR = 1e-3;

/** How far the two likeliest tokens are apart behind a prompt and a text, and which they are. */
function gapAfter(prompt: readonly Message[], text: string): { readonly gap: number; readonly tokens: string } {
  const ids = [...chatIds(tokenizer, turnsOf(prompt)), ...tokenizer.encode(text)];
  const [state] = engine.extend([{ state: engine.empty, ids }]) as [State];
  const order = Array.from(state.logits.keys()).toSorted(
    (a, b) => (state.logits[b] as number) - (state.logits[a] as number),
  );
  const [first = 0, second = 0] = order;
  engine.release(state);
  const gap = (state.logits[first] as number) - (state.logits[second] as number);
  return { gap, tokens: JSON.stringify([tokenizer.decode([first]), tokenizer.decode([second])]) };
}

let same = 0;
let unexplained = 0;
for (const turns of prompts) {
  const prompt = turns.map(([role, text]) => SAY[role](text));
  const request = { prompt, temperature: 0, maxOutputTokens: 120 };
  const [a, b] = [(await ask(ours, request)).text, (await ask(theirs, request)).text];
  if (a === b) same++;
  else {
    let at = 0;
    while (a[at] === b[at]) at++;
    // The tokens of the common text up to the last edge that both spell alike.
    const common = tokenizer.encode(a);
    const other = tokenizer.encode(b);
    let tokens = 0;
    while (tokens < common.length && common[tokens] === other[tokens]) tokens++;
    const { gap, tokens: two } = gapAfter(prompt, tokenizer.decode(common.slice(0, tokens)));
    if (gap > NEAR) unexplained++;
    console.log(`differs at ${at}: ${JSON.stringify(a.slice(at, at + 20))} ${JSON.stringify(b.slice(at, at + 20))}`);
    console.log(`  the likeliest ${two} are ${gap.toExponential(1)} apart${gap > NEAR ? ': NO TIE' : ''}`);
  }
}
console.log(`${same} of ${prompts.length} greedy texts are the same`);
await theirs[Symbol.asyncDispose]();
process.exit(unexplained === 0 ? 0 : 1);
