/** The lines of a body, within bounds. */

interface LinesOptions {
  /** Letters of one line, and bytes of all of them, at most. */
  readonly line: number;
  readonly all: number;
  /** The error of what is longer, from the beginning of its last line. */
  readonly tooLong: (start: string) => Error;
  /** Told of every piece that comes. */
  readonly alive?: (() => void) | undefined;
}

/**
 * The lines of a body, each looked at once however it is cut. A line ends at LF, CR or both. The last line counts
 * whatever ends it, and an empty one comes after it.
 */
export async function* linesOf(
  body: ReadableStream<Uint8Array> | null,
  { line: mostLetters, all, tooLong, alive }: LinesOptions,
): AsyncGenerator<string> {
  if (!body) return;
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const line: string[] = []; // the pieces of the line that has not ended yet
  let chars = 0;
  let bytes = 0;
  let afterReturn = false; // the last sign was CR: an LF that follows belongs to it
  try {
    for (;;) {
      const { done, value } = await reader.read();
      alive?.();
      bytes += value?.length ?? 0;
      if (bytes > all) throw tooLong(line[0] ?? '');
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      let start = afterReturn && text.startsWith('\n') ? 1 : 0;
      if (text !== '') afterReturn = false;
      for (let end = endOfLine(text, start); end !== -1; end = endOfLine(text, start)) {
        line.push(text.slice(start, end));
        yield line.join('');
        line.length = chars = 0;
        const isReturn = text[end] === '\r';
        start = end + (isReturn && text[end + 1] === '\n' ? 2 : 1);
        afterReturn = isReturn && end + 1 === text.length;
      }
      line.push(text.slice(start));
      chars += text.length - start;
      if (chars > mostLetters) throw tooLong(line[0] ?? '');
      if (!done) continue;
      if (chars > 0) yield line.join('');
      yield '';
      return;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function endOfLine(text: string, from: number): number {
  const end = /[\r\n]/g;
  end.lastIndex = from;
  return end.exec(text)?.index ?? -1;
}
