/** A device with matrix-js-sdk inside, in node and in the browser alike. */

import * as sdk from "matrix-js-sdk";

for (const say of ["debug", "log", "info", "warn"]) console[say] = () => undefined;

const PATIENCE = 90_000; // ms: the machine may be busy with other things

/** What `find` gives once that is something; a refusal that names it when that takes too long. */
export async function until(what, find) {
    const end = Date.now() + PATIENCE;
    for (;;) {
        const found = await find();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}

export class Device {
    constructor(client, password, secrets) {
        this.client = client;
        this.password = password;
        this.secrets = secrets;
    }

    /** Sign in with a password, and follow. `secrets.key`: the recovery key, once there is one. */
    static async open(url, { user, password }, { encrypted = true, options = {} } = {}) {
        const login = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
        const said = await sdk.createClient({ baseUrl: url }).loginRequest(login);
        const secrets = { key: null };
        const client = sdk.createClient({
            baseUrl: url,
            userId: said.user_id,
            deviceId: said.device_id,
            accessToken: said.access_token,
            timelineSupport: true,
            cryptoStore: new sdk.MemoryCryptoStore(), // where keys of the old kind would be; two clients at once fight for it
            cryptoCallbacks: {
                getSecretStorageKey: async ({ keys }) => secrets.key && [Object.keys(keys)[0], secrets.key],
                cacheSecretStorageKey: (_id, _info, key) => (secrets.key = key),
            },
            ...options,
        });
        const device = new Device(client, password, secrets);
        if (encrypted) {
            const stored = "indexedDB" in globalThis;
            await client.initRustCrypto({ useIndexedDB: stored, cryptoDatabasePrefix: said.device_id });
        }
        await client.startClient({ threadSupport: true, lazyLoadMembers: true, initialSyncLimit: 20 });
        await until("the first sync", () => client.isInitialSyncComplete());
        return device;
    }

    get crypto() {
        return this.client.getCrypto();
    }

    get userId() {
        return this.client.getUserId();
    }

    /** Prove with the password, once more, who one is, where the server asks for it. */
    async confirm(makeRequest) {
        try {
            return await makeRequest(null);
        } catch (error) {
            if (error.httpStatus !== 401) throw error;
            const identifier = { type: "m.id.user", user: this.userId };
            const session = error.data.session;
            return makeRequest({ type: "m.login.password", identifier, password: this.password, session });
        }
    }

    /** Keys that sign one's devices; new ones, or, where there are some, those of the secret storage. */
    async crossSign() {
        await this.crypto.bootstrapCrossSigning({
            authUploadDeviceSigningKeys: (makeRequest) => this.confirm(makeRequest),
        });
    }

    /** A secret storage with a recovery key, and a backup of the room keys; the recovery key as a person writes it down. */
    async storeSecrets() {
        const made = await this.crypto.createRecoveryKeyFromPassphrase();
        await this.crypto.bootstrapSecretStorage({
            createSecretStorageKey: async () => made,
            setupNewKeyBackup: true,
        });
        return made.encodedPrivateKey;
    }

    room(id) {
        return until(`the room ${id}`, () => this.client.getRoom(id));
    }

    async say(room, body, more = {}) {
        const said = await this.client.sendMessage(room, { msgtype: "m.text", body, ...more });
        return said.event_id;
    }

    /** The event, decrypted, once it is here. */
    async hear(roomId, eventId) {
        const room = await this.room(roomId);
        return until(`${this.userId} hears ${eventId}`, async () => {
            const event = room.findEventById(eventId);
            if (event) await this.client.decryptEventIfNeeded(event);
            return event && event.getType() !== "m.room.encrypted" && !event.isDecryptionFailure() && event;
        });
    }

    /** What it says now, its last edit counted in. */
    async read(room, eventId) {
        return (await this.hear(room, eventId)).getContent().body;
    }

    /** The reactions to an event that are known here: `{"👍": 2}`. */
    async reactions(roomId, eventId) {
        const room = await this.room(roomId);
        const relations = room.relations.getChildEventsForEvent(eventId, "m.annotation", "m.reaction");
        const sorted = relations?.getSortedAnnotationsByKey() ?? [];
        return Object.fromEntries(sorted.map(([key, events]) => [key, events.size]).filter(([, size]) => size));
    }

    async signOut() {
        this.client.stopClient();
        await this.client.logout(true);
    }
}
