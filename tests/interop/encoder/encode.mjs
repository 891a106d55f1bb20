// A page that does what each line asks of the genuine WebIM SDK, up to the bytes that the SDK would
// put on the wire: one JSON object a line on stdin, in the words of `chatproof encode`; for each,
// one line of base64 on stdout, or `!` and what was thrown. No socket is opened, nothing uploaded.
//
//   node encode.mjs VERSION APPKEY RESOURCE

import { createInterface } from "node:readline";

// The SDK logs to the console; stdout belongs to the answers.
for (const level of ["log", "info", "debug", "warn", "error"]) {
  console[level] = () => {};
}

// As much of a window as the SDKs look at while they load.
const noop = () => {};
const element = () => ({ style: {}, setAttribute: noop, appendChild: noop });
const NO_WINDOW = {
  addEventListener: noop,
  document: { addEventListener: noop, body: element(), createElement: element, getElementById: () => null, head: element() },
  location: new URL("http://page.example/"),
  navigator: { onLine: true, userAgent: "node" },
  XMLHttpRequest: class { addEventListener() {} open() {} send() {} setRequestHeader() {} },
};
for (const [name, value] of Object.entries(NO_WINDOW)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
globalThis.window = globalThis.self = globalThis;

const [version, appKey, resource] = process.argv.slice(2);
const { default: loaded } = await import(`easemob-websdk-${version}`);
const WebIM = loaded.default ?? loaded;
const old = version === "3.6.3";
const connection = new WebIM.connection({ appKey, url: "http://127.0.0.1:1/ws", apiUrl: "http://127.0.0.1:1", isHttpDNS: false });

// Logged in, as far as the encoder asks.
function logIn(user) {
  connection.user = user;
  connection.logOut = false;
  if (old) {
    connection.open({ user, accessToken: "token", appKey });
  }
  connection.sock = { readyState: 1, send: noop, close: noop };
  connection.isOpened = () => true;
  connection.context.userId = user;
  connection.context.jid = { appKey, name: user, domain: "easemob.com", clientResource: resource };
}

const FILES = ["img", "file", "audio", "video"];
const BODY_KEYS = ["url", "secret", "filename", "file_length", "length"];

// The `body` that a page gives with a file which needs no upload. Where it is what an upload gave,
// every value is there.
function given(line) {
  if ("secret" in line) {
    const sized = ["img", "file"].includes(line.type);
    line = { length: 0, ...(sized && { width: 0, height: 0 }), ...line };
  }
  const body = Object.fromEntries(BODY_KEYS.filter((key) => key in line).map((key) => [key, line[key]]));
  const size = ["width", "height"].filter((key) => key in line).map((key) => [key, line[key]]);
  return size.length > 0 ? { ...body, size: Object.fromEntries(size) } : body;
}

// The `body` that the SDK makes of a message and the answer to its upload.
function uploaded(line, message) {
  const said = line.ext?.file_length || 0;
  return {
    url: line.url,
    secret: line.secret,
    filename: line.filename,
    length: message.length || 0,
    file_length: version === "4.21.1" ? (line.file_length ?? said) : said,
    size: { width: message.width || 0, height: message.height || 0 },
  };
}

function created({ api, ...line }) {
  const isFile = FILES.includes(line.type);
  const message = WebIM.message.create({
    ...line,
    ...(line.type === "read" && { id: line.ackId }),
    ...(isFile && line.type !== "img" && { body: given(line) }),
  });
  message.id = line.id;
  if (isFile && "secret" in line) {
    message.body = uploaded(line, message);
  } else if (line.type === "img" && version === "4.21.1") {
    // What its upload step does for an image that needs none.
    message.body = { ...message, size: { width: message.width || 0, height: message.height || 0 } };
  }
  return message;
}

function assembled({ api, msgConfig, ...line }) {
  const isFile = FILES.includes(line.type);
  const message = new WebIM.message(old && line.type === "loc" ? "location" : line.type, line.id);
  message.set({
    ...line,
    ...(line.type === "read" && { id: line.ackId, msgConfig }),
    ...(isFile && { file: { filename: line.filename }, body: given(line) }),
  });
  if (line.chatType !== undefined) {
    message.setChatType?.(line.chatType);
  }
  if (line.setGroup !== undefined) {
    message.setGroup(line.setGroup);
  }
  const { body } = message;
  if (isFile && "secret" in line && (!("file_length" in line) || version === "4.21.1")) {
    body.body = uploaded(line, body);
  }
  if (msgConfig !== undefined && line.type !== "read") {
    body.msgConfig = msgConfig;
  }
  return body;
}

// `recallMessage` makes an id of its own; everything else is as it does it.
function recall({ id, mid, to, chatType }) {
  const kind = chatType === "chat" ? "singleChat" : chatType;
  return { id, type: "recall", ackId: mid, to, chatType: old ? kind : (kind ?? ""), ...(!old && { isChatThread: false, metaExt: "" }) };
}

function encode(line) {
  logIn(line.from);
  const message = line.type === "recall" ? recall(line) : line.api === "new" ? created(line) : assembled(line);
  if (!old) {
    connection._msgHash[message.id] = {};
    return connection.mSync.encodeChatMsg(message);
  }
  let frame;
  connection._base64transform = (bytes) => { frame = bytes; };
  connection.send(message);
  return frame;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = Buffer.from(encode(JSON.parse(line))).toString("base64");
  } catch (error) {
    answer = `!${error}`.replaceAll("\n", " ");
  }
  process.stdout.write(`${answer}\n`);
}
process.exit(0);
