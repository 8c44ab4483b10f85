// The buttons of a message, with their confirm dialogs; a press is on its way until the app has answered.
import { useState } from "react";
import { buttonsOf } from "./blocks";
import { Dialog } from "./Dialog";
import { follow } from "./links";
import type { Block, Element } from "./types";

export type Press = (actionId: string) => Promise<void>;

export function Actions({ block, person, press }: { block: Block; person: string; press: Press }) {
  const [asking, setAsking] = useState<Element | null>(null);
  const [pressed, setPressed] = useState<string | null>(null);

  async function send(element: Element) {
    setAsking(null);
    setPressed(element.action_id ?? "");
    await press(element.action_id ?? "");
    setPressed(null);
  }

  return (
    <div className="actions">
      {buttonsOf(block, person).map((element) => (
        <button
          key={element.action_id}
          type="button"
          className={`button ${element.style ?? ""}`}
          aria-busy={pressed === element.action_id}
          onClick={() => {
            // As in Slack, a button with an address opens that, and the app is told of the press as well.
            if (element.url) follow(element.url);
            if (element.confirm) setAsking(element);
            else void send(element);
          }}
        >
          {element.text?.text}
          {pressed === element.action_id && <span className="spinner" aria-hidden="true" />}
        </button>
      ))}
      {asking?.confirm && (
        <Dialog title={asking.confirm.title.text} className="confirm" onClose={() => setAsking(null)}>
          <p className="literal">{asking.confirm.text.text}</p>
          <footer className="dialog-foot">
            <button type="button" className="button" onClick={() => setAsking(null)}>
              {asking.confirm.deny.text}
            </button>
            <button
              type="button"
              className={`button ${asking.confirm.style ?? "primary"}`}
              onClick={() => void send(asking)}
            >
              {asking.confirm.confirm.text}
            </button>
          </footer>
        </Dialog>
      )}
    </div>
  );
}
