// “Things to try”: each button plays a scene and shows, step by step, whether the promise held.
import { useState } from "react";
import { play } from "./server";
import type { Scene } from "./types";

const WORDS = { idle: "", playing: "Playing…", held: "It held", broken: "It did not hold" };

interface Props {
  scenes: Scene[];
  watch: (scene: Scene) => void;
  close: () => void;
}

export function Scenes({ scenes, watch, close }: Props) {
  const [trouble, setTrouble] = useState("");
  const playing = scenes.some((scene) => scene.outcome === "playing");

  function begin(scene: Scene) {
    setTrouble("");
    watch(scene);
    play(scene.key).catch((error: Error) => setTrouble(error.message));
  }

  return (
    <section className="panel" aria-label="Things to try">
      <header className="panel-head">
        <h2>Things to try</h2>
        <button type="button" className="icon" aria-label="Close things to try" onClick={close}>
          ✕
        </button>
      </header>
      <div className="panel-scroll" tabIndex={0} role="region" aria-label="Scenes">
      <p className="quiet">Each plays by itself on media nobody touched yet. Watch the channel beside it.</p>
      {trouble && (
        <p className="trouble" role="alert">
          {trouble}
        </p>
      )}
      <ul className="scenes">
        {scenes.map((scene) => (
          <li key={scene.key} className="scene" data-scene={scene.key} data-outcome={scene.outcome}>
            <div className="scene-head">
              <h3>{scene.title}</h3>
              <button
                type="button"
                className="button"
                disabled={playing || !scene.possible}
                aria-label={`Play: ${scene.title}`}
                onClick={() => begin(scene)}
              >
                Play
              </button>
            </div>
            <p>{scene.expect}</p>
            {!scene.possible && <p className="quiet">Needs the demo, which can start the bot again.</p>}
            <div role="status">
              {scene.outcome !== "idle" && (
                <p className={`verdict ${scene.outcome}`}>
                  <span aria-hidden="true">{{ playing: "…", held: "✓", broken: "✗" }[scene.outcome]}</span>{" "}
                  {WORDS[scene.outcome]}
                </p>
              )}
            </div>
            {scene.steps.length > 0 && (
              <ol className="steps">
                {scene.steps.map((step, index) => (
                  <li key={index} className={step.is_check ? "check" : ""}>
                    {step.is_check && (
                      <span className="mark">{step.held === null ? "waiting: " : step.held ? "✓ held: " : "✗ not so: "}</span>
                    )}
                    {step.words}
                  </li>
                ))}
              </ol>
            )}
          </li>
        ))}
      </ul>
      </div>
    </section>
  );
}
