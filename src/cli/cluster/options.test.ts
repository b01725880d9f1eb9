import { expect, it } from 'vitest';
import { addressForWorkers } from './options.ts';

const store = 'postgres://plusx@db.internal/plusx';

it('the store that workers share is the one that is named', () => {
  expect(addressForWorkers({ store, mcp: [] })).toBe(store);
});

it.each([
  [{}, /^--workers needs a store on PostgreSQL: --store postgres:/],
  [{ store: 'runs.db' }, /^--workers needs a store on PostgreSQL: --store postgres:/],
  [{ store, memory: 'notes.db' }, /^--workers and --memory do not go together: .* the next\. Leave one of them out\.$/],
  [{ store, mcp: ['tools'] }, /^--workers and --mcp do not go together: .* of tools\. Leave one of them out\.$/],
])('%j is refused with why and the way out', (options, said) => {
  expect(() => addressForWorkers(options)).toThrow(said);
});
