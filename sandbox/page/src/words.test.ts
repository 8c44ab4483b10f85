import { describe, expect, it } from "vitest";
import { slackDate } from "./words";

const NOON = new Date(2026, 0, 15, 12, 0, 0).getTime() / 1000;
const PRETTY = "{date_short_pretty} at {time}";

describe("a time in a message", () => {
  it("is written with the clock of the page, near days by name", () => {
    expect(slackDate(NOON + 3 * 3600 + 300, PRETTY, "en-US", NOON)).toBe("today at 15:05");
    expect(slackDate(NOON - 13 * 3600, PRETTY, "en-US", NOON)).toBe("yesterday at 23:00");
    expect(slackDate(NOON + 86_400, PRETTY, "en-US", NOON)).toBe("tomorrow at 12:00");
    expect(slackDate(NOON + 7 * 86_400, PRETTY, "en-US", NOON)).toBe("22 Jan 2026 at 12:00");
  });

  it("is written in its reader's language, to the second where it is wanted", () => {
    expect(slackDate(NOON, "{date_short_pretty} {time_secs}", "zh-CN", NOON)).toBe("今天 12:00:00");
    expect(slackDate(NOON, "{date_short} {unknown}", "en-GB", NOON)).toBe("15 Jan 2026 {unknown}");
  });
});
