// The workbench: channels, the open conversation and the media library, seen as one person of the team.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { About } from "./About";
import { Composer, type ComposerHandle } from "./Composer";
import { Conversation } from "./Conversation";
import { arrange, namedIn } from "./conversations";
import { useMissedDrops } from "./drop";
import { Home } from "./Home";
import { Library } from "./Library";
import { onMessageLinks } from "./links";
import { Modals } from "./Modal";
import { Notifications } from "./Notifications";
import { People } from "./People";
import { Scenes } from "./Scenes";
import { Sidebar } from "./Sidebar";
import { Thread } from "./Thread";
import { ThemeButton } from "./ThemeButton";
import type { Message, Shortcut, State } from "./types";
import { useWorld } from "./world";
import { channelName } from "./words";

const NO_ONE = { locale: "en-US", people: new Map(), channels: new Map() };

const HEADS: Record<string, string> = { home: "Home", notified: "Notifications" };

export function App() {
  const [person, setPerson] = useState(() => localStorage.getItem("person") ?? "ana");
  const [open, setOpen] = useState("C0VODDELETE");
  const [thread, setThread] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const [side, setSide] = useState<"library" | "scenes">("library");
  const [showsSide, setShowsSide] = useState(false);
  const world = useWorld(person);
  const composer = useRef<ComposerHandle>(null);
  const { state } = world;

  const me = state?.people.find((each) => each.key === person);
  const people = useMemo(() => new Map(state?.people.map((each) => [each.id, each])), [state?.people]);
  const names = useNames(state, me?.locale ?? "en-US");
  const conversations = useMemo(() => arrange(world.messages), [world.messages]);
  const proposals = useMemo(() => namedIn(world.messages), [world.messages]);
  const channels = (state?.channels ?? []).filter((each) => me && each.members.includes(me.id));
  const isNoChannel = open === "about" || open === "home" || open === "notified";
  const channel = channels.find((each) => each.id === open) ?? (isNoChannel ? undefined : channels[0]);
  const unread = useUnread(world.messages, channel?.id, person);
  const shortcuts = useShortcuts(state, me?.is_stranger ?? true);
  useMissedDrops();
  const openThread = useCallback((ts: string) => {
    setThread(ts);
    setShowsSide(true);
  }, []);
  const openSide = (what: "library" | "scenes") => {
    setThread(null);
    setSide(what);
    setShowsSide(true);
  };

  function become(key: string) {
    localStorage.setItem("person", key);
    setPerson(key);
    const direct = state?.channels.find((each) => each.id === open)?.direct_to;
    const mine = state?.channels.find((each) => each.direct_to === state.people.find((one) => one.key === key)?.id);
    if (direct && mine) setOpen(mine.id);
  }

  function choose(id: string) {
    setOpen(id);
    setThread(null);
    setTarget(null);
  }

  const show = useCallback((message: Message) => {
    setOpen(message.channel);
    setThread(null);
    setTarget(message.ts);
    setShowsSide(false);
  }, []);

  // A link to a message leads to it, or to the thread it is in, if this person sees it.
  const messages = useRef(world.messages);
  messages.current = world.messages;
  const follow = useCallback(
    ({ channel, ts }: { channel: string; ts: string }) => {
      const message = messages.current.get(`${channel} ${ts}`);
      if (!message) return;
      show(message);
      if (message.is_reply && message.thread_ts) openThread(message.thread_ts);
    },
    [show, openThread],
  );
  useEffect(() => onMessageLinks(follow), [follow]);

  const insert = useCallback((words: string) => {
    setShowsSide(false);
    composer.current?.insert(words);
  }, []);

  if (!state || !me) return <p className="booting">Opening the workbench…</p>;
  const view = state.modals[me.id];
  const inChannel = channel ? (conversations.channels.get(channel.id) ?? []) : [];
  return (
    <div className={`workbench ${showsSide ? "shows-side" : ""}`} data-seen-as={world.person}>
      <header className="topbar">
        <h1>Countersign</h1>
        <People people={state.people.filter((each) => each.role)} person={person} become={become} />
        <div className="topbar-buttons">
          <button
            type="button"
            className="button"
            aria-pressed={side === "scenes" && !thread}
            onClick={() => (side === "scenes" && !thread && showsSide ? openSide("library") : openSide("scenes"))}
          >
            Things to try
          </button>
          <button
            type="button"
            className="button only-narrow"
            onClick={() => openSide("library")}
          >
            Library
          </button>
          <ThemeButton />
        </div>
      </header>
      <Sidebar channels={channels} open={channel?.id ?? open} unread={unread} choose={choose} />
      <main className="middle">
        <header className="panel-head">
          <h2>{channel ? channelName(channel) : (HEADS[open] ?? "About")}</h2>
          <Weather state={state} online={world.online} deactivated={me.deleted ? me.label : ""} />
        </header>
        {channel ? (
          <>
            <Conversation
              key={`${channel.id} ${person}`}
              messages={inChannel}
              replies={conversations.replies}
              people={people}
              names={names}
              person={person}
              shortcuts={shortcuts}
              openThread={openThread}
              target={target}
            />
            <Composer
              key={`composer ${channel.id}`}
              ref={composer}
              person={person}
              channel={channel.id}
              commands={state.commands}
              shortcuts={me.is_stranger ? [] : state.global_shortcuts}
              where={channelName(channel)}
            />
          </>
        ) : open === "home" ? (
          <Home key={person} view={state.homes[me.id]} person={person} names={names} />
        ) : open === "notified" ? (
          <Notifications notified={world.notified} total={me.notified} channels={state.channels} lead={follow} />
        ) : (
          <About openScenes={() => openSide("scenes")} begin={() => choose("C0VODDELETE")} />
        )}
      </main>
      <div className="right">
        {thread && channel ? (
          <Thread
            messages={conversations.thread(channel.id, thread)}
            people={people}
            names={names}
            person={person}
            shortcuts={shortcuts}
            channel={channel.id}
            ts={thread}
            close={() => {
              setThread(null);
              setShowsSide(false);
            }}
          />
        ) : side === "scenes" ? (
          <Scenes
            scenes={state.scenes}
            watch={(scene) => {
              choose("C0VODDELETE");
              become(scene.ends_as);
            }}
            close={() => {
              setSide("library");
              setShowsSide(false);
            }}
          />
        ) : (
          <Library
            media={world.media}
            removed={world.removed}
            namedIn={proposals}
            insert={insert}
            show={show}
            close={() => setShowsSide(false)}
          />
        )}
      </div>
      {view && <Modals key={person} view={view} person={person} names={names} />}
    </div>
  );
}

