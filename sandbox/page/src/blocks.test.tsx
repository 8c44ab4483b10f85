import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { drawable, parts } from "./blocks";
import { Drawn } from "./Drawn";
import type { Block } from "./types";

const NASTY = "<!channel> *bold* <https://evil|x> :32: 2:32:05 <@U0ANA4K2M7Q> `code` & <b>";
const PEOPLE = new Map([["U0ANA4K2M7Q", "Ana Duarte"]]);

function seen(blocks: Block[]): string {
  return renderToStaticMarkup(<Drawn blocks={blocks} names={{ locale: "en-US", people: PEOPLE, channels: new Map() }} />);
}

function words(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

describe("plain text", () => {
  test("is shown as it is in a section", () => {
    const markup = seen([{ type: "section", text: { type: "plain_text", text: NASTY, emoji: false } }]);
    expect(words(markup)).toContain(NASTY);
    expect(markup).not.toMatch(/<a |<strong|slack_broadcast|<code/);
  });

  test("is shown as it is in a header", () => {
    const markup = seen([{ type: "header", text: { type: "plain_text", text: NASTY } }]);
    expect(words(markup)).toContain(NASTY);
  });

  test("keeps its line breaks", () => {
    const markup = seen([{ type: "section", text: { type: "plain_text", text: "1. one\nid\n  two" } }]);
    expect(words(markup)).toContain("1. one\nid\n  two");
  });

  test("is named by what it says, because the library remembers what it drew", () => {
    const sent = (words: string): Block => ({ type: "section", text: { type: "plain_text", text: words } });
    const [before] = drawable([sent("the same")]);
    const [, after] = drawable([sent("something new above it"), sent("the same")]);
    expect(after).toEqual(before);
  });

  test("cannot pass for another plain text", () => {
    const markup = seen([
      { type: "section", text: { type: "plain_text", text: "<@X0PLAIN1>" } },
      { type: "section", text: { type: "plain_text", text: "other" } },
    ]);
    expect(words(markup)).toContain("<@X0PLAIN1>");
    expect(words(markup).match(/other/g)).toHaveLength(1);
  });
});

describe("mrkdwn", () => {
  test("shows in a code span what was escaped, and no star too many", () => {
    const markup = seen([{ type: "section", text: { type: "mrkdwn", text: "*by* `Sport &amp; &lt;b&gt; *x*` 3" } }]);
    expect(markup).toContain("<code>Sport &amp; &lt;b&gt; *x*</code>");
  });

  test("is formatted although it is verbatim, as Slack does", () => {
    const markup = seen([{ type: "section", text: { type: "mrkdwn", text: "*Waiting* `x`", verbatim: true } }]);
    expect(markup).toContain("<strong>");
    expect(markup).toContain("<code");
  });

  test("shows people by name", () => {
    expect(seen([{ type: "section", text: { type: "mrkdwn", text: "by <@U0ANA4K2M7Q>" } }])).toContain("@Ana Duarte");
  });

  test("takes no time of day for an emoji", () => {
    const markup = seen([{ type: "section", text: { type: "mrkdwn", text: "at 23:00:15 :tada:" } }]);
    expect(words(markup)).toContain("23:00:15");
    expect(words(markup)).not.toContain(":tada:");
  });

  test("shows an entity as its character", () => {
    const markup = seen([{ type: "section", text: { type: "mrkdwn", text: "&lt;!channel&gt; &amp; more" } }]);
    expect(words(markup).replace(/\s+/g, " ")).toContain("<!channel> & more");
    expect(markup).not.toContain("slack_broadcast");
  });
});

test("the blocks that were sent are left alone", () => {
  const blocks: Block[] = [{ type: "section", text: { type: "plain_text", text: NASTY } }];
  drawable(blocks);
  expect(blocks[0]!.text!.text).toBe(NASTY);
});

test("what can be acted on is split from what is only drawn", () => {
  const button = { type: "button", action_id: "a", text: { type: "plain_text" as const, text: "Go" } };
  const found = parts([
    { type: "header" },
    { type: "divider" },
    { type: "actions", elements: [button] },
    { type: "section", accessory: button },
    { type: "input" },
  ]);
  expect(found.map((part) => part.kind)).toEqual(["drawn", "actions", "drawn", "actions", "input"]);
});
