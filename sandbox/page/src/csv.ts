// Reads a CSV file (RFC 4180, with or without a byte order mark) into rows of cells.
export function rows(text: string): string[][] {
  const found: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const body = text.replace(/^\ufeff/, "");
  for (let index = 0; index < body.length; index += 1) {
    const one = body[index]!;
    if (quoted) {
      if (one !== '"') cell += one;
      else if (body[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === ",") {
      row.push(cell);
      cell = "";
    } else if (one === "\n" || one === "\r") {
      if (one === "\r" && body[index + 1] === "\n") index += 1;
      found.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += one;
  }
  if (cell || row.length) found.push([...row, cell]);
  return found;
}
