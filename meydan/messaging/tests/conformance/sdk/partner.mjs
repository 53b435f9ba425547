/** `node partner.mjs URL '{"user", "password"}'`: somebody with matrix-js-sdk who answers a page. Enters the first room they
 * are invited to, reads a text and a picture, and sends both; prints what they have read as JSON. */

import { Device, until } from "./device.mjs";

const [url, person] = process.argv.slice(2);
const device = await Device.open(url, JSON.parse(person));
await device.crossSign();
process.stdout.write("ready\n");
const { client } = device;
const room = await until("an invitation", () => client.getRooms().find((one) => one.getMyMembership() === "invite"));
await client.joinRoom(room.roomId);

const said = (type) => async () => {
    for (const event of room.getLiveTimeline().getEvents()) {
        await client.decryptEventIfNeeded(event);
        if (event.getSender() !== device.userId && event.getContent().msgtype === type) return event;
    }
    return null;
};
const text = await until("a text", said("m.text"));
const picture = await until("a picture", said("m.image"));
const { file } = picture.getContent();
const bytes = await open(file);
await device.say(room.roomId, "What the SDK says");
await client.sendMessage(room.roomId, { ...picture.getContent(), body: "back.jpg", filename: "back.jpg" });
const heard = { body: text.getContent().body, wire: text.getWireType(), name: picture.getContent().filename, jpeg: [...bytes.subarray(0, 3)], url: picture.getContent().url ?? null };
process.stdout.write(`${JSON.stringify(heard)}\n`);
await new Promise((resolve) => setTimeout(resolve, 3000)); // keys on their way
process.exit(0);

async function open({ url: address, key, iv, hashes }) {
    const [, server, id] = /^mxc:\/\/([^/]+)\/(.+)$/.exec(address);
    const answer = await fetch(`${url}/_matrix/client/v1/media/download/${server}/${id}`, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
    const sealed = await answer.arrayBuffer();
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", sealed)).toString("base64").replace(/=+$/, "");
    if (hash !== hashes.sha256) throw new Error("another file");
    const imported = await crypto.subtle.importKey("jwk", key, { name: "AES-CTR" }, false, ["decrypt"]);
    const counter = Buffer.from(iv, "base64");
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, imported, sealed));
}
