import type { Task } from './task.ts';

/** Whether all expected answers are numbers. */
export function isNumeric({ answer, items }: Task): boolean {
  if (answer === 'number') return true;
  return items.every(
    ({ expected }) =>
      typeof expected === 'number' || (typeof expected === 'string' && /^\s*[-+$]?[\d.,]+%?\s*$/.test(expected)),
  );
}
