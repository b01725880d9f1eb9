/**
 * The memory of keys and values, a page at a time. A page may belong to many states: it is counted, and it is written in
 * place only where no other state can have written or will read, else it is copied first.
 */
import { PAGE, type Kernels } from './kernels.ts';

export interface Pages {
  /** Pages that some state holds. */
  readonly used: number;
  /** Pages there are, free ones included. */
  readonly reserved: number;
  share(page: number): void;
  drop(page: number): void;
  /** A page that nobody else holds, to be written up to slot `until`. */
  take(until: number): number;
  /**
   * The page to write on from `slot` on, for a state that holds `page`: itself, or a copy where another state wrote there.
   * Whoever gets it holds it, besides whoever held it before.
   */
  writable(page: number, slot: number, until: number): number;
  address(page: number): number;
}

export function createPages(kernels: Kernels, bytes: number): Pages {
  const addresses: number[] = [];
  const holders: number[] = [];
  /** Slots written so far: a state may add to a shared page exactly where its writing ends, once. */
  const filled: number[] = [];
  const free: number[] = [];

  const grow = (): void => {
    const count = Math.min(64, Math.max(4, addresses.length));
    let at = kernels.reserve(count * bytes);
    for (let i = 0; i < count; i++, at += bytes) {
      free.push(addresses.length);
      addresses.push(at);
      holders.push(0);
      filled.push(0);
    }
  };
  const take = (until: number): number => {
    if (free.length === 0) grow();
    const page = free.pop() as number;
    holders[page] = 1;
    filled[page] = Math.min(PAGE, until);
    return page;
  };
  const share = (page: number): void => {
    (holders[page] as number)++;
  };
  return {
    get used() {
      return addresses.length - free.length;
    },
    get reserved() {
      return addresses.length;
    },
    share,
    drop(page) {
      if (--(holders[page] as number) === 0) free.push(page);
    },
    take,
    writable(page, slot, until) {
      if (filled[page] === slot || holders[page] === 1) {
        share(page);
        filled[page] = Math.min(PAGE, until);
        return page;
      }
      const copy = take(until);
      const from = addresses[page] as number;
      kernels.bytes(0, kernels.memory.buffer.byteLength).copyWithin(addresses[copy] as number, from, from + bytes);
      return copy;
    },
    address: (page) => addresses[page] as number,
  };
}
