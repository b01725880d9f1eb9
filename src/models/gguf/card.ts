/** What a model's own makers recommend for sampling: in the GGUF file, or in the `generation_config.json` beside it. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidOption, type Request } from '../../core/index.ts';
import type { LlamaModel } from './library.ts';

export interface Card {
  readonly settings: Pick<Request, 'temperature' | 'topK' | 'topP'>;
  /** What is recommended besides, and is not done. */
  readonly ignored: readonly string[];
}

/** Throws where nothing is recommended: the plain law under another name would be no answer. */
export async function cardOf(model: LlamaModel, file: string, name: string): Promise<Card> {
  const inFile = model.fileInfo.metadata.general?.sampling;
  const found = inFile ?? (await beside(file));
  const card = found && read(found);
  if (card) return card;
  throw new InvalidOption({
    where: name,
    option: 'defaults',
    rule: "can be 'card' where the file (general.sampling.*) or a generation_config.json beside it recommends a temperature, top_k or top_p; this one has none, so set them in the request",
    value: 'card',
  });
}

async function beside(file: string): Promise<{ readonly [key: string]: unknown } | undefined> {
  const text = await readFile(join(dirname(file), 'generation_config.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function read(found: { readonly [key: string]: unknown }): Card | undefined {
  const number = (...keys: readonly string[]): number | undefined =>
    keys.map((key) => found[key]).find((value) => typeof value === 'number');
  const [temperature, topK, topP] = [number('temp', 'temperature'), number('top_k'), number('top_p')];
  const greedy = found['do_sample'] === false;
  const settings = {
    ...(greedy ? { temperature: 0 } : temperature !== undefined && { temperature: rounded(temperature) }),
    ...(topK !== undefined && topK > 0 && { topK }),
    ...(topP !== undefined && topP < 1 && { topP: rounded(topP) }),
  };
  if (!greedy && temperature === undefined && topK === undefined && topP === undefined) return undefined;
  const ignored = Object.entries(NEUTRAL).flatMap(([key, neutral]) => {
    const value = found[key];
    return typeof value === 'number' && value !== neutral ? [`${key} ${rounded(value)}`] : [];
  });
  return { settings, ignored };
}

/** The value that a person wrote, of one that was kept in single precision. */
const rounded = (value: number): number => Number(value.toPrecision(6));

/** Settings that are not done here, and the value at which they change nothing. */
const NEUTRAL: { readonly [key: string]: number } = {
  min_p: 0,
  typical_p: 1,
  xtc_probability: 0,
  penalty_repeat: 1,
  repetition_penalty: 1,
  mirostat: 0,
};
