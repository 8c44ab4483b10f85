// Several of a few options: a box to tick for each.
import { useState } from "react";
import type { Element } from "./types";

interface Props {
  id: string;
  element: Element;
  about: string | undefined;
  wrong: boolean;
  change: (value: string) => void;
}

export function Choices({ id, element, about, wrong, change }: Props) {
  const [chosen, setChosen] = useState(() => (element.initial_options ?? []).map((each) => each.value));
  const between = element.type === "checkboxes" ? "," : "\n";

  function tick(value: string, isTicked: boolean) {
    const now = (element.options ?? []).map((each) => each.value).filter((each) => (each === value ? isTicked : chosen.includes(each)));
    setChosen(now);
    change(now.join(between));
  }

  return (
    <div className="choices" role="group" aria-labelledby={`${id}-label`} aria-describedby={about} aria-invalid={wrong}>
      {(element.options ?? []).map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            checked={chosen.includes(option.value)}
            onChange={(event) => tick(option.value, event.target.checked)}
          />
          <span>
            {option.text.text}
            {option.description && <span className="quiet"> {option.description.text}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}
