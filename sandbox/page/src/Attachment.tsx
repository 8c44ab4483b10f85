// A file under a message; a CSV file opens as a table.
import { useEffect, useState } from "react";
import { rows } from "./csv";
import { Dialog } from "./Dialog";
import { readFile } from "./server";
import type { File } from "./types";
import { count, size } from "./words";

const SHOWN_ROWS = 500;

export function Attachment({ file }: { file: File }) {
  const [open, setOpen] = useState(false);
  if (file.mode === "tombstone") return <p className="quiet">This file was deleted.</p>;
  const isTable = file.name.endsWith(".csv");
  return (
    <div className="file">
      <span className="file-icon" aria-hidden="true">
        {isTable ? "CSV" : "FILE"}
      </span>
      <span className="file-words">
        <strong>{file.title || file.name}</strong>
        <span className="quiet">
          {file.title && file.title !== file.name && `${file.name} · `}
          {size(file.size)}
        </span>
      </span>
      {isTable && (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          Open {file.name}
        </button>
      )}
      <a className="button" href={`/api/files/${file.id}`} download={file.name}>
        Download
      </a>
      {open && <Table file={file} close={() => setOpen(false)} />}
    </div>
  );
}

function Table({ file, close }: { file: File; close: () => void }) {
  const [table, setTable] = useState<string[][] | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    readFile(file.id).then(
      (text) => setTable(rows(text)),
      (error: Error) => setTrouble(error.message),
    );
  }, [file.id]);
  const [head, ...body] = table ?? [];
  return (
    <Dialog title={file.name} className="wide" onClose={close}>
      {trouble && <p className="trouble">{trouble}</p>}
      {!table && !trouble && <p role="status">Opening…</p>}
      {head && (
        <>
          <p className="quiet">
            {count(body.length, "row")}
            {body.length > SHOWN_ROWS && `, of which the first ${SHOWN_ROWS} are shown`}
          </p>
          <div className="table-scroll" tabIndex={0} role="region" aria-label={`Contents of ${file.name}`}>
            <table>
              <thead>
                <tr>
                  {head.map((cell) => (
                    <th key={cell} scope="col">
                      {cell}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {body.slice(0, SHOWN_ROWS).map((row, index) => (
                  <tr key={index}>
                    {row.map((cell, column) => (
                      <td key={column}>{cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Dialog>
  );
}
