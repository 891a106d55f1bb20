// As much of a browser window as the WebIM SDK needs in Node: globals, XMLHttpRequest on top of
// fetch, and the WebSocket of the npm package `ws`. Importing this file installs it.

import WebSocket from "ws";

const PAGE = new URL("http://page.example/index.html");
const sockets = new Set();

class PageSocket extends WebSocket {
  constructor(...parameters) {
    super(...parameters);
    sockets.add(this);
    this.on("close", () => sockets.delete(this));
    // In a browser an error that nobody listens for is none.
    this.on("error", () => {});
  }
}

/// Cuts every socket of the page without a close handshake, as a lost network does.
export function cutSockets() {
  for (const socket of sockets) {
    socket.terminate();
  }
}

/// What the browser tells a page whose network comes or goes.
export function tellNetwork(onLine) {
  globalThis.navigator.onLine = onLine;
  events.dispatchEvent(new Event(onLine ? "online" : "offline"));
}

const events = new EventTarget();

// Headers that a page may set without asking first, and content types.
const SAFE_HEADERS = new Set(["accept", "accept-language", "content-language"]);
const SAFE_TYPES = /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b/;

/// What a browser asks a server of another origin before a call that no form could make.
async function preflight(url, method, headers) {
  const asked = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value])
    .filter(([name, value]) => !SAFE_HEADERS.has(name) && !(name === "content-type" && SAFE_TYPES.test(value)))
    .map(([name]) => name)
    .sort();
  if (["GET", "HEAD", "POST"].includes(method) && asked.length === 0) {
    return;
  }
  const answer = await fetch(url, {
    method: "OPTIONS",
    headers: {
      Origin: PAGE.origin,
      "Access-Control-Request-Method": method,
      "Access-Control-Request-Headers": asked.join(","),
    },
  });
  const listed = (name) => (answer.headers.get(name) ?? "").toLowerCase().split(",").map((item) => item.trim());
  const origin = answer.headers.get("access-control-allow-origin");
  const methods = listed("access-control-allow-methods");
  const allowed = listed("access-control-allow-headers");
  const isAllowed = (name) => allowed.includes(name) || (allowed.includes("*") && name !== "authorization");
  const isKnown = ["GET", "HEAD", "POST"].includes(method) || methods.includes(method.toLowerCase()) || methods.includes("*");
  if (!answer.ok || (origin !== "*" && origin !== PAGE.origin) || !isKnown || !asked.every(isAllowed)) {
    throw new TypeError(`the preflight of ${method} ${url} does not allow ${asked}`);
  }
}

/// The XMLHttpRequest of the SDK's REST calls and of SockJS's `/info`, without streaming.
class XMLHttpRequest {
  static UNSENT = 0;
  static OPENED = 1;
  static HEADERS_RECEIVED = 2;
  static LOADING = 3;
  static DONE = 4;

  readyState = 0;
  status = 0;
  statusText = "";
  responseText = "";
  response = "";
  responseType = "";
  responseURL = "";
  timeout = 0;
  withCredentials = false;
  upload = new EventTarget();
  #headers = {};
  #answered = new Headers();
  #aborting = new AbortController();
  #listeners = new Map();

  open(method, url) {
    this.method = method;
    this.url = new URL(url, PAGE).href;
    this.#become(1);
  }

  setRequestHeader(name, value) {
    this.#headers[name] = this.#headers[name] ? `${this.#headers[name]}, ${value}` : value;
  }

  getResponseHeader(name) {
    return this.#answered.get(name);
  }

  getAllResponseHeaders() {
    return [...this.#answered].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  addEventListener(kind, listener) {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  }

  abort() {
    this.#aborting.abort();
  }

  // A browser adds its page's origin, and keeps an answer from a page of another origin unless the
  // server allows that very origin: so does this.
  async send(body) {
    const timer = this.timeout > 0 ? setTimeout(() => this.#aborting.abort(), this.timeout) : undefined;
    try {
      // A form becomes bytes here, so that their number is known while they go up.
      const sending = new Response(body ?? undefined);
      const form = body instanceof FormData && { "Content-Type": sending.headers.get("content-type") };
      const bytes = await sending.arrayBuffer();
      await preflight(this.url, this.method, this.#headers);
      this.#progress(0, bytes.byteLength);
      const answer = await fetch(this.url, {
        method: this.method,
        headers: { ...form, ...this.#headers, Origin: PAGE.origin },
        body: body == null ? undefined : bytes,
        signal: this.#aborting.signal,
      });
      this.#progress(bytes.byteLength, bytes.byteLength);
      const allowed = answer.headers.get("access-control-allow-origin");
      const credentials = answer.headers.get("access-control-allow-credentials") === "true";
      if (this.withCredentials ? allowed !== PAGE.origin || !credentials : allowed !== "*" && allowed !== PAGE.origin) {
        throw new TypeError(`the page's origin is not allowed to read ${this.url}`);
      }
      this.#answered = answer.headers;
      this.status = answer.status;
      this.statusText = answer.statusText;
      this.responseURL = answer.url;
      this.#become(2);
      if (this.responseType === "blob") {
        this.response = await answer.blob();
      } else if (this.responseType === "arraybuffer") {
        this.response = await answer.arrayBuffer();
      } else {
        this.responseText = await answer.text();
        this.response = this.responseType === "json" ? JSON.parse(this.responseText) : this.responseText;
      }
      this.#become(4);
      this.#emit("load");
    } catch (error) {
      if (error.name !== "AbortError") {
        console.error(String(error.cause ?? error));
      }
      this.status = 0;
      this.#become(4);
      this.#emit(error.name === "AbortError" ? "timeout" : "error");
    } finally {
      clearTimeout(timer);
      this.#emit("loadend");
    }
  }

  // Of what goes up a browser tells the beginning and the end, and what it sees between.
  #progress(loaded, total) {
    const event = new Event("progress");
    this.upload.dispatchEvent(Object.assign(event, { lengthComputable: true, loaded, total }));
  }

  #become(readyState) {
    this.readyState = readyState;
    this.#emit("readystatechange");
  }

  #emit(kind) {
    const event = { type: kind, target: this, currentTarget: this };
    this[`on${kind}`]?.(event);
    for (const listener of this.#listeners.get(kind) ?? []) {
      listener.call(this, event);
    }
  }
}

/// The FileReader that SDK 4.21.1 reads a refused download with.
class FileReader extends EventTarget {
  readAsText(blob) {
    blob.text().then((text) => {
      this.result = text;
      this.dispatchEvent(new Event("loadend"));
    });
  }
}

function storage() {
  const values = new Map();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, String(value)),
    removeItem: (key) => values.delete(key),
  };
}

const element = () => ({ style: {}, appendChild() {}, removeChild() {}, setAttribute() {}, addEventListener() {} });
const listeners = { addEventListener() {}, removeEventListener() {}, attachEvent() {}, dispatchEvent() {} };

const globals = {
  addEventListener: events.addEventListener.bind(events),
  removeEventListener: events.removeEventListener.bind(events),
  FileReader,
  WebSocket: PageSocket,
  XMLHttpRequest,
  document: { ...listeners, cookie: "", domain: PAGE.hostname, URL: PAGE.href, body: element(), createElement: element },
  localStorage: storage(),
  location: PAGE,
  navigator: { userAgent: "Mozilla/5.0 (X11; Linux x86_64) chatproof", onLine: true, language: "en", platform: "Linux" },
  self: globalThis,
  sessionStorage: storage(),
  window: globalThis,
};
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
