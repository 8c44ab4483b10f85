// A modal that the app opened: its words, its fields with what is wrong about them, and its buttons.
import { useEffect, useId, useRef, useState } from "react";
import { Actions } from "./Actions";
import { Choices } from "./Choices";
import { parts } from "./blocks";
import { Dialog } from "./Dialog";
import { Drawn, type Names } from "./Drawn";
import { FileInput } from "./FileInput";
import { Search } from "./Search";
import { act, Refused } from "./server";
import type { Block, Element, Outcome, View } from "./types";
import { ERRORS } from "./words";

const FIELDS = "input,textarea,select";

interface Props {
  view: View;
  person: string;
  names: Names;
}

// The views that are on top of each other. Those below keep what was typed into them, as in Slack.
export function Modals({ view, person, names }: Props) {
  const below = useRef<View[]>([]);
  const at = below.current.findIndex((each) => each.id === view.id || each.id === view.previous_view_id);
  const isPushed = at >= 0 && below.current[at]!.id !== view.id;
  below.current = [...below.current.slice(0, isPushed ? at + 1 : Math.max(at, 0)), view];
  return below.current.map((each) => (
    <Modal key={each.id} view={each} person={person} names={names} isCovered={each !== view} />
  ));
}

function Modal({ view, person, names, isCovered }: Props & { isCovered: boolean }) {
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);

  // As in Slack, the first field has the keyboard.
  useEffect(() => document.querySelector<HTMLElement>(`[data-block] :is(${FIELDS})`)?.focus(), []);

  // A field that is not there any more has nothing in it.
  function given(more: Record<string, string> = {}) {
    const there = new Set(view.blocks.map((block) => block.block_id));
    return Object.fromEntries(Object.entries({ ...answers, ...more }).filter(([block]) => there.has(block)));
  }

  // What was wrong with a field is not said of what is in it now.
  function change(block: string, value: string, trouble: string) {
    setAnswers((before) => ({ ...before, [block]: value }));
    setErrors(({ [block]: _, ...others }) => (trouble ? { ...others, [block]: trouble } : others));
  }

  async function send(asking: Promise<Outcome>) {
    setTrouble("");
    try {
      const outcome = await asking;
      setErrors(outcome.field_errors);
      const first = Object.keys(outcome.field_errors)[0];
      if (first) document.querySelector<HTMLElement>(`[data-block="${CSS.escape(first)}"] :is(${FIELDS},button)`)?.focus();
      if (outcome.error) setTrouble(`We had some trouble connecting. Try again? ${ERRORS[outcome.error] ?? ""}`);
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : String(error));
    }
  }

  async function submit() {
    setBusy(true);
    await send(act("submit", { person, answers: given() }));
    setBusy(false);
  }

  return (
    <Dialog title={view.title.text} className="modal" isCovered={isCovered} onClose={() => void act("close", { person }).catch(() => {})}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="modal-body">
          {parts(view.blocks).map((part, index) =>
            part.kind === "drawn" ? (
              <Drawn key={index} blocks={part.blocks} names={names} />
            ) : part.kind === "input" ? (
              <Field
                key={part.block.block_id}
                block={part.block}
                error={errors[part.block.block_id ?? ""]}
                person={person}
                change={(value, trouble = "") => {
                  const field = part.block.block_id ?? "";
                  change(field, value, trouble);
                  if (part.block.dispatch_action && value) {
                    void send(act("choose_in_modal", { person, field, answers: given({ [field]: value }) }));
                  }
                }}
              />
            ) : (
              <Actions
                key={index}
                block={part.block}
                person={person}
                press={(actionId) => send(act("press_in_modal", { person, action_id: actionId, answers: given() }))}
              />
            ),
          )}
        </div>
        {trouble && (
          <p className="trouble" role="alert">
            {trouble}
          </p>
        )}
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={() => void act("close", { person }).catch(() => {})}>
            {view.close?.text ?? "Cancel"}
          </button>
          {view.submit && (
            <button type="submit" className="button primary" aria-busy={busy} disabled={busy}>
              {view.submit.text}
              {busy && <span className="spinner" aria-hidden="true" />}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  block: Block;
  error: string | undefined;
  person: string;
  change: Change;
}

type Change = (value: string, trouble?: string) => void;

function Field({ block, error, person, change }: FieldProps) {
  const id = useId();
  const element = block.element!;
  const isGroup = element.type === "checkboxes" || element.type === "multi_static_select";
  const about = [error ? `${id}-error` : "", block.hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return (
    <div className="field" data-block={block.block_id}>
      <label id={`${id}-label`} htmlFor={isGroup ? undefined : id}>
        {block.label?.text}
        {block.optional && <span className="quiet"> (optional)</span>}
      </label>
      <Control id={id} field={block.block_id ?? ""} element={element} about={about} wrong={error !== undefined} person={person} change={change} />
      {error && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
      {block.hint && (
        <p id={`${id}-hint`} className="quiet">
          {block.hint.text}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  id: string;
  field: string;
  element: Element;
  about: string;
  wrong: boolean;
  person: string;
  change: Change;
}

function Control({ id, field, element, about, wrong, person, change }: ControlProps) {
  if (element.type === "file_input") {
    return <FileInput id={id} element={element} about={about || undefined} wrong={wrong} person={person} change={change} />;
  }
  if (element.type === "checkboxes" || element.type === "multi_static_select") {
    return <Choices id={id} element={element} about={about || undefined} wrong={wrong} change={change} />;
  }
  if (element.type === "multi_external_select") {
    return <Search id={id} field={field} element={element} about={about || undefined} wrong={wrong} person={person} change={change} />;
  }
  const shared = { id, "aria-describedby": about || undefined, "aria-invalid": wrong };
  if (element.type === "plain_text_input" && element.multiline) {
    return (
      <textarea
        {...shared}
        rows={4}
        defaultValue={element.initial_value}
        placeholder={element.placeholder?.text}
        onChange={(event) => change(event.target.value)}
      />
    );
  }
  if (element.options) {
    return (
      <select {...shared} defaultValue={element.initial_option?.value} onChange={(event) => change(event.target.value)}>
        <option value="">{element.placeholder?.text ?? "Choose…"}</option>
        {element.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text.text}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      {...shared}
      type={element.type === "datepicker" ? "date" : "text"}
      inputMode={element.type === "number_input" ? "numeric" : undefined}
      defaultValue={element.initial_value ?? element.initial_date}
      placeholder={element.placeholder?.text}
      onChange={(event) => change(event.target.value)}
    />
  );
}
