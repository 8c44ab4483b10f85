// The channels of the person one is, with what is new in each.
import type { Channel } from "./types";
import { channelName } from "./words";

interface Props {
  channels: Channel[];
  open: string;
  unread: Map<string, number>;
  choose: (id: string) => void;
}

export function Sidebar({ channels, open, unread, choose }: Props) {
  return (
    <nav className="sidebar" aria-label="Channels">
      <ul>
        <Entry id="about" name="About" isOpen={open === "about"} unread={0} choose={choose} />
        <Entry id="home" name="Home" isOpen={open === "home"} unread={0} choose={choose} />
        <Entry id="notified" name="Notifications" isOpen={open === "notified"} unread={0} choose={choose} />
        {channels.map((channel) => (
          <Entry
            key={channel.id}
            id={channel.id}
            name={channelName(channel)}
            isOpen={channel.id === open}
            unread={unread.get(channel.id) ?? 0}
            choose={choose}
          />
        ))}
      </ul>
    </nav>
  );
}

interface EntryProps {
  id: string;
  name: string;
  isOpen: boolean;
  unread: number;
  choose: (id: string) => void;
}

function Entry({ id, name, isOpen, unread, choose }: EntryProps) {
  return (
    <li>
      <button
        type="button"
        className={unread && !isOpen ? "entry fresh" : "entry"}
        aria-current={isOpen ? "page" : undefined}
        onClick={() => choose(id)}
      >
        <span>{name}</span>
        {unread > 0 && !isOpen && (
          <span className="badge">
            {unread}
            <span className="unseen"> new</span>
          </span>
        )}
      </button>
    </li>
  );
}
