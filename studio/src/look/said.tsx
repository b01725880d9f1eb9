/** What somebody wrote, in a frame of its own. A long text is gone through there, with the keyboard too. */
export function Said({ text }: { readonly text: string }) {
  const isLong = text.length > 400 || text.split('\n').length > 8;
  return (
    <p class="written said" tabIndex={isLong ? 0 : undefined}>
      {text}
    </p>
  );
}
