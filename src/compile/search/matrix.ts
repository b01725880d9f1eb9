/** Square matrices, by row. */
export type Matrix = readonly Float64Array[];

/** The inverse of a symmetric matrix that is positive definite, so that no pivot has to be looked for. */
export function inverseOf(matrix: Matrix): Matrix {
  const rows = matrix.map((row) => row.slice());
  for (const [k, pivot] of rows.entries()) {
    const by = 1 / (pivot[k] as number);
    pivot[k] = 1;
    for (let j = 0; j < pivot.length; j++) pivot[j] = (pivot[j] as number) * by;
    for (const [i, row] of rows.entries()) {
      const factor = row[k] as number;
      if (i === k || factor === 0) continue;
      row[k] = 0;
      for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return rows;
}
