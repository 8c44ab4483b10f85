// The shapes in which the workbench's server tells the page about its world.

export interface Text {
  type: "plain_text" | "mrkdwn";
  text: string;
  emoji?: boolean;
  verbatim?: boolean;
}

export interface Confirm {
  title: Text;
  text: Text;
  confirm: Text;
  deny: Text;
  style?: string;
}

export interface Option {
  text: Text;
  value: string;
  description?: Text;
}

// Blocks and their elements are Slack's own JSON; only what is looked at here is named.
export interface Element {
  type: string;
  action_id?: string;
  text?: Text;
  style?: string;
  url?: string;
  confirm?: Confirm;
  placeholder?: Text;
  initial_value?: string;
  initial_date?: string;
  initial_option?: Option;
  initial_options?: Option[];
  multiline?: boolean;
  min_length?: number;
  max_length?: number;
  options?: Option[];
  filetypes?: string[];
  max_files?: number;
  min_query_length?: number;
  visible_to_user_ids?: string[];
}

export interface Block {
  type: string;
  block_id?: string;
  text?: Text;
  label?: Text;
  hint?: Text;
  optional?: boolean;
  dispatch_action?: boolean;
  element?: Element;
  elements?: Element[];
  accessory?: Element;
}

export interface File {
  id: string;
  name: string;
  title: string;
  size: number;
  mode?: string;
}

export interface Message {
  key: string;
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks?: Block[];
  thread_ts?: string;
  is_reply: boolean;
  broadcast: boolean;
  is_app: boolean;
  ephemeral_to: string | null;
  edited?: object;
  files: File[];
  version: number;
}

export interface Person {
  key: string;
  id: string;
  name: string;
  label: string;
  role: string;
  locale: string;
  is_bot: boolean;
  is_stranger: boolean;
  deleted: boolean;
  notified: number;
}

export interface Channel {
  id: string;
  name: string;
  members: string[];
  is_archived: boolean;
  direct_to: string | null;
}

export interface View {
  id: string;
  previous_view_id: string | null;
  hash: string;
  title: Text;
  submit: Text | null;
  close: Text | null;
  blocks: Block[];
}

export interface HomeView {
  id: string;
  hash: string;
  blocks: Block[];
}

export interface Command {
  text: string;
  usage: string;
  means: string;
}

export interface Shortcut {
  app: string;
  name: string;
  callback_id: string;
  description: string;
}

export interface Step {
  words: string;
  held: boolean | null;
  is_check: boolean;
}

export interface Scene {
  key: string;
  title: string;
  expect: string;
  ends_as: string;
  possible: boolean;
  outcome: "idle" | "playing" | "held" | "broken";
  steps: Step[];
}

export interface State {
  boot: string;
  people: Person[];
  channels: Channel[];
  commands: Command[];
  shortcuts: Shortcut[];
  global_shortcuts: Shortcut[];
  modals: Record<string, View>;
  homes: Record<string, HomeView>;
  offset_seconds: number;
  bot: { running: boolean } | null;
  slack_is_down: boolean;
  vod_faults: string[];
  delete_calls: number;
  scenes: Scene[];
}

// [definition, format, job id, bytes]
export type Stream = [string, string, string, number];

export interface Medium {
  kind: "video" | "image";
  id: string;
  title: string;
  status: string;
  size: number;
  duration?: number;
  picture: string | null;
  created: number;
  source?: string | null;
  streams: Stream[];
}

export interface Removed {
  level: "video" | "stream" | "mezzanine" | "image" | "snapshots";
  id: string;
  part: string;
  title: string;
  size: number;
  at: number;
}

export interface Outcome {
  error: string | null;
  field_errors: Record<string, string>;
  modal: View | null;
  options?: Option[];
}

// What a person's device would show them of a new message.
export interface Notification {
  why: string;
  channel: string;
  ts: string;
  text: string;
}
