/** What went wrong, as the page says it. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
