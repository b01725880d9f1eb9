/** Loaded before a process (`--import`): its clock of the day jumps by up to two days to either side, all the time. */
const DAY_MS = 86_400_000;
const now = Date.now.bind(Date);
let off = 0;
let turn = 0;
const Real = Date;

globalThis.Date = class extends Real {
  constructor(...args: [] | [number | string | Date]) {
    super(...((args.length === 0 ? [now() + off] : args) as [number]));
  }
  static override now(): number {
    return now() + off;
  }
} as DateConstructor;

setInterval(() => {
  turn++;
  off = (((turn * 7919) % 401) / 100 - 2) * DAY_MS;
}, 20).unref();
