/** A line of a CSV file (RFC 4180), without its line break. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(toCell).join(',');
}

// --- internal ---

function toCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
