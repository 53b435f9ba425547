// The SDK's way to the gateway: our line, which renews the token, in the shape that it asks for.

import { api, ask, takePass, user } from "../line.js";

const WAIT = 60_000;

export class Http {
  constructor(sdk, signal) {
    Object.assign(this, { sdk, signal, opts: { baseUrl: "" } });
    takePass().then(({ server }) => (this.opts.baseUrl = server), () => undefined);
  }

  async authedRequest(method, path, query, body, { prefix = "/_matrix/client/v3", json, rawResponseBody, headers } = {}) {
    const isText = typeof body === "string";
    const sends = body === undefined || body === null ? {} : { body: isText ? body : JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
    const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const more = asked.length ? { query: Object.fromEntries(asked) } : {};
    const answer = await this.#told(() => ask(method, `${prefix}${path}`, { ...sends, ...more, signal: this.signal, wait: WAIT }));
    if (rawResponseBody) return answer.blob();
    return json === false ? answer.text() : answer.json();
  }

  async uploadContent(body) {
    const sends = { body: new Blob([body]), headers: { "Content-Type": "application/octet-stream" } };
    const answer = await this.#told(() => ask("POST", "/_matrix/media/v3/upload", { ...sends, signal: this.signal, wait: 600_000 }));
    return answer.json();
  }

  // Refusals as the SDK knows them; ours goes along, for whoever asked the keeper.
  async #told(request) {
    const { ConnectionError, MatrixError } = this.sdk;
    try {
      return await request();
    } catch (failure) {
      const made = failure.status ? new MatrixError(failure.said ?? { errcode: failure.code }, failure.status) : new ConnectionError("no line");
      throw Object.assign(made, { failure });
    }
  }
}

// What the person keeps at the gateway.
export class AccountData {
  async getAccountDataFromServer(type) {
    try {
      return await api("GET", user(`/account_data/${encodeURIComponent(type)}`));
    } catch (failure) {
      if (failure.code === "M_NOT_FOUND") return null;
      throw Object.assign(new Error(failure.message), { failure });
    }
  }

  async setAccountData(type, content) {
    try {
      await api("PUT", user(`/account_data/${encodeURIComponent(type)}`), content ?? {});
    } catch (failure) {
      throw Object.assign(new Error(failure.message), { failure });
    }
    return {};
  }
}
