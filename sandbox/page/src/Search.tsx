// A menu of several whose options come from the app: found by typing, chosen with the keyboard or the pointer.
import { useEffect, useId, useRef, useState } from "react";
import { act, Refused } from "./server";
import type { Element, Option } from "./types";
import { ERRORS } from "./words";

const PAUSE_MS = 250;
const LEAST = 3;

interface Props {
  id: string;
  field: string;
  element: Element;
  about: string | undefined;
  wrong: boolean;
  person: string;
  change: (value: string) => void;
}

export function Search({ id, field, element, about, wrong, person, change }: Props) {
  const [chosen, setChosen] = useState<Option[]>(() => element.initial_options ?? []);
  const [typed, setTyped] = useState("");
  const [offered, setOffered] = useState<Option[] | null>(null);
  const [picked, setPicked] = useState(0);
  const [trouble, setTrouble] = useState("");
  const line = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  const list = useId();
  const least = element.min_query_length ?? LEAST;

  // What was asked for earlier may be answered later: only the newest answer is shown.
  useEffect(() => {
    const mine = ++asked.current;
    setTrouble("");
    if (typed.length < least) {
      setOffered(null);
      return;
    }
    const timer = setTimeout(async () => {
      try {
        const outcome = await act("suggest", { person, field, typed });
        if (mine !== asked.current) return;
        setOffered(outcome.options ?? []);
        setPicked(0);
        if (outcome.error) setTrouble(`Could not load options. ${ERRORS[outcome.error] ?? ""}`);
      } catch (error) {
        if (mine === asked.current) setTrouble(error instanceof Refused ? error.message : String(error));
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, least, person, field]);

  function settle(now: Option[]) {
    setChosen(now);
    change(now.map((each) => each.value).join("\n"));
    line.current?.focus();
  }

  function take(option: Option) {
    if (!chosen.some((each) => each.value === option.value)) settle([...chosen, option]);
    setTyped("");
  }

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.key === "Backspace" && !typed && chosen.length) settle(chosen.slice(0, -1));
    if (!offered?.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setPicked((picked + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(offered[picked]!);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setTyped("");
    }
  }

  return (
    <div className="search">
      {chosen.length > 0 && (
        <ul className="chosen-files" aria-label="Chosen">
          {chosen.map((option) => (
            <li key={option.value} className="chosen-file">
              <span className="file-words">{option.text.text}</span>
              <button
                type="button"
                className="icon"
                aria-label={`Remove ${option.text.text}`}
                onClick={() => settle(chosen.filter((each) => each !== option))}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        ref={line}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={!!offered?.length}
        aria-controls={offered?.length ? list : undefined}
        aria-activedescendant={offered?.length ? `${list}-${picked}` : undefined}
        aria-describedby={about}
        aria-invalid={wrong}
        placeholder={element.placeholder?.text}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {offered && offered.length > 0 && (
        <ul className="found" id={list} role="listbox" aria-label="Found">
          {offered.map((option, index) => (
            <li
              key={option.value}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === picked}
              onMouseDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              {option.text.text}
              {option.description && <span className="quiet"> {option.description.text}</span>}
            </li>
          ))}
        </ul>
      )}
      <p className="quiet" role="status">
        {trouble || (offered?.length === 0 ? "No results" : "")}
      </p>
    </div>
  );
}
