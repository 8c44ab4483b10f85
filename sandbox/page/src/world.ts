// What the page knows: kept up to date by one stream of news and by fetching only what changed.
import { useEffect, useRef, useState } from "react";
import { readLibrary, readMessages, readState } from "./server";
import type { Medium, Message, Notification, Removed, State } from "./types";

export interface World {
  state: State | null;
  person: string;
  messages: Map<string, Message>;
  notified: Notification[];
  media: Map<string, Medium>;
  removed: Removed[];
  online: boolean;
}

interface Marks {
  boot: string;
  person: string;
  messages: number;
  media: number;
  removed: number;
}

const UNMARKED: Marks = { boot: "", person: "", messages: 0, media: 0, removed: 0 };
const EMPTY = { messages: new Map(), notified: [], media: new Map(), removed: [] };

export function useWorld(person: string): World {
  const [world, setWorld] = useState<World>({ state: null, person, online: true, ...EMPTY });
  const marked = useRef(UNMARKED);

  useEffect(() => {
    let busy = false;
    let again = false;
    let ended = false;

    async function fetchNews() {
      const state = await readState();
      const before = marked.current;
      const restarted = state.boot !== before.boot;
      const other = restarted || person !== before.person;
      const [said, library] = await Promise.all([
        readMessages(person, other ? 0 : before.messages),
        readLibrary(restarted ? 0 : before.media, restarted ? 0 : before.removed),
      ]);
      if (ended) return;
      marked.current = {
        boot: state.boot,
        person,
        messages: said.revision,
        media: library.revision,
        removed: (restarted ? 0 : before.removed) + library.removed.length,
      };
      setWorld((world) => ({
        state,
        person,
        online: true,
        messages: merged(other ? new Map() : world.messages, said.messages, (each) => each.key, said.gone),
        notified: said.notified,
        media: merged(restarted ? new Map() : world.media, library.media, (each) => each.id, library.gone),
        removed: restarted ? library.removed : library.removed.length ? [...world.removed, ...library.removed] : world.removed,
      }));
    }

    async function run() {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      do {
        again = false;
        await fetchNews().catch(() => setWorld((before) => ({ ...before, online: false })));
      } while (again && !ended);
      busy = false;
    }

    const news = new EventSource("/api/events");
    news.onmessage = () => void run();
    news.onerror = () => setWorld((before) => ({ ...before, online: false }));
    return () => {
      ended = true;
      news.close();
    };
  }, [person]);

  return world;
}

function merged<T>(before: Map<string, T>, changed: T[], key: (each: T) => string, gone: string[]): Map<string, T> {
  if (!changed.length && !gone.some((each) => before.has(each))) return before;
  const after = new Map(before);
  for (const each of changed) after.set(key(each), each);
  for (const each of gone) after.delete(each);
  return after;
}
