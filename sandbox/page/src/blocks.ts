// Makes Slack's blocks fit for the library that draws them, so that they look as they do in Slack.
//
// The library reads plain_text as if it were mrkdwn, shows mrkdwn with `verbatim` raw, and obeys what was escaped;
// Slack does none of these. What is to be literal therefore travels through it as the mention of a made-up user, which the page draws literally.
import type { Block, Element, Text } from "./types";

export interface Drawable {
  blocks: Block[];
  plain: Map<string, string>;
}

const INTERACTIVE = new Set(["button", "overflow", "static_select", "radio_buttons", "checkboxes", "datepicker"]);

export function isInteractive(element: Element | undefined): boolean {
  return element !== undefined && INTERACTIVE.has(element.type);
}

export function drawable(blocks: Block[]): Drawable {
  const plain = new Map<string, string>();
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    if (isText(node)) return literal(node, plain);
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)]));
  };
  return { blocks: walk(blocks) as Block[], plain };
}

function isText(node: object): node is Text {
  const text = node as Text;
  return (text.type === "plain_text" || text.type === "mrkdwn") && typeof text.text === "string";
}

function literal(text: Text, plain: Map<string, string>): Text {
  if (text.type === "plain_text") {
    return { type: "mrkdwn", text: mention(text.emoji === false ? text.text : withEmoji(text.text), plain) };
  }
  return { type: "mrkdwn", text: escapedOnce(text.text, plain) };
}

function mention(words: string, plain: Map<string, string>): string {
  const name = `X0PLAIN${plain.size}`;
  plain.set(name, words);
  return `<@${name}>`;
}

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

// The library turns entities into characters first and then finds mentions and links made of them.
function escapedOnce(mrkdwn: string, plain: Map<string, string>): string {
  return mrkdwn
    .split(/(`[^`\n]*`|<[^<>]*>)/)
    .map((piece, index) =>
      index % 2 ? piece : piece.replace(/&(?:lt|gt|amp);/g, (entity) => mention(ENTITIES[entity]!, plain)),
    )
    .join("");
}

// What Slack turns into a picture in plain text with emoji on; the few that an app like this could use.
const EMOJI: Record<string, string> = { white_check_mark: "✅", warning: "⚠️", x: "❌", hourglass: "⌛" };

function withEmoji(text: string): string {
  return text.replace(/:([a-z_]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}

// Runs of blocks that the library draws, and single ones that a person can act on, which the page draws itself:
// the library's buttons tell nobody that they were pressed.
export type Part = { kind: "drawn"; blocks: Block[] } | { kind: "actions" | "input"; block: Block };

export function parts(blocks: Block[]): Part[] {
  const found: Part[] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (block.type === "actions" || block.type === "input") found.push({ kind: block.type, block });
    else if (isInteractive(block.accessory)) {
      const { accessory, ...rest } = block;
      found.push({ kind: "drawn", blocks: [rest] });
      found.push({ kind: "actions", block: { ...block, type: "actions", elements: [accessory!] } });
    } else if (last?.kind === "drawn") last.blocks.push(block);
    else found.push({ kind: "drawn", blocks: [block] });
  }
  return found;
}

export function buttonsOf(block: Block, person: string): Element[] {
  return (block.elements ?? []).filter(
    (element) => !element.visible_to_user_ids || element.visible_to_user_ids.includes(person),
  );
}
