/** How fast work goes: over the last ten seconds, and over longer where that is less than ten steps. */

export interface Pace {
  /** So many are done now. */
  at(done: number): void;
  /** Done a second. */
  rate(): number;
  /** What was before is no measure of what comes: the work rested. */
  restart(): void;
}

const SECONDS = 10;
const STEPS = 10;

/** @param now milliseconds of a clock */
export function pacing(now: () => number): Pace {
  let marks: { readonly seconds: number; readonly done: number }[] = [];
  let last = 0;
  const restart = (): void => {
    marks = [{ seconds: now() / 1000, done: last }];
  };
  restart();
  return {
    restart,
    at(done) {
      const isAnew = done < last;
      last = done;
      if (isAnew) restart();
      else marks.push({ seconds: now() / 1000, done });
    },
    rate() {
      const seconds = now() / 1000;
      const isEnough = ({ seconds: then, done }: (typeof marks)[number]): boolean =>
        seconds - then >= SECONDS && last - done >= STEPS;
      const first = Math.max(0, marks.findLastIndex(isEnough));
      marks = marks.slice(first);
      const [from] = marks;
      return from && seconds > from.seconds ? (last - from.done) / (seconds - from.seconds) : 0;
    },
  };
}
