// A Bolt app for JavaScript, and @slack/web-api, on the sandbox's Slack: by HTTP, or by Socket Mode.
import { createInterface } from "node:readline";
import bolt from "@slack/bolt";
import { WebClient } from "@slack/web-api";

const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, CHANNEL, SOCKET_MODE } = process.env;
const say = (about, value) => console.log(JSON.stringify({ about, value }));

const common = { token: SLACK_BOT_TOKEN, clientOptions: { slackApiUrl: SLACK_API_URL } };
const app = new bolt.App(
  SOCKET_MODE
    ? { ...common, appToken: SLACK_APP_TOKEN, socketMode: true }
    : { ...common, signingSecret: SLACK_SIGNING_SECRET },
);

app.command("/vod", async ({ ack, command, respond }) => {
  await ack(`You said: ${command.text}`);
  await respond({ text: "and this came by the response URL", response_type: "ephemeral" });
});
app.action("approve", async ({ ack, action, body, client }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `approved by ${body.user.id}: ${action.value}` });
});

async function calls() {
  const web = new WebClient(SLACK_BOT_TOKEN, { slackApiUrl: SLACK_API_URL });
  const me = await web.auth.test();
  const button = { type: "button", action_id: "approve", value: "7", text: { type: "plain_text", text: "Approve" } };
  const posted = await web.chat.postMessage({
    channel: CHANNEL,
    text: "a card",
    blocks: [{ type: "section", text: { type: "mrkdwn", text: "a *card*" } }, { type: "actions", elements: [button] }],
    metadata: { event_type: "card", event_payload: { number: 7 } },
  });
  await web.chat.postMessage({ channel: CHANNEL, thread_ts: posted.ts, text: "a reply" });
  const uploaded = await web.filesUploadV2({
    channel_id: CHANNEL,
    thread_ts: posted.ts,
    filename: "list.csv",
    content: "id,title\r\n1,äöü 媒体\r\n",
  });
  const history = await web.conversations.history({ channel: CHANNEL, include_all_metadata: true });
  const card = history.messages.find((each) => each.ts === posted.ts);
  let unknown = "";
  try {
    await web.users.info({ user: "U0NOBODY" });
  } catch (error) {
    unknown = error.data.error;
  }
  return {
    bot: me.user_id,
    scopes: posted.response_metadata.scopes,
    accepted: posted.response_metadata.acceptedScopes,
    replies: card.reply_count,
    metadata: card.metadata.event_payload.number,
    file: uploaded.files[0].files[0].id,
    unknown,
  };
}

if (SOCKET_MODE) {
  await app.start();
  say("connected", true);
} else {
  const server = await app.start({ port: 0, host: "127.0.0.1" });
  say("port", server.address().port);
}
say("calls", await calls());
createInterface({ input: process.stdin }).on("close", async () => {
  await app.stop();
  process.exit(0);
});
