// The media library: what there is and what is gone, windowed so that ten thousand stay smooth.
import { proposalOf } from "./conversations";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { Medium, Message, Removed } from "./types";
import { clockTime, length, size, visible } from "./words";

const ROW_PX = 74;

interface Props {
  media: Map<string, Medium>;
  removed: Removed[];
  namedIn: Map<string, Message>;
  insert: (words: string) => void;
  show: (message: Message) => void;
  close: () => void;
}

type Row = { kind: "there"; medium: Medium; lost: Removed[] } | { kind: "gone"; removed: Removed };

export function Library({ media, removed, namedIn, insert, show, close }: Props) {
  const [wanted, setWanted] = useState("");
  const [kind, setKind] = useState("all");
  const box = useRef<HTMLDivElement>(null);
  const all = useMemo(() => arranged(media, removed), [media, removed]);
  const found = useMemo(() => all.filter((row) => fits(row, wanted, kind)), [all, wanted, kind]);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => keyOf(found[index]!),
  });

  return (
    <section className="panel library" aria-label="Media library">
      <header className="panel-head">
        <h2>Media library</h2>
        <button type="button" className="icon only-narrow" aria-label="Close the media library" onClick={close}>
          ✕
        </button>
      </header>
      <div className="library-tools">
        <input
          type="search"
          placeholder="Title or id"
          aria-label="Search the media library"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <select aria-label="Show" value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="all">All</option>
          <option value="video">Videos</option>
          <option value="image">Images</option>
          <option value="gone">Gone</option>
        </select>
      </div>
      <p className="quiet library-count" role="status">
        {counted(found)}
        {found.length < all.length && ` of ${counted(all)}`} · click one to put its id into the message
      </p>
      <div ref={box} className="panel-scroll" tabIndex={0} role="region" aria-label="Media">
        <ul className="media" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const row = found[item.index]!;
            return (
              <li
                key={item.key}
                style={{ transform: `translateY(${item.start}px)`, height: ROW_PX }}
                aria-setsize={found.length}
                aria-posinset={item.index + 1}
              >
                {row.kind === "there" ? (
                  <There medium={row.medium} lost={row.lost} insert={insert} />
                ) : (
                  <Gone removed={row.removed} message={namedIn.get(row.removed.id)} show={show} />
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function There({ medium, lost, insert }: { medium: Medium; lost: Removed[]; insert: (words: string) => void }) {
  const title = visible(medium.title);
  return (
    <div className="medium">
      <Picture url={medium.picture} />
      <div className="medium-words">
        <button type="button" className="medium-title" title={medium.title} onClick={() => insert(medium.id)}>
          {title}
        </button>
        <span className="medium-facts">
          {medium.status !== "Normal" && <strong className="flag">{medium.status}</strong>}
          {medium.kind === "image" ? "Image" : length(medium.duration ?? 0)} · {size(medium.size)}
          {medium.kind === "video" && medium.source !== "Normal" && (
            <s> {medium.source === "Deleted" || !medium.source ? "source file" : ""}</s>
          )}
        </span>
        {medium.kind === "video" && (
          <span className="streams">
            {medium.streams.map(([definition, format, job, bytes]) => (
              <button
                key={job}
                type="button"
                title={`${format}, ${size(bytes)}, job ${job}`}
                aria-label={`Stream ${definition} of ${title}: put its job id into the message`}
                onClick={() => insert(job)}
              >
                {definition}
              </button>
            ))}
            {lost
              .filter((one) => one.level === "stream")
              .map((one) => (
                <s key={one.part} title={`Gone since ${clockTime(one.at)}, job ${one.part}`}>
                  stream
                </s>
              ))}
            {medium.streams.length === 0 && <span className="quiet">no streams</span>}
          </span>
        )}
      </div>
    </div>
  );
}

function Gone({ removed, message, show }: { removed: Removed; message: Message | undefined; show: (message: Message) => void }) {
  return (
    <div className="medium gone">
      <Picture url={null} />
      <div className="medium-words">
        <s className="medium-title">{visible(removed.title)}</s>
        <span className="medium-facts">
          {removed.level === "image" ? "Image" : "Video"} gone at {clockTime(removed.at)} · {size(removed.size)}
        </span>
        {message && (
          <button type="button" className="link" onClick={() => show(message)}>
            Proposal #{proposalOf(message)}
          </button>
        )}
      </div>
    </div>
  );
}

function Picture({ url }: { url: string | null }) {
  return url ? <img src={url} alt="" loading="lazy" width={96} height={54} /> : <span className="no-picture" aria-hidden="true" />;
}

// What is gone stands first, newest first: it is what just happened.
function arranged(media: Map<string, Medium>, removed: Removed[]): Row[] {
  const lost = new Map<string, Removed[]>();
  const gone: Row[] = [];
  for (const one of removed) {
    if (one.level === "video" || one.level === "image") {
      if (!media.has(one.id)) gone.unshift({ kind: "gone", removed: one });
    } else lost.set(one.id, [...(lost.get(one.id) ?? []), one]);
  }
  const there = [...media.values()]
    .sort((a, b) => b.created - a.created)
    .map((medium): Row => ({ kind: "there", medium, lost: lost.get(medium.id) ?? [] }));
  return [...gone, ...there];
}

// What is gone is told apart: it is not there any more.
function counted(rows: Row[]): string {
  const gone = rows.filter((row) => row.kind === "gone").length;
  const there = (rows.length - gone).toLocaleString("en-GB");
  return gone ? `${there} there and ${gone.toLocaleString("en-GB")} gone` : there;
}

function fits(row: Row, wanted: string, kind: string): boolean {
  const thing = row.kind === "gone" ? row.removed : row.medium;
  if (kind === "gone" ? row.kind !== "gone" : kind !== "all" && !(row.kind === "there" && row.medium.kind === kind)) {
    return false;
  }
  const text = wanted.trim().toLowerCase();
  return !text || thing.title.toLowerCase().includes(text) || thing.id.includes(text);
}

function keyOf(row: Row): string {
  return row.kind === "gone" ? `gone ${row.removed.id}` : row.medium.id;
}
