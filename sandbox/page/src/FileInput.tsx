// The field of a form that takes files: chosen or dropped there, uploaded at once as in Slack, and removable.
import { useEffect, useRef, useState } from "react";
import { ChosenFile } from "./ChosenFile";
import { Refused, upload } from "./server";
import type { Element, File as Uploaded } from "./types";
import { useDrop } from "./drop";

const MOST_FILES = 10;

interface Props {
  id: string;
  element: Element;
  about: string | undefined;
  wrong: boolean;
  person: string;
  // The ids of the files, separated by commas, and what is wrong with the last choice ("" when nothing is).
  change: (value: string, trouble: string) => void;
}

export function FileInput({ id, element, about, wrong, person, change }: Props) {
  const [files, setFiles] = useState<Uploaded[]>([]);
  const [coming, setComing] = useState<File[]>([]);
  const box = useRef<HTMLDivElement>(null);
  // What had the keyboard goes when a file comes or goes: where it is to be once the other one is there.
  const next = useRef<"button" | "input" | null>(null);
  const most = element.max_files ?? MOST_FILES;
  const types = (element.filetypes ?? []).map((each) => each.toLowerCase());
  const isFull = files.length + coming.length >= most;

  function settle(now: Uploaded[], trouble: string) {
    setFiles(now);
    change(now.map((each) => each.id).join(","), trouble);
  }

  async function take(chosen: File[]) {
    const fit = chosen.filter((each) => !types.length || types.includes(typeOf(each.name)));
    const unfit = chosen.find((each) => !fit.includes(each));
    let trouble = unfit ? `${unfit.name} cannot be used here. Choose a file of type ${listed(types)}.` : "";
    if (files.length + coming.length + fit.length > most) {
      settle(files, most === 1 ? "Only one file can be given here." : `Up to ${most} files can be given here.`);
      return;
    }
    if (files.length + fit.length >= most) next.current = "button";
    setComing(fit);
    let now = files;
    for (const each of fit) {
      try {
        now = [...now, await upload(person, each)];
      } catch (error) {
        trouble = error instanceof Refused ? error.message : String(error);
      }
    }
    setComing([]);
    if (fit.length && now.length < most) next.current = "input";
    settle(now, trouble);
  }

  useEffect(() => {
    const there = next.current && box.current?.querySelector<HTMLElement>(next.current);
    if (!there) return;
    there.focus();
    next.current = null;
  });

  function remove(file: Uploaded) {
    next.current = "input";
    settle(
      files.filter((each) => each !== file),
      "",
    );
  }

  const [isOver, drop] = useDrop((dropped) => void take(dropped));

  return (
    <div ref={box} className="file-input" {...drop}>
      {files.length + coming.length > 0 && (
        <ul className="chosen-files" aria-label="Chosen files">
          {files.map((file) => (
            <ChosenFile key={file.id} name={file.name} bytes={file.size} remove={() => remove(file)} />
          ))}
          {coming.map((file) => (
            <ChosenFile key={file.name} name={file.name} bytes={file.size} busy remove={() => {}} />
          ))}
        </ul>
      )}
      {!isFull && (
        <>
          <input
            id={id}
            className="unseen"
            type="file"
            multiple={most > 1}
            accept={types.map((each) => `.${each}`).join(",") || undefined}
            aria-describedby={about}
            aria-invalid={wrong}
            onChange={(event) => {
              void take([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <label htmlFor={id} className={`drop-zone ${isOver ? "over" : ""} ${wrong ? "wrong" : ""}`}>
            <span className="button">{most === 1 ? "Choose a file" : "Choose files"}</span>
            <span className="quiet">or drag {most === 1 ? "it" : "them"} here</span>
          </label>
        </>
      )}
    </div>
  );
}

function typeOf(name: string): string {
  return name.includes(".") ? name.split(".").at(-1)!.toLowerCase() : "";
}

function listed(types: string[]): string {
  const named = types.map((each) => each.toUpperCase());
  return named.length > 1 ? `${named.slice(0, -1).join(", ")} or ${named.at(-1)}` : (named[0] ?? "");
}
