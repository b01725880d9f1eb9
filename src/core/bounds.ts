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
