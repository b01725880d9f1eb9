/** The last yes or no of a reply; nothing where it says neither. */
export function verdictIn(reply: string): boolean | undefined {
  const word = reply.match(/\b(?:yes|no)\b/gi)?.at(-1);
  return word === undefined ? undefined : word.toLowerCase() === 'yes';
}
