// Links to messages: Slack opens them where they are, and so does the page. Other links open in a tab of their own.

export interface Place {
  channel: string;
  ts: string;
}

const ARCHIVED = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})(?:\?|$)/;

export function placeOf(url: string): Place | null {
  const found = ARCHIVED.exec(url);
  return found && { channel: found[1]!, ts: `${found[2]}.${found[3]}` };
}

const OPENED = "message-link";

export function follow(url: string) {
  const place = placeOf(url);
  if (place) window.dispatchEvent(new CustomEvent<Place>(OPENED, { detail: place }));
  else window.open(url, "_blank", "noreferrer");
}

// Calls `open` for every link to a message that somebody follows, drawn or on a button. Returns what ends that.
export function onMessageLinks(open: (place: Place) => void): () => void {
  const followed = (event: Event) => open((event as CustomEvent<Place>).detail);
  const clicked = (event: MouseEvent) => {
    const link = (event.target as HTMLElement | null)?.closest?.("a[href]");
    const place = link && placeOf((link as HTMLAnchorElement).href);
    if (!place) return;
    event.preventDefault();
    open(place);
  };
  window.addEventListener(OPENED, followed);
  document.addEventListener("click", clicked);
  return () => {
    window.removeEventListener(OPENED, followed);
    document.removeEventListener("click", clicked);
  };
}
