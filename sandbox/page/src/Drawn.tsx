// Draws the blocks of a message that are only to be read, with the library that draws them as Slack does.
import { memo } from "react";
import { Message as Library } from "slack-blocks-to-jsx";
import { drawable, literalOf } from "./blocks";
import type { Block } from "./types";
import { slackDate } from "./words";

export interface Names {
  locale: string;
  people: Map<string, string>;
  channels: Map<string, string>;
}

type Hooks = NonNullable<Parameters<typeof Library>[0]["hooks"]>;
type Blocks = Parameters<typeof Library>[0]["blocks"];

export const Drawn = memo(function Drawn({ blocks, names }: { blocks: Block[]; names: Names }) {
  const hooks: Hooks = {
    user: ({ id }) => {
      const literal = literalOf(id);
      if (literal === undefined) return <span className="mention">@{names.people.get(id) ?? id}</span>;
      return literal.isCode ? <code>{literal.words}</code> : <span className="literal">{literal.words}</span>;
    },
    // The time 23:00:15 holds no emoji called 00.
    emoji: (emoji, draw) => (/^\d+$/.test(emoji.name) ? `:${emoji.name}:` : draw(emoji)),
    date: ({ timestamp, format }) => <time>{slackDate(Number(timestamp), format, names.locale)}</time>,
    channel: ({ id }) => <span className="mention">#{names.channels.get(id) ?? id}</span>,
  };
  // The theme is the page's own business: every colour comes from its style sheet.
  return (
    <Library blocks={drawable(blocks) as Blocks} name="" logo="" hooks={hooks} theme="light" unstyled withoutWrapper />
  );
});
