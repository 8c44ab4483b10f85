// A file that somebody has chosen and not yet sent: its name, its size, and a way to take it out again.
import { size } from "./words";

interface Props {
  name: string;
  bytes: number;
  busy?: boolean;
  remove: () => void;
}

export function ChosenFile({ name, bytes, busy = false, remove }: Props) {
  return (
    <li className="chosen-file">
      <span className="file-words">
        <strong>{name}</strong>
        <span className="quiet">{busy ? "Uploading…" : size(bytes)}</span>
      </span>
      {busy ? (
        <span className="spinner" aria-hidden="true" />
      ) : (
        <button type="button" className="icon" aria-label={`Remove ${name}`} onClick={remove}>
          ✕
        </button>
      )}
    </li>
  );
}
