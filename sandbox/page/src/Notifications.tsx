// What Slack would have notified a person of: so that one sees how much noise there is, and of what.
import type { Channel, Notification } from "./types";
import { channelName, clockTime, count } from "./words";

interface Props {
  notified: Notification[];
  total: number;
  channels: Channel[];
  lead: (notification: Notification) => void;
}

export function Notifications({ notified, total, channels, lead }: Props) {
  const names = new Map(channels.map((each) => [each.id, channelName(each)]));
  return (
    <div className="conversation notifications" tabIndex={0} role="region" aria-label="Notifications">
      <p className="quiet">
        {count(total, "notification")} so far, as Slack gives them where nobody has changed anything: direct messages, mentions, and
        replies in threads one follows. What is edited notifies nobody.
      </p>
      <ul>
        {notified.map((each) => (
          <li key={`${each.channel} ${each.ts}`}>
            <button type="button" className="notification" onClick={() => lead(each)}>
              <span className="notification-head">
                <strong>{each.why}</strong> in {names.get(each.channel) ?? each.channel}, {clockTime(each.ts)}
              </span>
              <span>{each.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
