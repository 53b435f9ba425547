/** One end of a call between two people, in a browser page of its own. */

import { CallEvent, CallState, createNewMatrixCall } from "matrix-js-sdk/lib/webrtc/call.js";
import { CallEventHandlerEvent } from "matrix-js-sdk/lib/webrtc/callEventHandler.js";
import { Device, until } from "./device.mjs";

const state = { device: null, call: null, faults: [] };

/** Sign in; media may pass through the city's relay only. */
export async function enter(url, person) {
    state.device = await Device.open(url, person, { encrypted: false, options: { forceTURN: true } });
    state.device.client.on(CallEventHandlerEvent.Incoming, (call) => take(call));
    const servers = await until("a relay", () => state.device.client.getTurnServers()[0]);
    return servers.urls;
}

function take(call) {
    state.call = call;
    call.on(CallEvent.Error, (error) => state.faults.push(`${error.code}: ${error.message}`));
}

export async function meet(userId) {
    const made = await state.device.client.createRoom({ preset: "trusted_private_chat", invite: [userId], is_direct: true });
    return made.room_id;
}

export async function join(room) {
    await until("the invitation", () => state.device.client.getRoom(room)?.getMyMembership() === "invite");
    await state.device.client.joinRoom(room);
}

export async function ring(room, video) {
    const theirs = await state.device.room(room);
    await until("somebody to call", () => theirs.getJoinedMemberCount() === 2);
    take(createNewMatrixCall(state.device.client, room));
    await (video ? state.call.placeVideoCall() : state.call.placeVoiceCall());
}

export async function answer() {
    await until("it rings", () => state.call?.state === CallState.Ringing);
    await state.call.answer();
}

/** What came through: the pair of candidates in use, bytes and frames of the media, once there are some. */
export async function listen(video) {
    await until(`connected, not ${state.faults}`, () => state.call.state === CallState.Connected);
    return until("media", async () => {
        const stats = [...(await state.call.getCurrentCallStats())];
        const heard = Object.fromEntries(stats.filter(({ type }) => type === "inbound-rtp").map((one) => [one.kind, one]));
        const pair = stats.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
        const flows = heard.audio?.bytesReceived > 5000 && (!video || heard.video?.framesDecoded > 10);
        if (!flows || !pair) return null;
        const kind = (id) => stats.find((one) => one.id === id)?.candidateType;
        return {
            audio: heard.audio.bytesReceived,
            video: heard.video?.bytesReceived ?? 0,
            frames: heard.video?.framesDecoded ?? 0,
            candidates: [kind(pair.localCandidateId), kind(pair.remoteCandidateId)],
            pair: pair.bytesReceived,
        };
    });
}

/** Mute, and see the other end be told. */
export async function mute() {
    await state.call.setMicrophoneMuted(true);
}

export async function hearSilence() {
    await until("muted", () => state.call.remoteUsermediaFeed?.isAudioMuted());
    return true;
}

export async function hangUp() {
    state.call.hangup("user_hangup", false);
}

export async function end() {
    await until("the end", () => state.call.state === CallState.Ended);
    return [state.call.hangupParty, state.call.hangupReason];
}

/** Ring and be refused. */
export async function refuse() {
    await until("it rings", () => state.call?.state === CallState.Ringing);
    state.call.reject();
}

/** The call's events, as the room keeps them. */
export async function trace(room) {
    const theirs = await state.device.room(room);
    return theirs.getLiveTimeline().getEvents().map((event) => event.getType()).filter((type) => type.startsWith("m.call."));
}
