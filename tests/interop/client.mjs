// One page with the genuine WebIM SDK, driven by a test: one JSON command a line on stdin, one JSON
// event a line on stdout. A process each, because connections of one page share their state.
//
//   node client.mjs PACKAGE APPKEY CHAT_URL REST_URL [OPTIONS]
//
// OPTIONS is JSON: more options of `new WebIM.connection`, such as {"delivery": true}.
//
// Events are the callbacks of `listen` under their own names, those of `addEventHandler` (4.x) with
// `handler.` before the name, and what commands tell: each says below what.

import { createInterface } from "node:readline";

// The SDK logs to the console; stdout belongs to the events.
for (const level of ["log", "info", "debug", "warn"]) {
  console[level] = console.error;
}
const tell = (event, argument) => process.stdout.write(`${JSON.stringify({ event, argument: plain(argument) })}\n`);
process.on("uncaughtException", (error) => tell("uncaught", String(error.stack)));
process.on("unhandledRejection", (error) => tell("unhandled", String(error?.stack ?? error)));

// What the SDK hands over may hold its own objects, some of them circular; a test is told what is data.
function plain(argument) {
  const path = [];
  const text = JSON.stringify(argument, function (key, value) {
    while (path.length > 0 && path.at(-1) !== this) {
      path.pop();
    }
    if (path.includes(value) || typeof value === "function") {
      return undefined;
    }
    if (typeof value === "bigint") {
      return String(value);
    }
    if (value instanceof XMLHttpRequest) {
      return { status: value.status, responseText: value.responseText };
    }
    if (value instanceof Blob) {
      return { size: value.size, type: value.type };
    }
    if (value instanceof Error) {
      return { message: value.message, ...value };
    }
    if (typeof value === "object" && value !== null) {
      path.push(value);
    }
    return value;
  });
  return text === undefined ? null : JSON.parse(text);
}

const { cutSockets, tellNetwork } = await import("./window.mjs");
const [sdkPackage, appKey, url, apiUrl, options = "{}"] = process.argv.slice(2);
const sdk = await import(sdkPackage);
const WebIM = sdk.default.default ?? sdk.default;
// As pages have it: the parsers of SDK 3.6.3 look for the emoji there.
globalThis.WebIM = WebIM;
const connection = new WebIM.connection({
  appKey, url, apiUrl, https: false, isHttpDNS: false, isMultiLoginSessions: true, ...JSON.parse(options),
});
const base = `${apiUrl}/${appKey.replace("#", "/")}`;

const CALLBACKS = [
  "onAudioMessage", "onBlacklistUpdate", "onChannelMessage", "onClosed", "onCmdMessage", "onConfirmPop",
  "onContactAdded", "onContactAgreed", "onContactDeleted", "onContactInvited", "onContactRefuse", "onCreateGroup",
  "onCustomMessage", "onDeliveredMessage", "onEmojiMessage", "onError", "onFileMessage", "onInviteMessage",
  "onLocationMessage", "onMutedMessage", "onOffline", "onOnline", "onOpened", "onPictureMessage", "onPresence",
  "onReadMessage", "onRecallMessage", "onReceivedMessage", "onRoster", "onStatisticMessage", "onTextMessage",
  "onTokenExpired", "onTokenWillExpire", "onUpdateMyGroupList", "onUpdateMyRoster", "onVideoMessage",
];
// What `addEventHandler` calls besides, or under another name.
const HANDLERS = [
  "onChatroomChange", "onChatroomEvent", "onConnected", "onContactChange", "onDisconnected", "onGroupChange",
  "onGroupEvent", "onImageMessage", "onMessage", "onMultiDeviceEvent", "onOfflineMessageSyncFinish",
  "onOfflineMessageSyncStart", "onPresenceStatusChange", "onReconnecting",
];
const UPLOADS = ["onFileUploadProgress", "onFileUploadComplete", "onFileUploadError", "onFileUploadCanceled"];

// An error holds the SDK's own objects: its number and text are enough.
const reduced = (name, argument) =>
  name === "onError" ? { type: argument?.type, message: argument?.message, data: String(argument?.data) } : argument;
const telling = (names, prefix = "") =>
  Object.fromEntries(names.map((name) => [name, (argument) => tell(prefix + name, reduced(name, argument))]));
connection.listen(telling(CALLBACKS));
connection.addEventHandler?.("page", telling([...CALLBACKS, ...HANDLERS], "handler."));

const refusal = (error) => ({
  type: error?.type,
  reason: error?.reason ?? error?.data?.reason,
  message: error?.message,
  data: error?.data,
});

// Progress is told in numbers: a browser's event keeps them where JSON does not look.
const uploading = {
  ...telling(UPLOADS),
  onFileUploadProgress: ({ loaded, total }) => tell("onFileUploadProgress", { loaded, total }),
};

// {name, type?, base64 | text | size, pasted?}: a file as a user would choose it; `size` makes one up.
function chosen({ name, type, base64, text, size }) {
  const bytes = base64 === undefined ? (text ?? new Uint8Array(size)) : Buffer.from(base64, "base64");
  return new File([bytes], name, { type: type ?? "application/octet-stream" });
}

// What the SDK makes of an <input> in which that file was chosen; with `pasted`, what a page makes
// of a pasted picture.
function input({ pasted, ...file }) {
  const files = [chosen(file)];
  if (pasted) {
    return { data: files[0], url: URL.createObjectURL(files[0]) };
  }
  files.item = (index) => files[index];
  return WebIM.utils.getFileUrl({ files });
}

