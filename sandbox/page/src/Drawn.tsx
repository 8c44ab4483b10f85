// Draws the blocks of a message that are only to be read, with the library that draws them as Slack does.
import { memo } from "react";
import { Message as Library } from "slack-blocks-to-jsx";
import { drawable } from "./blocks";
import type { Block } from "./types";

export interface Names {
  people: Map<string, string>;
  channels: Map<string, string>;
}

type Hooks = NonNullable<Parameters<typeof Library>[0]["hooks"]>;
type Blocks = Parameters<typeof Library>[0]["blocks"];

export const Drawn = memo(function Drawn({ blocks, names }: { blocks: Block[]; names: Names }) {
  const { blocks: safe, plain } = drawable(blocks);
  const hooks: Hooks = {
    user: ({ id }) =>
      plain.has(id) ? (
        <span className="literal">{plain.get(id)}</span>
      ) : (
        <span className="mention">@{names.people.get(id) ?? id}</span>
      ),
    channel: ({ id }) => <span className="mention">#{names.channels.get(id) ?? id}</span>,
  };
  // The theme is the page's own business: every colour comes from its style sheet.
  return (
    <Library blocks={safe as Blocks} name="" logo="" hooks={hooks} theme="light" unstyled withoutWrapper />
  );
});
