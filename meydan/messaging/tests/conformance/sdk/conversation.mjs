/** What two people and their three devices do with each other. Every fact that comes out is looked at by the test. */

import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { Device, until } from "./device.mjs";

const ENCRYPTED = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

export async function converse(url, ada, ben) {
    const facts = {};
    const [phone, bens] = await Promise.all([Device.open(url, ada), Device.open(url, ben)]);
    const recovery = await secure(phone, facts);
    await bens.crossSign();
    const room = await meet(phone, bens);
    const said = await talk(phone, bens, room, facts);
    await edit(phone, bens, room, said, facts);
    await react(phone, bens, room, said, facts);
    await thread(phone, bens, room, said, facts);
    await count(phone, bens, facts);
    await backUp(phone, facts);
    const tablet = await Device.open(url, ada);
    await restore(tablet, recovery, facts);
    await look(tablet, room, said, facts);
    await trust(phone, tablet, bens, facts);
    await goOn(phone, tablet, bens, room, facts);
    await Promise.all([phone, tablet, bens].map((device) => device.signOut()));
    return facts;
}

async function secure(phone, facts) {
    await phone.crossSign();
    const recovery = await phone.storeSecrets();
    facts.crossSigning = await phone.crypto.isCrossSigningReady();
    facts.secretStorage = await phone.crypto.isSecretStorageReady();
    facts.backup = await until("the backup", () => phone.crypto.getActiveSessionBackupVersion());
    return recovery;
}

async function meet(phone, bens) {
    const { room_id: room } = await phone.client.createRoom({
        preset: "trusted_private_chat",
        invite: [bens.userId],
        is_direct: true,
        initial_state: [ENCRYPTED],
    });
    await until("the invitation", () => bens.client.getRoom(room)?.getMyMembership() === "invite");
    await bens.client.joinRoom(room);
    const theirs = await phone.room(room);
    await until("ben is there", () => theirs.getMember(bens.userId)?.membership === "join");
    return room;
}

async function talk(phone, bens, room, facts) {
    const said = await phone.say(room, "salam");
    const answer = await bens.say(room, "merhaba");
    facts.heard = [await bens.read(room, said), await phone.read(room, answer)];
    facts.onTheServer = (await phone.client.fetchRoomEvent(room, said)).type;
    return said;
}

async function edit(phone, bens, room, said, facts) {
    await phone.say(room, "* salaam", {
        "m.new_content": { msgtype: "m.text", body: "salaam" },
        "m.relates_to": { rel_type: "m.replace", event_id: said },
    });
    facts.edited = await until("the edit", async () => (await bens.read(room, said)) === "salaam" && "salaam");
}

async function react(phone, bens, room, said, facts) {
    const to = (key) => ({ "m.relates_to": { rel_type: "m.annotation", event_id: said, key } });
    await phone.client.sendEvent(room, "m.reaction", to("👍"));
    await bens.client.sendEvent(room, "m.reaction", to("👍"));
    const regretted = await bens.client.sendEvent(room, "m.reaction", to("🎉"));
    await until("all reactions", async () => {
        const seen = await phone.reactions(room, said);
        return seen["👍"] === 2 && seen["🎉"] === 1;
    });
    await bens.client.redactEvent(room, regretted.event_id);
    await until("the regret", async () => !("🎉" in (await phone.reactions(room, said))));
    facts.reactions = await phone.reactions(room, said);
}

async function thread(phone, bens, room, said, facts) {
    const replies = [await reply(bens, room, said, "one"), await reply(bens, room, said, "two")];
    const theirs = await phone.room(room);
    const found = await until("the thread", () => theirs.getThread(said)?.length === 2 && theirs.getThread(said));
    facts.thread = await Promise.all(replies.map((one) => phone.read(room, one)));
    await phone.client.sendReadReceipt(found.lastReply());
    const bensRoom = await bens.room(room);
    await until("the receipt", () => bensRoom.getThread(said)?.hasUserReadEvent(phone.userId, replies[1]));
}

