// The square beside a message: initials on a colour of the person's own.
import type { Person } from "./types";
import { initials } from "./words";

const HUES: Record<string, number> = { ana: 285, bo: 205, cy: 150, dee: 30, gus: 60, eve: 340, kim: 0, sol: 90 };

export function Avatar({ person, name }: { person: Person | undefined; name: string }) {
  const hue = person ? (HUES[person.key] ?? 220) : 220;
  return (
    <span className={person?.is_bot ? "avatar bot" : "avatar"} style={{ "--hue": hue } as React.CSSProperties} aria-hidden="true">
      {person?.key === "countersign" ? "✓✓" : initials(person, name)}
    </span>
  );
}
