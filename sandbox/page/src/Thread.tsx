// A thread in the side panel: the message it hangs on, the replies, and a line to answer.
import { useLayoutEffect, useRef } from "react";
import type { Names } from "./Drawn";
import { Composer } from "./Composer";
import { MessageRow } from "./MessageRow";
import type { Message, Person, Shortcut } from "./types";

interface Props {
  messages: Message[];
  people: Map<string, Person>;
  names: Names;
  person: string;
  shortcuts: Shortcut[];
  channel: string;
  ts: string;
  close: () => void;
}

export function Thread({ messages, people, names, person, shortcuts, channel, ts, close }: Props) {
  const box = useRef<HTMLDivElement>(null);
  // The card that a thread hangs on is long and in view beside it; what matters here is the newest reply.
  useLayoutEffect(() => {
    box.current?.scrollTo(0, box.current.scrollHeight);
  }, [messages.length, ts]);
  return (
    <section className="panel thread" aria-label="Thread">
      <header className="panel-head">
        <h2>Thread</h2>
        <button type="button" className="icon" aria-label="Close thread" onClick={close}>
          ✕
        </button>
      </header>
      <div ref={box} className="panel-scroll" tabIndex={0} role="region" aria-label="Messages of the thread">
        {messages.map((message) => (
          <MessageRow
            key={message.key}
            message={message}
            author={people.get(message.user)}
            names={names}
            person={person}
            shortcuts={shortcuts}
          />
        ))}
      </div>
      <Composer person={person} channel={channel} thread={ts} commands={[]} where="the thread" />
    </section>
  );
}
