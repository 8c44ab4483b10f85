// Light or dark: as the machine is set, until the person says otherwise.
import { useEffect, useState } from "react";

export function ThemeButton() {
  const [theme, setTheme] = useState(() => document.documentElement.dataset.theme ?? "light");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    const machine = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => localStorage.getItem("theme") ?? setTheme(machine.matches ? "dark" : "light");
    machine.addEventListener("change", follow);
    return () => machine.removeEventListener("change", follow);
  }, []);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className="icon"
      aria-label={`Switch to ${other}`}
      title={`Switch to ${other}`}
      onClick={() => {
        localStorage.setItem("theme", other);
        setTheme(other);
      }}
    >
      {theme === "dark" ? "☀" : "☾"}
    </button>
  );
}
