/**
 * How much is taken in at most, by name, where the size of something is chosen outside. What is larger ends in one clear
 * error and not in a full memory.
 */

const MIB = 2 ** 20;

/** Bytes of one whole reply of a server, after it is decompressed. */
export const MOST_REPLY_BYTES = 64 * MIB;

/** Characters of one line of an event stream, and of one event. */
export const MOST_EVENT_CHARS = 64 * MIB;

/** Bytes of one event stream from its start to its end, after it is decompressed. */
export const MOST_STREAM_BYTES = 256 * MIB;

/** Bytes of the reply to a refused request that are read for the server's words. The rest is left unread. */
export const MOST_REFUSAL_BYTES = MIB / 16;

/** Lists and objects inside one another in JSON from outside. Engines overflow their stack at some thousands. */
export const MOST_JSON_DEPTH = 512;

/** Redirects within one server that a request follows. */
export const MOST_REDIRECTS = 5;

/** Letters that a server which streams letter by letter sends for one token, about. */
export const LETTERS_A_TOKEN = 4;
