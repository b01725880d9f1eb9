/** How many tokens the pieces of a stream are at least: a server that ignores `maxOutputTokens` writes for ever. */
import { LETTERS_A_TOKEN } from '../bounds.ts';
import type { Warning } from '../sample.ts';

/**
 * A count that says of each piece whether it still fits in `most` tokens. A piece is at least one token, whatever its
 * length, but for servers that stream letter by letter: a piece of one ASCII letter counts as a part of a token.
 */
export function pieceCount(most: number | undefined): (piece: string) => boolean {
  let tokens = 0;
  return (piece) => {
    if (most === undefined || piece === '') return true;
    tokens += piece.length === 1 && piece < '\u0080' ? 1 / LETTERS_A_TOKEN : 1;
    return tokens <= most;
  };
}

/** Why a stream was ended before the server ended it. */
export const endedEarly = (name: string, most: number): Warning => ({
  code: 'stream-too-long',
  message: `${name} went on writing after ${most} tokens, the most it was asked for: the stream was ended there`,
});
