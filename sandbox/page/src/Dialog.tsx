// A dialog that holds the keyboard until it is closed: the browser's own.
import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  className?: string;
  // Another one is on top of it: it keeps what is in it, unseen.
  isCovered?: boolean;
}

export function Dialog({ title, onClose, children, className = "", isCovered = false }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const dialog = box.current!;
    const before = document.activeElement as HTMLElement | null;
    if (isCovered) return;
    if (!dialog.open) dialog.showModal();
    return () => {
      dialog.close();
      before?.focus();
    };
  }, [isCovered]);

  return (
    <dialog
      ref={box}
      className={`dialog ${className}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === box.current && onClose()}
    >
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="icon" aria-label="Close" onClick={onClose}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
