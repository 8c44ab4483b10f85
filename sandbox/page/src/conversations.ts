// Sorts messages into channels and threads, and finds which message named a piece of media.
import type { Message } from "./types";

export interface Conversations {
  channels: Map<string, Message[]>;
  replies: Map<string, number>;
  thread: (channel: string, ts: string) => Message[];
}

export function arrange(messages: Map<string, Message>): Conversations {
  const channels = new Map<string, Message[]>();
  const replies = new Map<string, number>();
  const threads = new Map<string, Message[]>();
  for (const message of [...messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1))) {
    const root = message.is_reply ? message.thread_ts! : message.ts;
    add(threads, `${message.channel} ${root}`, message);
    if (message.is_reply) replies.set(root, (replies.get(root) ?? 0) + 1);
    if (!message.is_reply || message.broadcast) add(channels, message.channel, message);
  }
  return { channels, replies, thread: (channel, ts) => threads.get(`${channel} ${ts}`) ?? [] };
}

function add(to: Map<string, Message[]>, key: string, message: Message) {
  const list = to.get(key);
  if (list) list.push(message);
  else to.set(key, [message]);
}

const ID = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;

// The number of the proposal that a message is the card of: the end of its header.
export function proposalOf(message: Message): string | null {
  const [head] = message.blocks ?? [];
  const found = head?.type === "header" ? /· #(\d+)$/.exec(head.text?.text ?? "") : null;
  return found?.[1] ?? null;
}

// The newest card, not private and not in a thread, that names an id in its blocks.
export function namedIn(messages: Map<string, Message>): Map<string, Message> {
  const found = new Map<string, Message>();
  for (const message of messages.values()) {
    if (!message.is_app || message.is_reply || message.ephemeral_to || proposalOf(message) === null) continue;
    for (const [id] of JSON.stringify(message.blocks ?? []).matchAll(ID)) {
      const before = found.get(id);
      if (!before || before.ts < message.ts) found.set(id, message);
    }
  }
  return found;
}
