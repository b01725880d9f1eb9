/** The engines that plusx runs on: what `engines` of its package says. Older ones lack what it uses, and fail far from the cause. */
const OLDEST = [22, 18] as const;

/** What is wrong with a version of Node; nothing where it is new enough, and in a browser, which has none. */
export function engineProblem(node: string | undefined): string | undefined {
  if (node === undefined) return undefined;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
    ? `Node ${OLDEST.join('.')} or newer is needed, and this is ${node}. Install it from nodejs.org.`
    : undefined;
}
