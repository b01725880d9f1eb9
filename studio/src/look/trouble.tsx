/** What did not come, in words, with the way out. */
export function Trouble({
  words,
  again,
  heading,
}: {
  readonly words: string;
  readonly heading: string;
  again(): void;
}) {
  return (
    <div class="empty" role="alert">
      <h1>{heading}</h1>
      <p class="written">{words}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
