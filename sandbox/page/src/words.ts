// Small words the page makes from facts: times, sizes, names.
import type { Channel, Person, State } from "./types";

export function clockTime(ts: string | number): string {
  return new Date(Number(ts) * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function dayOf(ts: string | number): string {
  return new Date(Number(ts) * 1000).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

export function fullTime(ts: string | number): string {
  return new Date(Number(ts) * 1000).toLocaleString("en-GB");
}

const DAY_S = 86_400;

// A time in a message, as Slack writes `<!date^…>` for its reader: the clock as everywhere on the page, near days by name.
export function slackDate(timestamp: number, format: string, locale: string, now_s = Date.now() / 1000): string {
  const at = new Date(timestamp * 1000);
  const written = (options: Intl.DateTimeFormatOptions) => at.toLocaleString(locale.startsWith("en") ? "en-GB" : locale, options);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const short = written({ day: "numeric", month: "short", year: "numeric" });
  const days = midnight(timestamp) - midnight(now_s);
  const near = Math.abs(days) <= 1 ? new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day") : short;
  const tokens: Record<string, string> = {
    "{date_short_pretty}": near,
    "{date_short}": short,
    "{time}": written(clock),
    "{time_secs}": written({ ...clock, second: "2-digit" }),
  };
  return format.replace(/\{[a-z_]+\}/g, (token) => tokens[token] ?? token);
}

// Which day a time is on, where the page is seen.
function midnight(timestamp: number): number {
  const at = new Date(timestamp * 1000);
  return Math.round(new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime() / 1000 / DAY_S);
}

export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let left = bytes;
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${left < 10 && unit ? left.toFixed(1) : Math.round(left)} ${units[unit]}`;
}

export function length(seconds: number): string {
  const all = Math.round(seconds);
  const rest = String(all % 60).padStart(2, "0");
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en-GB")} ${thing}${number === 1 ? "" : thing.endsWith("y") ? "" : "s"}`;
}

export function channelName(channel: Channel): string {
  return channel.direct_to ? "Countersign" : `#${channel.name}`;
}

export function authorOf(user: string, state: State): string {
  if (user === "USLACKBOT") return "Slackbot";
  return state.people.find((each) => each.id === user)?.name ?? user;
}

export function initials(person: Person | undefined, fallback: string): string {
  return (person?.name ?? fallback)
    .split(" ")
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
}

// Characters that would turn text around or hide in it are shown as their numbers, as the bot does.
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (one) =>
    one === "\n" ? " ⏎ " : `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export const ERRORS: Record<string, string> = {
  not_in_workspace: "This command belongs to another company's workspace, so you cannot use it here.",
  operation_timeout: "The app did not answer in time (operation_timeout).",
  dispatch_failed: "The app did not respond (dispatch_failed).",
};
