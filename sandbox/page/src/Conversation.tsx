// The messages of a channel: the newest at the bottom, earlier ones a page at a time, so that thousands stay smooth.
import { Fragment, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Names } from "./Drawn";
import { MessageRow } from "./MessageRow";
import type { Message, Person, Shortcut } from "./types";
import { dayOf } from "./words";

const PAGE = 60;
const NEAR_END_PX = 120;

interface Props {
  messages: Message[];
  replies: Map<string, number>;
  people: Map<string, Person>;
  names: Names;
  person: string;
  shortcuts: Shortcut[];
  openThread: (ts: string) => void;
  target: string | null;
}

export function Conversation({ messages, replies, people, names, person, shortcuts, openThread, target }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [pages, setPages] = useState(1);
  const wanted = target ? messages.findIndex((each) => each.ts === target) : -1;
  const start = Math.max(0, Math.min(messages.length - pages * PAGE, wanted < 0 ? messages.length : wanted - 5));
  const shown = useMemo(() => messages.slice(start), [messages, start]);
  const newest = messages.at(-1)?.key;

  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);

  useEffect(() => {
    if (!target) return;
    follows.current = false;
    const row = box.current?.querySelector(`[data-ts="${target}"]`);
    row?.scrollIntoView({ block: "start" });
  }, [target]);

  // Pictures arrive later and make messages taller, chosen files make the room smaller; the end stays in view if it was.
  useEffect(() => {
    const content = box.current?.firstElementChild;
    if (!content) return;
    const watcher = new ResizeObserver(() => {
      if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watcher.observe(content);
    watcher.observe(box.current!);
    return () => watcher.disconnect();
  }, []);

  return (
    <div
      ref={box}
      className="conversation"
      tabIndex={0}
      role="region"
      aria-label="Messages"
      onScroll={(event) => {
        const it = event.currentTarget;
        follows.current = it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_END_PX;
      }}
    >
      <div className="messages">
        {start > 0 && (
          <button type="button" className="button earlier" onClick={() => setPages(pages + 2)}>
            Show earlier messages ({start.toLocaleString("en-GB")})
          </button>
        )}
        {messages.length === 0 && <p className="quiet nothing">Nothing was written here yet.</p>}
        {shown.map((message, index) => {
          const day = dayOf(message.ts);
          const isNewDay = index === 0 || dayOf(shown[index - 1]!.ts) !== day;
          return (
            <Fragment key={message.key}>
              {isNewDay && <h3 className="day">{day}</h3>}
              <MessageRow
                message={message}
                author={people.get(message.user)}
                names={names}
                person={person}
                shortcuts={shortcuts}
                replies={replies.get(message.ts) ?? 0}
                openThread={openThread}
                isTarget={message.ts === target}
              />
            </Fragment>
          );
        })}
      </div>
      <Announcer newest={newest} messages={messages} people={people} />
    </div>
  );
}

// Tells a screen reader what a new message says in one line, as Slack does with the message's text.
function Announcer({ newest, messages, people }: { newest: string | undefined; messages: Message[]; people: Map<string, Person> }) {
  const first = useRef(newest);
  const last = messages.at(-1);
  if (first.current === newest || !last) return <div className="unseen" role="status" aria-live="polite" />;
  const name = people.get(last.user)?.name ?? "Slackbot";
  return (
    <div className="unseen" role="status" aria-live="polite">
      {`New message from ${name}: ${(last.text || last.files.map((file) => file.name).join(", ")).slice(0, 300)}`}
    </div>
  );
}