function useNames(state: State | null, locale: string) {
  const people = JSON.stringify(state?.people.map((each) => [each.id, each.name]) ?? null);
  const channels = JSON.stringify(state?.channels.map((each) => [each.id, each.name]) ?? null);
  return useMemo(
    () =>
      people === "null"
        ? NO_ONE
        : {
            locale,
            people: new Map<string, string>(JSON.parse(people)),
            channels: new Map<string, string>(JSON.parse(channels)),
          },
    [locale, people, channels],
  );
}

// The same list for as long as nothing in it changes, or every message would be drawn anew.
function useShortcuts(state: State | null, isStranger: boolean): Shortcut[] {
  const offered = JSON.stringify(isStranger ? [] : (state?.shortcuts ?? []));
  return useMemo(() => JSON.parse(offered) as Shortcut[], [offered]);
}

// What came into other channels since this person last looked there, while the page was open.
function useUnread(messages: Map<string, Message>, open: string | undefined, person: string): Map<string, number> {
  const seen = useRef(new Map<string, string>());
  const started = useRef<{ person: string; newest: string } | null>(null);
  const newest = useMemo(() => {
    let last = "";
    for (const message of messages.values()) if (message.ts > last) last = message.ts;
    return last;
  }, [messages]);
  if (messages.size && started.current?.person !== person) started.current = { person, newest };
  useEffect(() => {
    if (open) seen.current.set(`${person} ${open}`, newest);
  }, [open, person, newest]);
  return useMemo(() => {
    const found = new Map<string, number>();
    for (const message of messages.values()) {
      const since = seen.current.get(`${person} ${message.channel}`) ?? started.current?.newest ?? "";
      if (message.channel !== open && message.ts > since) found.set(message.channel, (found.get(message.channel) ?? 0) + 1);
    }
    return found;
  }, [messages, open, person]);
}

// What is the matter just now, if anything.
function Weather({ state, online, deactivated }: { state: State; online: boolean; deactivated: string }) {
  const told = [
    !online && "The workbench does not answer",
    state.bot && !state.bot.running && "The bot is not running",
    state.slack_is_down && "Slack’s API is down",
    state.vod_faults.length > 0 && `VOD misbehaves: ${[...new Set(state.vod_faults)].join(", ")}`,
    state.offset_seconds >= 60 && `Clock moved on by ${Math.round(state.offset_seconds / 360) / 10} h`,
    deactivated && `${deactivated} could not sign in to a real Slack; here, see that the bot refuses as well`,
  ].filter(Boolean);
  return (
    <p className="weather" role="status">
      {told.map((words) => (
        <span key={String(words)}>{words}</span>
      ))}
    </p>
  );
}
