// One call between two people: Matrix' signalling (client-server API, "Voice over IP", version 1) and the media of WebRTC,
// which goes from one device to the other, encrypted by DTLS, or through the city's relay, which cannot read it.
//
// It fires "change" whenever its `state` or what it shows has changed. States: "ringing" (it comes in), "inviting" (it goes
// out), "connecting", "live", "broken" (was live; is mended), "ended" with `reason`. Reasons are those of `m.call.hangup`,
// and "rejected" and "elsewhere" (answered, or refused, on another device).

import { patience, slowly } from "./sdp.js";

export const LIFETIME = 60_000; // milliseconds that it rings for, unless the caller says less
const GATHER = 1200; // how long the offer waits for addresses, so that one message carries them all
const BATCH = 800; // addresses that are found later go together
const MENDING = 30_000; // a call without media for so long has ended
const LOOK = 2000;
const VOICE_ALONE = 100_000; // bit/s: below it for `LOW_FOR` the picture stops
const VIDEO_AGAIN = 200_000; // above it for `HIGH_FOR` it goes on
const [LOW_FOR, HIGH_FOR] = [5000, 15_000];
const MOST_VIDEO = 400_000;
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 } };
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const STREAMS = "m.call.sdp_stream_metadata_changed";
const MOST_EARLY = 200; // addresses that are kept for a description that has not come yet

export class Call extends EventTarget {
  // `signal(type, content)` sends an event into the room; `relays()` gives RTCIceServers; `slow`: the line is, so voice is
  // sent at 8 kbit/s in frames of 120 ms; `relayed`: the other device is not to learn this one's address.
  constructor({ id, room, party, signal, relays, video, slow, relayed, invite = null }) {
    super();
    Object.assign(this, { id, room, party, signal, relays, slow, relayed, invite });
    this.outgoing = !invite;
    this.state = invite ? "ringing" : "inviting";
    this.wants = { video };
    this.other = invite?.content.party_id; // the party that is spoken with
    this.muted = false;
    this.remote = new MediaStream();
    this.theirs = { audio_muted: false, video_muted: false }; // what the other side says of its microphone and camera
    this.early = [];
    this.found = [];
    this.path = ""; // "direct" or "relay", once it is known
    this.since = 0;
  }

  #become(state, reason) {
    if (this.state === "ended") return;
    this.state = state;
    if (reason) this.reason = reason;
    if (state === "live" && !this.since) this.since = Date.now();
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  say(type, content = {}) {
    return this.signal(type, { call_id: this.id, party_id: this.party, version: "1", ...content });
  }

  // --- beginning

