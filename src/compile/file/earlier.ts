/** The report of an earlier search, as `plusx compile --report` writes it: what of it counts in the pick of another one. */
import { COMPILED_BYTES } from '../../core/bounds.ts';
import { inside, list, number, refuse, table, text, whole, type Place, type Read } from '../../config/read.ts';
import type { Searched } from '../search/earlier.ts';

const object = table<unknown>((value) => value);
const formula: Read<string> = (value, place) => (value === '' ? '' : text()(value, place));
const grades = list<number | null>((value, place) =>
  value === null ? null : number({ min: 0, max: 1 })(value, place),
);

const tried: Read<Searched['tried'][number]> = (value, place) => {
  const { plus, grades: all } = object(value, place);
  return {
    plus: formula(plus, inside(place, 'plus')),
    ...(all !== undefined && { grades: grades(all, inside(place, 'grades')) }),
  };
};

/** What a file holds. Throws ConfigError, which names the file and the field. */
export function checkReport(value: unknown, file: string): Searched {
  const place = whole(file);
  const { plan, tried: all } = object(value, place);
  if (plan === undefined || all === undefined) refuse(place, 'is no report of a search', WRITTEN);
  const within = (key: string): Place => inside(inside(place, 'plan'), key);
  const { task, model } = object(plan, inside(place, 'plan'));
  return {
    plan: { task: text()(task, within('task')), model: text()(model, within('model')) },
    tried: list(tried)(all, inside(place, 'tried')),
  };
}

const WRITTEN = { hint: '`plusx compile ... --report FILE` writes one' };

/** Reads and checks a file. Throws ConfigError. */
export async function readReport(file: string): Promise<Searched> {
  const { readBounded } = await import('../../config/files.ts'); // a browser compiles without files
  const written = await readBounded(file, COMPILED_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    refuse(whole(file), 'is no JSON', WRITTEN);
  }
  return checkReport(value, file);
}