/** In a room without encryption the client believes the server's counts; in others it counts for itself. */
async function count(phone, bens, facts) {
    const made = await phone.client.createRoom({ preset: "public_chat" });
    await bens.client.joinRoom(made.room_id);
    const root = await phone.say(made.room_id, "how many?");
    await bens.say(made.room_id, "one in the room");
    await reply(bens, made.room_id, root, "one in the thread");
    const theirs = await phone.room(made.room_id);
    const counts = () => [theirs.getRoomUnreadNotificationCount(), theirs.getThreadUnreadNotificationCount(root)];
    facts.unread = await until("both counts", () => `${counts()}` === "1,1" && counts());
    const found = await until("the thread", () => theirs.getThread(root)?.lastReply() && theirs.getThread(root));
    await phone.client.sendReadReceipt(found.lastReply());
    facts.threadRead = await until("the thread is read", () => `${counts()}` === "1,0" && counts());
}

/** As Element does: the thread is opened before anything is said in it. (In one that it has not fetched yet, the SDK takes
 * an echo that comes before the answer for a failure, and sends once more.) */
async function reply(device, room, root, body) {
    const theirs = await device.room(room);
    const first = await device.hear(room, root);
    const opened = theirs.getThread(root) ?? theirs.createThread(root, first, [first], true);
    await until("the thread is open", () => opened.initialEventsFetched);
    const content = { "m.relates_to": { rel_type: "m.thread", event_id: root }, msgtype: "m.text", body };
    return (await device.client.sendEvent(room, root, "m.room.message", content)).event_id;
}

async function backUp(phone, facts) {
    const known = (await phone.crypto.exportRoomKeys()).length;
    const ask = () => phone.client.http.authedRequest("GET", "/room_keys/version");
    await until("all keys are backed up", async () => (await ask()).count === known);
    facts.backedUp = known;
}

async function restore(tablet, recovery, facts) {
    tablet.secrets.key = decodeRecoveryKey(recovery);
    await until("one's own public keys", () => tablet.crypto.userHasCrossSigningKeys(tablet.userId, true));
    await tablet.crossSign();
    await tablet.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    const { imported, total } = await tablet.crypto.restoreKeyBackup();
    facts.restored = [imported, total];
    facts.backupTrusted = await tablet.crypto.isKeyBackupTrusted(await tablet.crypto.getKeyBackupInfo());
}

/** All of the history on a device that was not there. */
async function look(tablet, room, said, facts) {
    const theirs = await tablet.room(room);
    while (await tablet.client.scrollback(theirs, 30).then(() => theirs.getLiveTimeline().getPaginationToken("b")));
    facts.lookedBack = await until("the edit, again", async () => (await tablet.read(room, said)) === "salaam" && "salaam");
    facts.reactionsLookedBack = await tablet.reactions(room, said);
    await theirs.createThreadsTimelineSets();
    await theirs.fetchRoomThreads();
    const found = await until("the thread, listed", () => theirs.getThread(said));
    await until("the thread's replies", () => found.events.length === 3);
    facts.threadLookedBack = await Promise.all(found.events.map((event) => tablet.read(room, event.getId())));
}

async function trust(phone, tablet, bens, facts) {
    const status = (whose) => whose.crypto.getDeviceVerificationStatus(phone.userId, tablet.client.getDeviceId());
    await until("the phone trusts the tablet", async () => (await status(phone))?.crossSigningVerified);
    facts.signedByOwner = await until("ben sees that its owner signed it", async () => (await status(bens))?.signedByOwner);
}

/** A new message reaches both devices, with the keys that ben sends to the new one too. */
async function goOn(phone, tablet, bens, room, facts) {
    const last = await bens.say(room, "how are you?");
    facts.goneOn = [await phone.read(room, last), await tablet.read(room, last)];
}
