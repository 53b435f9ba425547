// An event as the SDK's keeper of keys wants it. One that cannot be decrypted stays with the keeper, which tries again when
// its key comes (`attemptDecryption`); `news` hears of it.

export class SealedEvent {
  constructor(room, wire, news = () => undefined) {
    Object.assign(this, { room, wire, news, clear: null, failure: "", status: null });
  }

  // --- what the SDK asks

  getRoomId = () => this.room;
  getId = () => this.wire.event_id;
  getSender = () => this.wire.sender;
  getStateKey = () => this.wire.state_key;
  getTs = () => this.wire.origin_server_ts;
  getTxnId = () => undefined;
  getUnsigned = () => this.wire.unsigned ?? {};
  getMembershipAtEvent = () => this.getUnsigned().membership;
  getWireType = () => this.sealed?.type ?? this.wire.type;
  getWireContent = () => this.sealed?.content ?? this.wire.content;
  getType = () => this.clear?.type ?? this.wire.type;
  getContent = () => this.clear?.content ?? this.wire.content;
  getClearContent = () => this.clear?.content ?? null;
  isState = () => this.wire.state_key !== undefined;
  isEncrypted = () => this.wire.type === "m.room.encrypted";
  isDecryptionFailure = () => Boolean(this.failure);
  on = () => undefined;
  off = () => undefined;

  makeEncrypted(type, content) {
    this.sealed = { type, content };
  }

  // Only one at a time; a key that comes meanwhile makes for another try.
  async attemptDecryption(crypto) {
    if (this.clear) return;
    if (this.trying) {
      this.again = true;
      return;
    }
    this.trying = true;
    try {
      do {
        this.again = false;
        await this.#try(crypto);
      } while (this.again && !this.clear);
    } finally {
      this.trying = false;
    }
    this.news(this);
  }

  async #try(crypto) {
    try {
      this.clear = (await crypto.decryptEvent(this)).clearEvent;
      this.failure = "";
    } catch (error) {
      this.failure = error.code ?? "UNKNOWN_ERROR";
      this.fault = error.name === "DecryptionError" ? null : error;
    }
  }
}
