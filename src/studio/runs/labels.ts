/** Where the words of points stand in a picture, so that none stands on another. */

export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Placed {
  readonly x: number;
  /** Of the line that the letters stand on. */
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Units of the picture that a letter takes, a little more than most do. */
const LETTER = 6.6;
const LINE = 14;
const AWAY = 9;

/** Each beside its point, first above it and to the right. Where there is no room, lines further down, and up, are tried. */
export function placeLabels(points: readonly Labelled[], width: number, height: number): readonly Placed[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points.map(({ x, y, text }) => {
    const room = text.length * LETTER;
    const tried = [-7, 14, -21, 28, -35, 42, -49, 56].flatMap((down): readonly Placed[] => [
      { x: x + AWAY, y: y + down, anchor: 'start' },
      { x: x - AWAY, y: y + down, anchor: 'end' },
    ]);
    const boxOf = ({ x: from, y: line, anchor }: Placed): Box => ({
      left: anchor === 'start' ? from : from - room,
      right: anchor === 'start' ? from + room : from,
      top: line - LINE + 3,
      bottom: line + 3,
    });
    const isInside = ({ left, right, top, bottom }: Box): boolean =>
      left >= 0 && right <= width && top >= 0 && bottom <= height;
    const inside = tried.filter((one) => isInside(boxOf(one)));
    const found = inside.find((one) => !taken.some((other) => meet(boxOf(one), other))) ?? inside[0] ?? tried[0];
    const placed = found as Placed;
    taken.push(boxOf(placed));
    return placed;
  });
}

const meet = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
