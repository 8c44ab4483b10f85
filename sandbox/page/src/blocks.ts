// Makes Slack's blocks fit for the library that draws them, so that they look as they do in Slack.
//
// The library reads plain_text as if it were mrkdwn, shows mrkdwn with `verbatim` raw, and obeys what was escaped;
// Slack does none of these. What is to be literal therefore travels through it as the mention of a made-up user, which the page draws literally.
import type { Block, Element, Text } from "./types";

// Every literal keeps its name for as long as the page is open: the library remembers what it drew for a text.
const names = new Map<string, string>();
const literals = new Map<string, Literal>();

export interface Literal {
  words: string;
  isCode: boolean;
}

export function literalOf(name: string): Literal | undefined {
  return literals.get(name);
}

const INTERACTIVE = new Set(["button", "overflow", "static_select", "radio_buttons", "checkboxes", "datepicker"]);

export function isInteractive(element: Element | undefined): boolean {
  return element !== undefined && INTERACTIVE.has(element.type);
}

export function drawable(blocks: Block[]): Block[] {
  return walk(blocks) as Block[];
}

function walk(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(walk);
  if (typeof node !== "object" || node === null) return node;
  if (isText(node)) return literal(node);
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)]));
}

function isText(node: object): node is Text {
  const text = node as Text;
  return (text.type === "plain_text" || text.type === "mrkdwn") && typeof text.text === "string";
}

function literal(text: Text): Text {
  if (text.type === "plain_text") {
    return { type: "mrkdwn", text: mention(text.emoji === false ? text.text : withEmoji(text.text)) };
  }
  return { type: "mrkdwn", text: escapedOnce(text.text) };
}

function mention(words: string, isCode = false): string {
  const key = `${isCode ? "code" : "text"} ${words}`;
  let name = names.get(key);
  if (name === undefined) {
    name = `X0PLAIN${names.size}`;
    names.set(key, name);
    literals.set(name, { words, isCode });
  }
  return `<@${name}>`;
}

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]!);
}

// The library turns entities into characters first and then finds mentions and links made of them.
function escapedOnce(mrkdwn: string): string {
  return mrkdwn
    .split(/(`[^`\n]*`|<[^<>]*>)/)
    .map((piece, index) => {
      if (index % 2 === 0) return piece.replace(/&(?:lt|gt|amp);/g, (entity) => mention(ENTITIES[entity]!));
      // In a code span the library shows entities as they are, and two stars for one.
      return /^`[^`]*[&*][^`]*`$/.test(piece) && !/<[^<>]*>/.test(piece) ? mention(unescaped(piece.slice(1, -1)), true) : piece;
    })
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
