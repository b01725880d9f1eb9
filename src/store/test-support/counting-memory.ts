/** A memory that says how many vectors the process has got from the database. */
import type { Embedder } from '../../core/index.ts';
import type { Driver, Row } from '../driver.ts';
import { driverOf } from '../drivers/open.ts';
import { storedMemory, type StoredMemory } from '../memory.ts';

export interface CountingMemory extends StoredMemory {
  /** Since it was last asked. */
  vectors(): number;
  close(): Promise<void>;
}

export function countingMemory(at: string, embedder?: Embedder): CountingMemory {
  const driver = driverOf(at);
  let got = 0;
  const counting: Driver = {
    ...driver,
    async read(statement) {
      const rows: readonly Row[] = await driver.read(statement);
      got += rows.filter(({ vector }) => vector instanceof Uint8Array).length;
      return rows;
    },
  };
  return {
    ...storedMemory(counting, embedder),
    vectors() {
      const before = got;
      got = 0;
      return before;
    },
    close: () => driver.close(),
  };
}