  // Call: ask for the microphone, invite, and ring until somebody answers.
  async begin() {
    try {
      await this.#prepare();
      await this.pc.setLocalDescription(await this.#tuned(await this.pc.createOffer()));
      await this.#gathered();
      if (this.state === "ended") return;
      const { type, sdp } = this.pc.localDescription;
      await this.say("m.call.invite", { lifetime: LIFETIME, offer: { type, sdp: this.#mine(sdp) }, ...this.#streams() });
      this.invited = true;
      this.ending = setTimeout(() => this.hangUp("invite_timeout"), LIFETIME);
    } catch (error) {
      this.#fail(error);
    }
  }

  // Answer a call that comes in.
  async accept(video) {
    if (this.state !== "ringing") return;
    this.wants.video = video;
    this.#become("connecting");
    try {
      const { offer } = this.invite.content;
      this.#hearOfStreams(this.invite.content);
      await this.#prepare({ type: "offer", sdp: String(offer.sdp) });
      await this.pc.setLocalDescription(await this.#tuned(await this.pc.createAnswer()));
      await this.#gathered();
      if (this.state === "ended") return;
      const { type, sdp } = this.pc.localDescription;
      await this.say("m.call.answer", { answer: { type, sdp: this.#mine(sdp) }, ...this.#streams() });
      this.answered = true;
      this.#flush();
      this.#mendOrEnd();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #prepare(offer) {
    this.media = await this.#open(this.wants.video);
    if (this.state === "ended") return this.#stopMedia();
    const servers = await this.relays();
    this.pc = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: this.relayed ? "relay" : "all", bundlePolicy: "max-bundle" });
    this.#listen();
    if (offer) await this.#takeDescription(offer);
    for (const track of this.media.getTracks()) this.pc.addTrack(track, this.media);
    if (!offer && !this.media.getVideoTracks().length && this.wants.video) this.pc.addTransceiver("video", { direction: "recvonly" });
    await this.#limit();
    this.changed();
    return undefined;
  }

  // Microphone, and camera where it is wanted and there is one: a call goes on without a picture, not without a voice.
  async #open(video) {
    if (!navigator.mediaDevices) throw new DOMException("no media in this page", "NotFoundError");
    if (video && !this.slow) {
      try {
        return await navigator.mediaDevices.getUserMedia({ audio: VOICE, video: PICTURE });
      } catch {
        this.noCamera = true;
      }
    }
    return navigator.mediaDevices.getUserMedia({ audio: VOICE });
  }

  #listen() {
    const { pc } = this;
    pc.addEventListener("track", ({ track, streams, receiver }) => {
      if (track.kind === "audio") receiver.jitterBufferTarget = patience(pc.remoteDescription.sdp);
      for (const known of this.remote.getTracks()) if (known.kind === track.kind && known !== track) this.remote.removeTrack(known);
      this.remote.addTrack(track);
      track.onmute = track.onunmute = track.onended = () => this.changed();
      if (streams[0]) streams[0].onremovetrack = () => this.changed();
      this.changed();
    });
    pc.addEventListener("icecandidate", ({ candidate }) => candidate && this.#find(candidate));
    pc.addEventListener("connectionstatechange", () => this.#follow());
    pc.addEventListener("negotiationneeded", () => this.answeredOnce && this.negotiate());
  }

  #gathered() {
    const { pc } = this;
    if (pc.iceGatheringState === "complete") return undefined;
    return new Promise((resolve) => {
      const look = () => pc.iceGatheringState === "complete" && resolve();
      pc.addEventListener("icegatheringstatechange", look);
      setTimeout(resolve, this.relayed ? 3 * GATHER : GATHER);
    });
  }

  // --- descriptions: what is told to the other side says how it is to send to us, and what it told us, how we send to it

  async #tuned(description) {
    return this.slow ? { type: description.type, sdp: slowly(description.sdp) } : description;
  }

  #mine(sdp) {
    this.told = true; // addresses found from here on are told apart
    this.found = [];
    return sdp;
  }

  async #takeDescription({ type, sdp }) {
    await this.pc.setRemoteDescription({ type, sdp: this.slow ? slowly(sdp) : sdp });
    for (const candidate of this.early.splice(0)) await this.#add(candidate);
  }

  async #add(candidate) {
    try {
      await this.pc.addIceCandidate(candidate);
    } catch {
      // An address of a kind that this browser does not know: another one will do.
    }
  }

  #find(candidate) {
    if (!this.told) return;
    this.found.push(candidate.toJSON());
    this.sending ||= setTimeout(() => this.#flush(), BATCH);
  }

  #flush() {
    clearTimeout(this.sending);
    this.sending = 0;
    const candidates = this.found.splice(0).map(({ candidate, sdpMid, sdpMLineIndex }) => ({ candidate, sdpMid, sdpMLineIndex }));
    if (candidates.length && this.state !== "ended") this.say("m.call.candidates", { candidates }).catch(() => undefined);
  }

  // What the one stream that is sent is, and whether anything comes in it: the other side shows it.
  #streams() {
    const video = this.camera && !this.paused;
    return { sdp_stream_metadata: { [this.media.id]: { purpose: "m.usermedia", audio_muted: this.muted, video_muted: !video } } };
  }

  #tellStreams() {
    this.changed();
    if (this.answeredOnce || this.answered) this.say(STREAMS, this.#streams()).catch(() => undefined);
  }

