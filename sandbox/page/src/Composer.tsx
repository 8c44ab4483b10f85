// Where a person types: words and slash commands, with the commands completed and their usage shown.
import { forwardRef, useId, useImperativeHandle, useRef, useState } from "react";
import { ChosenFile } from "./ChosenFile";
import { useDrop } from "./drop";
import { MoreActions } from "./MoreActions";
import { act, Refused, upload } from "./server";
import type { Command, Shortcut } from "./types";
import { ERRORS } from "./words";

const MOST_FILES = 10;

export interface ComposerHandle {
  insert: (words: string) => void;
  focus: () => void;
}

interface Props {
  person: string;
  channel: string;
  thread?: string;
  commands: Command[];
  shortcuts?: Shortcut[];
  where: string;
}

export const Composer = forwardRef<ComposerHandle, Props>(function Composer(props, ref) {
  const { person, channel, thread, commands, shortcuts = [], where } = props;
  const [text, setText] = useState("");
  const [picked, setPicked] = useState(0);
  const [dismissed, setDismissed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const line = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const [isOver, drop] = useDrop(attach);

  const offered = dismissed || !text.startsWith("/") ? [] : commands.filter((each) => each.text.startsWith(text) && each.text !== text);
  const current = commands.filter((each) => text.startsWith(each.text)).sort((a, b) => b.text.length - a.text.length)[0];

  useImperativeHandle(ref, () => ({
    focus: () => line.current?.focus(),
    insert: (words) => {
      setText((before) => withWords(before, words));
      line.current?.focus();
    },
  }));

  function take(command: Command) {
    setText(command.text);
    setPicked(0);
    line.current?.focus();
  }

  function attach(chosen: File[]) {
    const all = [...files, ...chosen];
    setTrouble(all.length > MOST_FILES ? `A message takes up to ${MOST_FILES} files.` : "");
    setFiles(all.slice(0, MOST_FILES));
    line.current?.focus();
  }

  async function give(words: string) {
    const asked = { person, channel, text: words, thread_ts: thread };
    if (!files.length) return act("say", asked);
    if (words.startsWith("/")) throw new Refused("A command takes no files. Remove the file, or write a message with it.");
    const ids = [];
    for (const file of files) ids.push((await upload(person, file)).id);
    const outcome = await act("share", { ...asked, files: ids });
    setFiles([]);
    return outcome;
  }

  async function run(shortcut: Shortcut) {
    try {
      const outcome = await act("global_shortcut", { person, callback_id: shortcut.callback_id });
      setTrouble(outcome.error ? (ERRORS[outcome.error] ?? outcome.error) : "");
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
  }

  async function send() {
    const words = text.trim();
    if (!(words || files.length) || busy) return;
    setBusy(true);
    setTrouble("");
    try {
      const outcome = await give(words);
      if (outcome.error) setTrouble(ERRORS[outcome.error] ?? outcome.error);
      if (outcome.error !== "not_in_workspace") setText("");
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
    setBusy(false);
    line.current?.focus();
  }

  function onKeyDown(event: React.KeyboardEvent) {
    if (offered.length) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        setPicked((picked + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length);
        return;
      }
      if (event.key === "Tab" || event.key === "Enter") {
        event.preventDefault();
        take(offered[Math.min(picked, offered.length - 1)]!);
        return;
      }
      if (event.key === "Escape") {
        setDismissed(true);
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  }

  return (
    <form
      className={`composer ${isOver ? "over" : ""}`}
      {...drop}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {offered.length > 0 && (
        <ul className="offers" id={`${id}-offers`} role="listbox" aria-label="Commands">
          {offered.map((command, index) => (
            <li
              key={command.text}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === picked}
              onMouseDown={(event) => {
                event.preventDefault();
                take(command);
              }}
            >
              <code>{command.text.trim()}</code> <span className="quiet">{command.usage}</span>
              <span className="offer-means">{command.means}</span>
            </li>
          ))}
        </ul>
      )}
      {trouble && (
        <p className="trouble" role="alert">
          {trouble}
        </p>
      )}
      {current?.usage && !offered.length && (
        <p className="usage" id={`${id}-usage`}>
          <code>
            {current.text}
            {current.usage}
          </code>
        </p>
      )}
      {files.length > 0 && (
        <ul className="chosen-files" aria-label="Files of the message">
          {files.map((file, index) => (
            <ChosenFile
              key={`${file.name} ${index}`}
              name={file.name}
              bytes={file.size}
              busy={busy}
              remove={() => {
                setFiles(files.filter((each) => each !== file));
                line.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <div className="composer-line">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attach([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <button
          type="button"
          className="icon attach"
          aria-label="Attach files"
          title="Attach files"
          onClick={() => picker.current?.click()}
        >
          <Paperclip />
        </button>
        {shortcuts.length > 0 && <MoreActions shortcuts={shortcuts} run={run} label="Shortcuts" sign="+" className="icon attach" />}
        <textarea
          ref={line}
          rows={Math.min(6, Math.max(1, Math.ceil(text.length / 90)))}
          value={text}
          placeholder={commands.length ? "Message or /command" : "Reply"}
          aria-label={`Message ${where}`}
          role={commands.length ? "combobox" : undefined}
          aria-autocomplete={commands.length ? "list" : undefined}
          aria-expanded={commands.length ? offered.length > 0 : undefined}
          aria-controls={offered.length ? `${id}-offers` : undefined}
          aria-activedescendant={offered.length ? `${id}-${Math.min(picked, offered.length - 1)}` : undefined}
          onChange={(event) => {
            setText(event.target.value);
            setPicked(0);
            setDismissed(false);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="button primary" disabled={busy || !(text.trim() || files.length)} aria-busy={busy}>
          Send
        </button>
      </div>
    </form>
  );
});

function Paperclip() {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <path d="M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3a1.6 1.6 0 0 1-2.3-2.3l7.5-7.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

// An id goes before the reason, where the command wants it.
function withWords(before: string, words: string): string {
  const [head, ...tail] = before.split(" --");
  const start = head?.trimEnd() ?? "";
  const base = start ? `${start} ${words}` : words;
  return tail.length ? `${base} --${tail.join(" --")}` : `${base} `;
}
