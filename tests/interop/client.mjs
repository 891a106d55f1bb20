// One page with the genuine WebIM SDK, driven by a test: one JSON command a line on stdin, one JSON
// event a line on stdout. A process each, because connections of one page share their state.
//
//   node client.mjs PACKAGE APPKEY CHAT_URL REST_URL

import { createInterface } from "node:readline";

// The SDK logs to the console; stdout belongs to the events.
for (const level of ["log", "info", "debug", "warn"]) {
  console[level] = console.error;
}
const tell = (event, argument) => process.stdout.write(`${JSON.stringify({ event, argument })}\n`);
process.on("uncaughtException", (error) => tell("uncaught", String(error.stack)));
process.on("unhandledRejection", (error) => tell("unhandled", String(error?.stack ?? error)));

await import("./window.mjs");
const [sdkPackage, appKey, url, apiUrl] = process.argv.slice(2);
const sdk = await import(sdkPackage);
const WebIM = sdk.default.default ?? sdk.default;
const connection = new WebIM.connection({
  appKey, url, apiUrl, https: false, isHttpDNS: false, isMultiLoginSessions: true,
});

const CALLBACKS = [
  "onOpened", "onClosed", "onError", "onTextMessage", "onCmdMessage", "onCustomMessage", "onLocationMessage",
  "onReadMessage", "onDeliveredMessage", "onChannelMessage", "onRecallMessage", "onReceivedMessage", "onMutedMessage",
  "onPresence", "onStatisticMessage",
];
// An error holds the SDK's own objects, some of them circular: its number and text are enough.
const plain = (name, argument) =>
  name === "onError" ? { type: argument?.type, message: argument?.message, data: String(argument?.data) } : argument;
connection.listen(Object.fromEntries(CALLBACKS.map((name) => [name, (argument) => tell(name, plain(name, argument))])));

function send({ type, to, chatType, id, ...content }) {
  const message = new WebIM.message(type, id ?? connection.getUniqueId());
  message.set({
    ...content,
    to,
    chatType,
    success: (local, server) => tell("success", { id: String(local), mid: server }),
    fail: (error) => tell("fail", { id: String(message.body.id), type: error.type, reason: error.reason ?? error.data?.reason }),
  });
  if (chatType !== undefined) {
    message.body.chatType = chatType;
  }
  tell("sending", { id: String(message.body.id) });
  // From 4.0 on it also promises what the callbacks tell.
  connection.send(message.body)?.catch?.(() => {});
}

const COMMANDS = {
  open: ({ user, pwd }) =>
    connection.open({
      user, pwd, appKey, apiUrl,
      success: () => tell("token"),
      error: (error) => tell("refused", { type: error?.type }),
    })?.catch?.(() => {}),
  send,
  // Any method of the SDK's connection that answers with a promise, such as `mute`.
  call: ({ method, argument }) =>
    connection[method](argument).then(
      (answer) => tell("called", answer?.data ?? null),
      (error) => tell("uncalled", { type: error?.type, data: error?.data }),
    ),
  // Any REST call with the user's own token, for what the SDK has no method for.
  rest: ({ method, path, body }) =>
    fetch(`${apiUrl}/${appKey.replace("#", "/")}/${path}`, {
      method,
      headers: { Authorization: `Bearer ${connection.context.accessToken}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    }).then(async (answer) => tell("answered", { status: answer.status, body: await answer.json() })),
  read: ({ id, to }) => {
    const receipt = new WebIM.message("read", connection.getUniqueId());
    receipt.set({ id, to });
    connection.send(receipt.body);
  },
  close: () => connection.close(),
  quit: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: verb, ...argument } = JSON.parse(line);
  COMMANDS[verb](argument);
}
process.exit(0);