  #hearOfStreams({ sdp_stream_metadata: streams }) {
    const [first] = Object.values(streams ?? {});
    if (typeof first !== "object" || !first) return;
    this.theirs = { audio_muted: first.audio_muted === true, video_muted: first.video_muted === true };
    this.changed();
  }

  // --- what the other side says

  // An event of this call, of another party than this one.
  async take(event, own) {
    const { content, type } = event;
    try {
      if (type === "m.call.answer") await this.#takeAnswer(content, own);
      else if (type === "m.call.select_answer" && !own) this.#takeChoice(content);
      else if (type === "m.call.reject") this.#takeReject(content, own);
      else if (type === "m.call.hangup") this.#takeHangUp(content, own);
      else if (type === "m.call.candidates" && !own) await this.#takeCandidates(content);
      else if (type === "m.call.negotiate" && !own) await this.#takeNegotiation(content);
      else if (type === STREAMS && !own && content.party_id === this.other) this.#hearOfStreams(content);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #takeAnswer(content, own) {
    if (own && this.state === "ringing") return this.#end("elsewhere");
    if (own || !this.outgoing || this.other || this.state !== "inviting") return undefined;
    this.other = content.party_id ?? "";
    this.#hearOfStreams(content);
    clearTimeout(this.ending);
    this.#become("connecting");
    this.early = this.early.filter(({ party }) => party === this.other);
    if (content.version !== 0) this.say("m.call.select_answer", { selected_party_id: this.other }).catch(() => undefined);
    await this.#takeDescription({ type: "answer", sdp: String(content.answer.sdp) });
    this.answeredOnce = true;
    await this.#limit();
    this.#flush();
    this.#mendOrEnd();
    return undefined;
  }

  #takeChoice({ selected_party_id: chosen }) {
    if (!this.outgoing && chosen !== this.party) this.#end("elsewhere");
    else this.answeredOnce = true;
  }

  #takeReject({ party_id: party }, own) {
    if (own) return this.state === "ringing" && this.#end("elsewhere");
    return this.outgoing && this.state === "inviting" && (!this.other || party === this.other) && this.#end("rejected");
  }

  #takeHangUp({ reason, party_id: party }, own) {
    if (own) return this.state === "ringing" && this.#end("elsewhere");
    if (this.other && party !== undefined && party !== this.other) return undefined;
    return this.#end(typeof reason === "string" ? reason : "user_hangup");
  }

  async #takeCandidates({ candidates, party_id: party }) {
    if (!Array.isArray(candidates) || (this.other && party !== this.other)) return;
    for (const one of candidates.slice(0, MOST_EARLY)) {
      if (typeof one?.candidate !== "string" || !one.candidate) continue;
      if (this.pc?.remoteDescription) await this.#add(one);
      else if (this.early.length < MOST_EARLY) this.early.push({ ...one, party });
    }
  }

  // "Perfect negotiation": where both ask for a change at once, who was called gives way.
  async #takeNegotiation(content) {
    const { description, party_id: party } = content;
    if (party !== this.other || !this.pc || typeof description?.sdp !== "string") return;
    const { pc } = this;
    this.#hearOfStreams(content);
    const clash = description.type === "offer" && (this.offering || pc.signalingState !== "stable");
    if (clash && this.outgoing) return;
    await this.#takeDescription(description);
    if (description.type === "offer") {
      await pc.setLocalDescription(await this.#tuned(await pc.createAnswer()));
      await this.#tellDescription();
    }
    await this.#limit();
  }

  async negotiate() {
    if (this.offering || this.state === "ended") return;
    this.offering = true;
    try {
      await this.pc.setLocalDescription(await this.#tuned(await this.pc.createOffer()));
      await this.#gathered();
      if (this.pc.signalingState === "have-local-offer") await this.#tellDescription();
    } catch {
      // The next change, or the next mending, tries again.
    } finally {
      this.offering = false;
    }
  }

  #tellDescription() {
    const { type, sdp } = this.pc.localDescription;
    return this.say("m.call.negotiate", { description: { type, sdp: this.#mine(sdp) }, lifetime: 30_000, ...this.#streams() });
  }

  // --- the line

  #follow() {
    const now = this.pc.connectionState;
    if (now === "connected") {
      clearTimeout(this.ending);
      clearTimeout(this.mending);
      this.#become("live");
      this.watching ||= setInterval(() => this.#look(), LOOK);
      this.#look();
    } else if ((now === "disconnected" || now === "failed") && this.since) {
      this.#become("broken");
      clearTimeout(this.mending);
      this.mending = setTimeout(() => this.#mend(), now === "failed" ? 0 : 1500);
      this.#mendOrEnd();
    } else if (now === "failed") this.hangUp("ice_failed");
  }

  #mendOrEnd() {
    clearTimeout(this.ending);
    if (this.pc.connectionState === "connected") return;
    this.ending = setTimeout(() => this.hangUp("ice_failed"), MENDING);
  }

  // Who has called looks for a new way; again and again, for the offer itself may be lost with the line.
  async #mend() {
    if (this.state !== "broken") return;
    if (this.outgoing && !this.offering) {
      if (this.pc.signalingState === "have-local-offer") await this.pc.setLocalDescription({ type: "rollback" });
      this.pc.restartIce();
      if (!this.answeredOnce) await this.negotiate();
    }
    this.mending = setTimeout(() => this.#mend(), 4000);
  }

  // Whether the media go through the relay, how the line is, and whether it carries a picture.
  async #look() {
    if (!this.pc || this.state === "ended") return;
    const stats = await this.pc.getStats();
    const transport = [...stats.values()].find((one) => one.type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    if (!pair) return;
    const [here, there] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    const path = [here, there].some((one) => one?.candidateType === "relay") ? "relay" : "direct";
    const poor = [...stats.values()].some((one) => one.type === "remote-inbound-rtp" && one.fractionLost > 0.08);
    const before = [this.path, this.poor, this.paused].join();
    Object.assign(this, { path, poor });
    await this.#weigh(pair.availableOutgoingBitrate);
    if ([this.path, this.poor, this.paused].join() !== before) this.changed();
  }

  async #weigh(rate) {
    const sender = this.#sender("video");
    if (!Number.isFinite(rate) || !sender || !(sender.track || this.paused)) return;
    const now = Date.now();
    this.low = rate < VOICE_ALONE ? (this.low ?? now) : null;
    this.high = rate > VIDEO_AGAIN ? (this.high ?? now) : null;
    if (!this.paused && this.low && now - this.low > LOW_FOR) {
      this.paused = sender.track;
      await sender.replaceTrack(null);
      this.#tellStreams();
    } else if (this.paused && this.high && now - this.high > HIGH_FOR) {
      await sender.replaceTrack(this.paused);
      this.paused = null;
      this.#tellStreams();
    }
  }

  #sender(kind) {
    return this.pc?.getTransceivers().find((one) => one.receiver.track.kind === kind)?.sender;
  }

  async #limit() {
    const sender = this.#sender("video");
    const parameters = sender?.getParameters();
    if (!parameters?.encodings?.length) return;
    parameters.encodings[0].maxBitrate = MOST_VIDEO;
    await sender.setParameters(parameters).catch(() => undefined);
  }

  // --- what a person does in a call

  mute(muted) {
    this.muted = muted;
    for (const track of this.media?.getAudioTracks() ?? []) track.enabled = !muted;
    if (this.media) this.#tellStreams();
  }

  get camera() {
    return this.media?.getVideoTracks()[0] ?? null;
  }

  // Show or hide one's own picture; a camera that is off is really off.
  async show(on) {
    if (!on) {
      const { camera } = this;
      if (!camera) return;
      camera.stop();
      this.media.removeTrack(camera);
      this.paused = null;
      await this.#sender("video")?.replaceTrack(null);
    } else if (!this.camera) {
      const taken = await navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, facingMode: this.facing } });
      if (this.state === "ended") return void taken.getTracks().forEach((track) => track.stop());
      const [track] = taken.getVideoTracks();
      this.media.addTrack(track);
      await this.#putPicture(track);
    }
    this.#tellStreams();
  }

  async #putPicture(track) {
    const known = this.pc.getTransceivers().find((one) => one.receiver.track.kind === "video");
    if (!known) this.pc.addTrack(track, this.media);
    else {
      await known.sender.replaceTrack(track);
      if (known.direction === "recvonly" || known.direction === "inactive") known.direction = "sendrecv";
    }
    await this.#limit();
  }

  // The other camera of a phone.
  async turnCamera() {
    this.facing = this.facing === "environment" ? "user" : "environment";
    await this.show(false);
    await this.show(true);
  }

  // From now on through the relay, or by the shortest way again.
  async goBy(relayed) {
    this.relayed = relayed;
    this.pc?.setConfiguration({ iceServers: await this.relays(), iceTransportPolicy: relayed ? "relay" : "all", bundlePolicy: "max-bundle" });
    if (this.answeredOnce) this.pc.restartIce();
    this.changed();
  }

  reject() {
    if (this.state !== "ringing") return;
    this.say("m.call.reject").catch(() => undefined);
    this.#end("rejected");
  }

  hangUp(reason = "user_hangup") {
    if (this.state === "ended") return;
    if (this.state === "ringing") return void this.reject();
    if (this.invited || this.answered || !this.outgoing) this.say("m.call.hangup", { reason }).catch(() => undefined);
    this.#end(reason);
  }

  // It rang until its time was over, or in another window.
  silence(reason) {
    if (this.state === "ringing") this.#end(reason);
  }

  #fail(error) {
    const denied = error instanceof DOMException && ["NotAllowedError", "NotFoundError", "NotReadableError", "SecurityError"].includes(error.name);
    this.fault = error;
    if (this.state !== "ended") this.hangUp(denied ? "user_media_failed" : "unknown_error");
  }

  #end(reason) {
    clearTimeout(this.ending);
    clearTimeout(this.mending);
    clearTimeout(this.sending);
    clearInterval(this.watching);
    this.#stopMedia();
    this.pc?.close();
    this.#become("ended", reason);
  }

  #stopMedia() {
    for (const track of [...(this.media?.getTracks() ?? []), this.paused]) track?.stop();
  }
}
