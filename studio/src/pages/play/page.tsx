export function Play() {
  return <h1>Playground</h1>;
}
