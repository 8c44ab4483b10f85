import { expect, test } from "vitest";
import { rows } from "./csv";

test("quotes, commas and line breaks within cells are kept", () => {
  expect(rows('\ufeffa,b\r\n"x, ""y""","1\n2"\r\n')).toEqual([
    ["a", "b"],
    ['x, "y"', "1\n2"],
  ]);
});

test("a last line without an end counts, and empty cells stay", () => {
  expect(rows("a,,\n,b")).toEqual([
    ["a", "", ""],
    ["", "b"],
  ]);
});
