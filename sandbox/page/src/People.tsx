// The person switcher: everybody one can be, always in view.
import { Avatar } from "./Avatar";
import type { Person } from "./types";

export function People({ people, person, become }: { people: Person[]; person: string; become: (key: string) => void }) {
  return (
    <div className="people" role="radiogroup" aria-label="You are">
      {people.map((each) => (
        <label key={each.key} className="person" title={`${each.name}: ${each.role}`}>
          <input
            type="radio"
            name="person"
            value={each.key}
            checked={each.key === person}
            onChange={() => become(each.key)}
          />
          <Avatar person={each} name={each.name} />
          <span className="person-words">
            <strong>{each.label}</strong>
            <span>{each.role}</span>
          </span>
          {each.notified > 0 && (
            <span className="notified">
              {each.notified}
              <span className="unseen"> notifications</span>
            </span>
          )}
        </label>
      ))}
    </div>
  );
}
