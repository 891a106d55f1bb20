// As much of a browser window as the WebIM SDK needs in Node: globals, XMLHttpRequest on top of
// fetch, and the WebSocket of the npm package `ws`. Importing this file installs it.

import WebSocket from "ws";

const PAGE = new URL("http://page.example/index.html");

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
  timeout = 0;
  withCredentials = false;
  upload = { addEventListener() {} };
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
      const answer = await fetch(this.url, {
        method: this.method,
        headers: { ...this.#headers, Origin: PAGE.origin },
        body: body ?? undefined,
        signal: this.#aborting.signal,
      });
      const allowed = answer.headers.get("access-control-allow-origin");
      const credentials = answer.headers.get("access-control-allow-credentials") === "true";
      if (this.withCredentials ? allowed !== PAGE.origin || !credentials : allowed !== "*" && allowed !== PAGE.origin) {
        throw new TypeError(`the page's origin is not allowed to read ${this.url}`);
      }
      this.#answered = answer.headers;
      this.status = answer.status;
      this.statusText = answer.statusText;
      this.#become(2);
      this.responseText = await answer.text();
      this.response = this.responseType === "json" ? JSON.parse(this.responseText) : this.responseText;
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
  ...listeners,
  WebSocket,
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
