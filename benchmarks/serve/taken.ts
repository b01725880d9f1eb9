/** What a process takes while it is asked: processor time, and memory, and whether that grows with the number of requests. */
import { readFileSync } from 'node:fs';

export interface Growth {
  /** Bytes a request, over the last half. */
  readonly slope: number;
  /** Its standard error. */
  readonly error: number;
  /** Megabytes at the middle and at the end. */
  readonly from: number;
  readonly to: number;
}

/** Looks at the memory of a process a hundred times over a number of requests. */
export async function memoryOver(
  pid: number,
  requests: number,
  ask: (count: number) => Promise<unknown>,
): Promise<Growth> {
  const LOOKS = 100;
  const points: { readonly x: number; readonly y: number }[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    await ask(requests / LOOKS);
    points.push({ x: (look * requests) / LOOKS, y: residentBytes(pid) });
  }
  const half = points.slice(LOOKS / 2);
  return { ...slopeOf(half), from: (half[0]?.y ?? 0) / 1e6, to: (half.at(-1)?.y ?? 0) / 1e6 };
}

/** Processor time that a process has had, in seconds. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const TICKS_PER_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/**
 * The slope by least squares, and its error from the points' means in ten blocks: what a collection frees comes in steps, so
 * that neighbours are alike.
 */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): {
  slope: number;
  error: number;
} {
  const size = Math.floor(points.length / 10);
  const blocks = Array.from({ length: 10 }, (_, i) => points.slice(i * size, (i + 1) * size));
  const means = blocks.map((block) => ({ x: mean(block.map(({ x }) => x)), y: mean(block.map(({ y }) => y)) }));
  const x0 = mean(means.map(({ x }) => x));
  const y0 = mean(means.map(({ y }) => y));
  const spread = sum(means.map(({ x }) => (x - x0) ** 2));
  const slope = sum(means.map(({ x, y }) => (x - x0) * (y - y0))) / spread;
  const rest = sum(means.map(({ x, y }) => (y - y0 - slope * (x - x0)) ** 2));
  return { slope, error: Math.sqrt(rest / (means.length - 2) / spread) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
