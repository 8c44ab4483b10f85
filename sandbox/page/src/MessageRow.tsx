// One message as a person sees it in Slack.
import { memo, useMemo, useState } from "react";
import { Actions } from "./Actions";
import { Attachment } from "./Attachment";
import { Avatar } from "./Avatar";
import { parts } from "./blocks";
import { Drawn, type Names } from "./Drawn";
import { MoreActions } from "./MoreActions";
import { act, Refused } from "./server";
import type { Message, Person, Shortcut } from "./types";
import { clockTime, count, ERRORS, fullTime } from "./words";

interface Props {
  message: Message;
  author: Person | undefined;
  names: Names;
  person: string;
  shortcuts: Shortcut[];
  replies?: number;
  openThread?: (ts: string) => void;
  isTarget?: boolean;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { message, author, names, person, shortcuts, replies = 0, openThread, isTarget } = props;
  const [trouble, setTrouble] = useState("");
  const name = message.user === "USLACKBOT" ? "Slackbot" : (author?.name ?? message.user);

  const press = (actionId: string) => send("press", { action_id: actionId });

  async function send(what: "press" | "shortcut", how: object) {
    setTrouble("");
    try {
      const outcome = await act(what, { person, channel: message.channel, ts: message.ts, ...how });
      if (outcome.error) setTrouble(ERRORS[outcome.error] ?? outcome.error);
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
  }

  return (
    <article
      className={`message ${message.ephemeral_to ? "ephemeral" : ""} ${isTarget ? "target" : ""}`}
      aria-label={`${name}, ${clockTime(message.ts)}`}
      data-ts={message.ts}
    >
      <Avatar person={author} name={name} />
      <div className="message-body">
        {message.ephemeral_to && <p className="only-you">Only visible to you</p>}
        <p className="message-head">
          <strong>{name}</strong>
          {(author?.is_bot || name === "Slackbot") && <span className="app-badge">APP</span>}
          <time dateTime={new Date(Number(message.ts) * 1000).toISOString()} title={fullTime(message.ts)}>
            {clockTime(message.ts)}
          </time>
        </p>
        <Body message={message} names={names} person={person} press={press} />
        {message.edited && <span className="quiet">(edited)</span>}
        {message.files.map((file) => (
          <Attachment key={file.id} file={file} />
        ))}
        {trouble && (
          <p className="trouble" role="alert">
            {trouble}
          </p>
        )}
        {openThread && replies > 0 && !message.ephemeral_to && (
          <button type="button" className="thread-link" onClick={() => openThread(message.ts)}>
            {count(replies, "repl").replace(/repls?$/, replies === 1 ? "reply" : "replies")}
          </button>
        )}
        {!message.ephemeral_to && (
          <div className="tools">
            {openThread && !replies && (
              <button type="button" className="tool" onClick={() => openThread(message.ts)}>
                Reply in thread
              </button>
            )}
            {shortcuts.length > 0 && (
              <MoreActions
                shortcuts={shortcuts}
                run={({ callback_id }) => send("shortcut", { callback_id })}
              />
            )}
          </div>
        )}
      </div>
    </article>
  );
});

interface BodyProps {
  message: Message;
  names: Names;
  person: string;
  press: (actionId: string) => Promise<void>;
}

function Body({ message, names, person, press }: BodyProps) {
  const found = useMemo(() => parts(blocksOf(message)), [message]);
  return found.map((part, index) =>
    part.kind === "drawn" ? (
      <Drawn key={index} blocks={part.blocks} names={names} />
    ) : part.kind === "actions" ? (
      <Actions key={index} block={part.block} person={person} press={press} />
    ) : null,
  );
}

// What people type is not parsed here: their own words, as they wrote them.
function blocksOf(message: Message) {
  if (message.blocks?.length) return message.blocks;
  const type = message.is_app || message.user === "USLACKBOT" ? "mrkdwn" : "plain_text";
  return message.text ? [{ type: "section", text: { type, text: message.text } as const }] : [];
}
