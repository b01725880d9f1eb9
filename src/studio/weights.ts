/** The weights of the embedded model, for pages that run it themselves. */
import { gzipSync } from 'node:zlib';
import { readWeights } from '../tiny/index.ts';

let packed: Uint8Array<ArrayBuffer> | undefined;

export function weights(): Response {
  packed ??= new Uint8Array(gzipSync(readWeights()));
  return new Response(packed, {
    headers: { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' },
  });
}
