// The app's Home tab as a person sees it in Slack: the app is told that it was opened, and shows what it likes.
import { useEffect, useState } from "react";
import { Actions } from "./Actions";
import { isInteractive, parts } from "./blocks";
import { Drawn, type Names } from "./Drawn";
import { act, Refused } from "./server";
import type { Block, HomeView, Outcome } from "./types";
import { ERRORS } from "./words";

interface Props {
  view: HomeView | undefined;
  person: string;
  names: Names;
}

export function Home({ view, person, names }: Props) {
  const [trouble, setTrouble] = useState("");

  async function send(asking: Promise<Outcome>) {
    setTrouble("");
    try {
      const { error } = await asking;
      if (error) setTrouble(ERRORS[error] ?? error);
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
  }

  useEffect(() => void send(act("open_home", { person })), [person]);

  const press = (block: Block, actionId: string) =>
    send(act("press_at_home", { person, block_id: block.block_id, action_id: actionId }));

  return (
    <div className="conversation home" tabIndex={0} role="region" aria-label="Home">
      {trouble && (
        <p className="trouble" role="alert">
          {trouble}
        </p>
      )}
      {view ? (
        view.blocks.map((block) => (
          <div key={block.block_id} className={isInteractive(block.accessory) ? "home-row with-button" : "home-row"}>
            {parts([block]).map((part, index) =>
              part.kind === "drawn" ? (
                <Drawn key={index} blocks={part.blocks} names={names} />
              ) : part.kind === "actions" ? (
                <Actions key={index} block={part.block} person={person} press={(id) => press(block, id)} />
              ) : null,
            )}
          </div>
        ))
      ) : (
        <p className="quiet nothing">The app has shown nothing here yet.</p>
      )}
    </div>
  );
}
