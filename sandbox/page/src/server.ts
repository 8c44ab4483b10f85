// Asks the workbench's server, and tells it what the person did.
import type { File as Uploaded, Medium, Message, Notification, Outcome, Removed, State } from "./types";

export class Refused extends Error {}

async function answer<T>(request: Promise<Response>): Promise<T> {
  const response = await request.catch(() => {
    throw new Refused("The workbench does not answer. Is the demo still running?");
  });
  const body = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Refused(body.error ?? `error ${response.status}`);
  return body;
}

function ask<T>(path: string, query: Record<string, string | number> = {}): Promise<T> {
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return answer<T>(fetch(`/api/${path}?${words}`));
}

type Act =
  | "say"
  | "share"
  | "shortcut"
  | "global_shortcut"
  | "press"
  | "press_in_modal"
  | "choose_in_modal"
  | "open_home"
  | "press_at_home"
  | "suggest"
  | "submit"
  | "close";

export function act(name: Act, asked: object): Promise<Outcome> {
  return answer<Outcome>(fetch(`/api/${name}`, { method: "POST", body: JSON.stringify(asked) }));
}

const LARGEST_MB = 32;

export function upload(person: string, file: File): Promise<Uploaded> {
  if (file.size > LARGEST_MB * 2 ** 20) {
    return Promise.reject(new Refused(`${file.name} is too large: the local Slack takes up to ${LARGEST_MB} MB.`));
  }
  const words = new URLSearchParams({ person, name: file.name });
  return answer<Uploaded>(fetch(`/api/upload?${words}`, { method: "POST", body: file }));
}

export function play(scene: string): Promise<object> {
  return answer<object>(fetch(`/api/scenes/${scene}`, { method: "POST" }));
}

export const readState = () => ask<State>("state");

export interface NewMessages {
  revision: number;
  messages: Message[];
  gone: string[];
  notified: Notification[];
}
export const readMessages = (person: string, since: number) => ask<NewMessages>("messages", { person, since });

export interface NewMedia {
  revision: number;
  media: Medium[];
  gone: string[];
  removed: Removed[];
}
export const readLibrary = (since: number, removed: number) => ask<NewMedia>("library", { since, removed });

export async function readFile(id: string): Promise<string> {
  const response = await fetch(`/api/files/${id}`);
  if (!response.ok) throw new Refused("The file is not there any more.");
  return response.text();
}
