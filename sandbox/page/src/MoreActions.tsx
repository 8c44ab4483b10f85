// A menu with the app's shortcuts, of a message or of those that are offered everywhere; over everything else, moved in by the arrow keys.
import { useEffect, useId, useRef, useState } from "react";
import type { Shortcut } from "./types";

interface Props {
  shortcuts: Shortcut[];
  run: (shortcut: Shortcut) => Promise<void>;
  label?: string;
  sign?: string;
  className?: string;
}

export function MoreActions({ shortcuts, run, label = "More actions", sign = "⋯", className = "tool" }: Props) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLUListElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const it = menu.current!;
    // Over everything, it moves with its message only if it is moved: also when a new message scrolls the channel.
    const place = () => {
      const at = button.current!.getBoundingClientRect();
      const below = at.bottom + 4 + it.offsetHeight < window.innerHeight;
      it.style.top = `${below ? at.bottom + 4 : Math.max(4, at.top - 4 - it.offsetHeight)}px`;
      it.style.left = `${Math.max(4, at.right - it.offsetWidth)}px`;
    };
    it.showPopover();
    place();
    it.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
    document.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    return () => {
      document.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
    };
  }, [open]);

  function close() {
    setOpen(false);
    button.current?.focus();
  }

  async function choose(shortcut: Shortcut) {
    close();
    setBusy(true);
    await run(shortcut);
    setBusy(false);
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const items = [...menu.current!.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const now = items.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 };
    if (event.key in to) {
      event.preventDefault();
      items.at(to[event.key]! % items.length)?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      close();
    }
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-busy={busy}
        onClick={() => setOpen(!open)}
      >
        {busy ? <span className="spinner" aria-hidden="true" /> : sign}
      </button>
      {open && (
        <ul
          ref={menu}
          id={id}
          className="menu"
          role="menu"
          aria-label={label}
          popover="manual"
          onKeyDown={onKeyDown}
          onBlur={(event) => {
            const to = event.relatedTarget;
            if (to !== button.current && !menu.current?.contains(to)) setOpen(false);
          }}
        >
          {shortcuts.map((shortcut) => (
            <li key={shortcut.callback_id} role="none">
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                title={shortcut.description}
                onClick={() => void choose(shortcut)}
              >
                <span>{shortcut.name}</span>
                <span className="quiet">{shortcut.app}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
