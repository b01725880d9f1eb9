/** Workers of the page: from their own files where there is a server, and from the page itself in an exported file. */

/** `name` is what an exported file keeps the worker under. */
export function startWorker(name: string, fromServer: () => Worker): Worker {
  const kept = document.querySelector(`script[type='text/plain'][data-worker='${name}']`);
  if (!kept) return fromServer();
  const url = URL.createObjectURL(new Blob([kept.textContent], { type: 'text/javascript' }));
  try {
    return new Worker(url); // a module is refused to a page from disk
  } finally {
    // It has been fetched by the time the next message is heard.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
