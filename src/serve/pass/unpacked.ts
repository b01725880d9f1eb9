/** Replies of servers and gateways that compress whatever they were asked for. */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import zlib, { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

/** What of a reply is read, whichever client brought it. */
export type Incoming = Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'headers' | 'destroy'> &
  AsyncIterable<Uint8Array>;

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;
/** Text comes out as soon as it is there, and a compressed stream needs no proper end. */
const unzip = (): Duplex => createUnzip({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
const WAYS: { readonly [coding: string]: () => Duplex } = {
  gzip: unzip,
  'x-gzip': unzip,
  deflate: unzip,
  br: () => createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }),
  // By its name, so that an engine that is too old for it can still say so.
  zstd: () => zlib.createZstdDecompress({ flush: ZSTD_e_flush, finishFlush: ZSTD_e_flush }),
};

/** A reply as its server meant it. One in a coding that is not known stays as it came. */
export function unpacked(reply: IncomingMessage): Incoming {
  const coded = reply.headers['content-encoding'];
  if (coded === undefined) return reply;
  const codings = coded
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0 || !codings.every((coding) => Object.hasOwn(WAYS, coding))) return reply;
  const decoders = codings.toReversed().map((coding) => WAYS[coding] as () => Duplex);
  const plain = decoders.map((decoder) => decoder()).reduce(into, reply as IncomingMessage | Duplex);
  const { 'content-encoding': _coding, 'content-length': _length, ...headers } = reply.headers;
  return {
    statusCode: reply.statusCode,
    statusMessage: reply.statusMessage,
    headers,
    destroy: (error) => reply.destroy(error),
    async *[Symbol.asyncIterator]() {
      try {
        yield* plain as AsyncIterable<Uint8Array>;
      } catch (error) {
        // As fetch tells of it: the connection is of no use.
        throw isOfCoding(error) ? new TypeError('terminated', { cause: error }) : error;
      } finally {
        reply.destroy();
      }
    },
  };
}

const into = (from: IncomingMessage | Duplex, decoder: Duplex): Duplex => pipeline(from, decoder, () => {}); // whoever reads it is told of errors

const isOfCoding = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(?:Z_|ERR_BROTLI|ERR__ERROR_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
