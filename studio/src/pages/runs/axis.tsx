/** The head of a picture whose axis can be chosen. */
export function AxisChoice<A extends string>({
  caption,
  known,
  nameOf,
  value,
  choose,
}: {
  readonly caption: string;
  readonly known: readonly A[];
  readonly nameOf: (axis: A) => string;
  readonly value: A;
  readonly choose: (axis: A) => void;
}) {
  return (
    <div class="row spread">
      <figcaption>{caption}</figcaption>
      <label class="choice">
        <span class="unseen">What the axis counts</span>
        <select value={value} onChange={({ currentTarget }) => choose(known[currentTarget.selectedIndex] ?? value)}>
          {known.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
