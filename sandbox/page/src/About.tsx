// What is seen in place of a channel: what this page is and how to begin.
export function About({ openScenes, begin }: { openScenes: () => void; begin: () => void }) {
  return (
    <div className="about" tabIndex={0} role="region" aria-label="About">
      <h2>You are the team</h2>
      <p>
        Countersign makes deleting media a two-person act. Everything here runs on this machine: a local Slack, a local
        VOD with a made-up library, and the real bot between them. Nothing you do reaches anybody.
      </p>
      <ol>
        <li>
          As <strong>Ana</strong>, type <code>/vod delete video</code>, then click a title in the media library.
        </li>
        <li>
          Add <code>--reason "…"</code> and send. The card appears.
        </li>
        <li>
          Become <strong>Bo</strong> at the top, and click Approve.
        </li>
        <li>Watch the library shrink, the card change and #vod-audit fill.</li>
      </ol>
      <p className="about-buttons">
        <button type="button" className="button primary" onClick={begin}>
          Begin in #vod-deletions
        </button>
        <button type="button" className="button" onClick={openScenes}>
          Things to try
        </button>
      </p>
    </div>
  );
}