// The document's way. `id` of a receipt is the message that it is about, so the local id of what is
// sent is `localId` everywhere. `setChatType` calls the method of that name, as some samples do.
function assembled({ type, to, chatType, localId, msgConfig, setChatType, ...content }) {
  const kind = type === "loc" && WebIM.message.create === undefined ? "location" : type;
  const message = new WebIM.message(kind, localId ?? connection.getUniqueId());
  const receipt = type === "read";
  message.set({ ...content, to, chatType, ...(receipt && { msgConfig }) });
  if (chatType !== undefined) {
    message.body.chatType = chatType;
  }
  if (setChatType !== undefined) {
    message.setChatType(setChatType);
  }
  if (msgConfig !== undefined && !receipt) {
    message.body.msgConfig = msgConfig;
  }
  return message.body;
}

function created({ localId, ...content }) {
  const message = WebIM.message.create(content);
  if (localId !== undefined) {
    message.id = localId;
  }
  return message;
}

// Tells `sending`, then `success` or `fail`; besides, where the SDK promises something (4.x),
// `resolved` or `rejected`. With `api: "new"` there is only the promise, and it tells all four.
function send({ api = "old", file, ...content }) {
  let local;
  const succeeded = (id, mid) => tell("success", { id: String(id), mid: String(mid) });
  const failed = (error) => tell("fail", { id: local, ...refusal(error) });
  const option = { ...content, ...(file && { file: input(file) }), ...uploading };
  const message =
    api === "new" ? created(option) : assembled({ ...option, success: succeeded, fail: failed });
  local = String(message.id);
  tell("sending", { id: local });
  const promise = connection.send(message);
  promise?.then?.(
    (answer) => {
      if (api === "new") {
        succeeded(answer.localMsgId, answer.serverMsgId);
      }
      tell("resolved", { id: local, mid: String(answer?.serverMsgId) });
    },
    (error) => {
      if (api === "new") {
        failed(error);
      }
      tell("rejected", { id: local, ...refusal(error) });
    },
  );
}

// Any method of the SDK's connection: tells `called` with what it promises or returns, or
// `uncalled` with the refusal or what was thrown. Callbacks named in `callbacks` are added to its
// first argument and tell `callback.NAME` with what each was given.
async function call({ method, argument, arguments: several, callbacks = [], file }) {
  const given = several ?? (argument == null && callbacks.length === 0 && !file ? [] : [argument ?? {}]);
  if (file) {
    given[0] = { ...given[0], file: input(file), ...uploading };
  }
  for (const name of callbacks) {
    given[0] = { ...given[0], [name]: (...values) => tell(`callback.${name}`, values) };
  }
  try {
    tell("called", await connection[method](...given));
  } catch (error) {
    tell("uncalled", error?.type === undefined ? { thrown: String(error) } : error);
  }
}

const COMMANDS = {
  // Tells `token`, or `refused`; then `onOpened` or `onError`. `accessToken` instead of `pwd` works too.
  open: ({ user, ...credential }) =>
    connection.open({
      user, ...credential, appKey, apiUrl,
      success: () => tell("token"),
      error: (error) => tell("refused", { type: error?.type }),
    })?.catch?.((error) => tell("unopened", refusal(error))),
  send,
  call,
  // A property of the connection, or with `of: "sdk"` of `WebIM`, such as `mr_cache` and `Emoji`:
  // sets it if there is a value, and tells `property`.
  property: ({ of, name, value }) => {
    const owner = of === "sdk" ? WebIM : connection;
    if (value !== undefined) {
      owner[name] = value;
    }
    tell("property", owner[name]);
  },
  // Any REST call with the user's own token or the given one, for what the SDK has no method for.
  rest: ({ method, path, body, token }) =>
    fetch(`${base}/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token ?? connection.context.accessToken}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    }).then(async (answer) => tell("answered", { status: answer.status, body: await answer.json() })),
  // `wx.uploadFile` of the document's mini-program path: tells `uploaded`.
  upload: ({ file, path = "chatfiles", headers }) => {
    const form = new FormData();
    form.append("file", chosen(file));
    return fetch(`${base}/${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${connection.context.accessToken}`, ...headers },
      body: form,
    }).then(async (answer) => tell("uploaded", { status: answer.status, body: await answer.json() }));
  },
  // `WebIM.utils.download`, and `parseDownloadResponse` of what it gave: tells
  // `onFileDownloadComplete` with the bytes, or `onFileDownloadError`.
  download: (option) =>
    WebIM.utils.download.call(connection, {
      accessToken: connection.context.accessToken,
      ...option,
      onFileDownloadComplete: async (blob) =>
        tell("onFileDownloadComplete", {
          size: blob.size,
          type: blob.type,
          base64: Buffer.from(await blob.arrayBuffer()).toString("base64"),
          url: WebIM.utils.parseDownloadResponse.call(connection, blob),
        }),
      onFileDownloadError: ({ type, xhr }) => tell("onFileDownloadError", { type, status: xhr?.status }),
    }),
  // The document's "单聊发送已读回执".
  read: ({ id, to }) => send({ type: "read", id, to }),
  // The network is lost without a word; the SDK will find out.
  cut: cutSockets,
  // The browser tells the page that it is on line, or no longer.
  network: ({ onLine }) => tellNetwork(onLine),
  close: () => connection.close(),
  quit: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: verb, ...argument } = JSON.parse(line);
  // Not awaited: what a command begins may last, and the next is not to wait for it.
  Promise.resolve()
    .then(() => COMMANDS[verb](argument))
    .catch((error) => tell("thrown", { by: verb, error: String(error) }));
}
process.exit(0);
