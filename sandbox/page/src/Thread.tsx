// A thread in the side panel: the message it hangs on, the replies, and a line to answer.
import type { Names } from "./Drawn";
import { Composer } from "./Composer";
import { MessageRow } from "./MessageRow";
import type { Message, Person } from "./types";

interface Props {
  messages: Message[];
  people: Map<string, Person>;
  names: Names;
  person: string;
  channel: string;
  ts: string;
  close: () => void;
}

export function Thread({ messages, people, names, person, channel, ts, close }: Props) {
  return (
    <section className="panel thread" aria-label="Thread">
      <header className="panel-head">
        <h2>Thread</h2>
        <button type="button" className="icon" aria-label="Close thread" onClick={close}>
          ✕
        </button>
      </header>
      <div className="panel-scroll" tabIndex={0} role="region" aria-label="Messages of the thread">
        {messages.map((message) => (
          <MessageRow
            key={message.key}
            message={message}
            author={people.get(message.user)}
            names={names}
            person={person}
          />
        ))}
      </div>
      <Composer person={person} channel={channel} thread={ts} commands={[]} where="the thread" />
    </section>
  );
}
