/** The table of docs/serve.md, made by sending every field through every technique. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formulaOf, serverOfAll, techniques } from '../test-support/matrix.ts';
import { outcomesOpened, outcomesUnder, roomTable, type Outcomes } from '../test-support/rooms.ts';

/** What asks for more than a chat server has, and for more than a request shows. */
const ASKS_MORE = new Set(['beamSearch', 'mcts', 'particleFilter', 'power']);

it('what becomes of a field in a room is what the page says', async () => {
  const server = await serverOfAll();
  const lost: string[] = [];
  const byRoom = new Map<string, Outcomes[]>();
  try {
    for (const technique of techniques) {
      const { name, room } = technique.definition;
      if (formulaOf(technique) === undefined || ASKS_MORE.has(name)) continue;
      const outcomes = await (room === 'decode' ? outcomesOpened : outcomesUnder)(server, technique);
      for (const [field, outcome] of Object.entries(outcomes)) if (outcome === 'lost') lost.push(`${name}: ${field}`);
      byRoom.set(room, [...(byRoom.get(room) ?? []), outcomes]);
    }
  } finally {
    await server.close();
  }
  expect(lost).toEqual([]);
  const page = readFileSync(join(import.meta.dirname, '../../../docs/serve.md'), 'utf8');
  const table = page.slice(page.indexOf('| field | search |')).split('\n\n')[0];
  expect(table).toBe(roomTable(byRoom));
});
