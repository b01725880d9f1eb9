/** The logarithm of the gamma function: Stirling's series, after shifting the argument to where it converges to rounding. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 15) shift -= Math.log(z++);
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
