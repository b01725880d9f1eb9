/** The most that data may ask for, each bound in one place: what is larger is refused, and the error names the bound. */

/** Bytes of a document that is indexed: a text, a page, a PDF. */
export const DOCUMENT_BYTES = 32 * 2 ** 20;

/** Bytes of a data file once it is unpacked: questions, pools, recorded samples. */
export const DATA_FILE_BYTES = 256 * 2 ** 20;

/** Letters of a word that is reduced to its stem. What is longer is no English word. */
export const STEMMED_LETTERS = 40;

/** Tags in one paragraph of Markdown that begin and never end. Each is looked for to the end of the paragraph. */
export const BROKEN_TAGS = 64;

/** Rows or columns that one cell of a table of HTML spans. More are not believed. */
export const CELL_SPAN = 50;

/** Signs of a cell of HTML's tables. A longer one lays out a page, and is read as text. */
export const CELL_LENGTH = 1000;

/** Lines of the front matter of a Markdown file. */
export const FRONT_MATTER_LINES = 500;

/** Pages in which an MCP server lists its tools. */
export const MCP_PAGES = 100;

/** Tools of an MCP server. */
export const MCP_TOOLS = 1000;

/** Characters of a tool's result that a model is told. What is longer is cut, and the model is told so. */
export const TOOL_RESULT_CHARS = 100_000;

/** Characters of a file in a tool's result, as base64. */
export const TOOL_FILE_CHARS = 20 * 2 ** 20;

/** Levels of a tool's result: deeper ones are left out, and the model is told so. */
export const TOOL_RESULT_DEPTH = 64;

/** Letters of a regular expression, a JSON schema or a list of choices that a text is to keep to. */
export const GRAMMAR_LENGTH = 1_048_576;

/** How deep groups of a regular expression, and schemas in a JSON schema, may nest. */
export const GRAMMAR_DEPTH = 64;

/** The least number of letters or items that a text may be made to have, such as `minLength` or `a{1000}`. */
export const GRAMMAR_REPEATS = 10_000;

/** Places of the automaton of a grammar: what leads to more takes too long to compute. */
export const GRAMMAR_PLACES = 50_000;

/** Bytes of one whole reply of a server, once it is decompressed. */
export const REPLY_BYTES = 64 * 2 ** 20;

/** Letters of one line of an event stream, and of one event. */
export const EVENT_LENGTH = 64 * 2 ** 20;

/** Bytes of one event stream from its start to its end, once it is decompressed. */
export const STREAM_BYTES = 256 * 2 ** 20;

/** Bytes of the reply to a refused request that are read for the server's words. The rest is left unread. */
export const REFUSAL_BYTES = 65_536;

/** Bytes of the answers of one batch. A line of them is one reply, and has the bound of one. */
export const BATCH_ANSWERS_BYTES = 2 ** 30;

/** Pages of a server's list of batches that are looked through for one of them. */
export const BATCH_PAGES = 100;

/** Letters of a foreign text that an error may quote from. It shows fewer. */
export const QUOTED_LENGTH = 8000;

/** How deep lists and objects may nest in JSON from outside. Engines overflow their stack at some thousands. */
export const JSON_DEPTH = 512;

/** Redirects within one server that a request follows. */
export const REDIRECTS = 5;

/** Letters that a server which streams letter by letter sends for one token, about. */
export const LETTERS_A_TOKEN = 4;

/** Letters of a formula. */
export const FORMULA_LENGTH = 65_536;

/** Draws of one request, or inferences of one technique, that may be asked for at once. */
export const DRAWS = 1_000_000;

/** Tasks that one step of a technique has in flight at once. The rest wait, and take no memory. */
export const IN_FLIGHT = 1024;

/** Candidates that are asked for in one call. Servers refuse more. */
export const CANDIDATES_A_CALL = 128;

/** Bytes of a configuration file. */
export const CONFIG_BYTES = 1_048_576;

/** Bytes of a list of prices. */
export const PRICES_BYTES = 16 * 2 ** 20;

/** Bytes of the file of a compiled model. */
export const COMPILED_BYTES = 16 * 2 ** 20;
