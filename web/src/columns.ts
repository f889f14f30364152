// How many things stand in a row.

/** Columns for `count` things of which `most` fit into a row: rows of the same length, as far as that goes. */
export function columnsFor(count: number, most: number): number {
  const rows = Math.ceil(count / Math.max(1, most));
  return Math.max(1, Math.ceil(count / Math.max(1, rows)));
}

/** Whether the first one gets a row of its own, so that the last one does not. */
export function firstIsAlone(count: number, columns: number): boolean {
  return columns > 1 && count % columns === 1;
}
