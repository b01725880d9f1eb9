/**
 * Manners by example on the embedded model, as a table: node scripts/measure/few-shot.ts [--items 200]
 * Messages that should be polite, beside examples that are and examples that are not. The examples answer questions that are not measured.
 */
import { parseArgs } from 'node:util';
import { ask, plus, questionOf, rootScope, type Model } from '../../src/core/index.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { tiny } from '../../src/models/tiny/index.ts';
import { fewShot, type Example } from '../../src/remember/index.ts';
import { selfConsistency } from '../../src/search/index.ts';
import { tinyTask } from '../../src/tasks/index.ts';

const { values } = parseArgs({ options: { items: { type: 'string', default: '200' } } });
const items = Number(values.items);
const task = await tinyTask('message');

const written: { readonly example: Example; readonly polite: boolean }[] = [];
const { context, close } = rootScope({ seed: 0 });
for (const item of task.items.slice(items)) {
  const { sample, text } = await ask(tiny(), item.request, { seed: `example ${item.id}` });
  const polite = (await task.metric.grade(sample, item, context)) === 1;
  written.push({ example: { question: questionOf(item.request.prompt), answer: text }, polite });
}
close();
const examples = (name: string, polite: boolean) => ({
  name,
  list: written.filter((one) => one.polite === polite).map(({ example }) => example),
});
const [good, bad] = [examples('polite', true), examples('impolite', false)];

console.log('| message | polite (95 % interval) | tokens |\n| --- | --- | --- |');
const row = async (what: string, model: Model): Promise<void> => {
  const { accuracy, ci95, tokensPerItem } = await evaluate(model, task, { seed: 0, limit: items, concurrency: 16 });
  const [mean, lo, hi] = [accuracy, ...ci95].map((share) => (100 * share).toFixed(1));
  console.log(`| ${what} | ${mean} (${lo} to ${hi}) | ${Math.round(tokensPerItem ?? Number.NaN)} |`);
};
await row('one sample', tiny());
for (const k of [1, 2, 4])
  await row(`\`fewShot(k=${k})\`, ${good.list.length} polite examples`, plus(tiny(), fewShot({ k, examples: good })));
for (const k of [1, 4])
  await row(
    `\`fewShot(k=${k})\`, ${bad.list.length} examples that are not`,
    plus(tiny(), fewShot({ k, examples: bad })),
  );
await row('`selfConsistency(n=5)`, no examples', plus(tiny(), selfConsistency({ n: 5 })));
