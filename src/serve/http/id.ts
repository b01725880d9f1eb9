/** Names of requests: 16 hexadecimal digits. Their bytes are drawn for many at one time, which costs a tenth. */
import { randomBytes } from 'node:crypto';

const BYTES = 8;
let drawn = Buffer.alloc(0);
let at = 0;

export function requestId(): string {
  if (at === drawn.length) {
    drawn = randomBytes(512 * BYTES);
    at = 0;
  }
  return drawn.toString('hex', at, (at += BYTES));
}
