// What the keeper does with the keys that stand for the person: signing their devices, keeping a backup of the rooms' keys
// at the gateway, and giving all of it to a new device by the recovery key. The gateway has it encrypted, and cannot read it.

import { api, Failure, line } from "../line.js";

const DEFAULT = "m.secret_storage.default_key";
const allowed = (make) => make(null); // the first keys are free; to replace them is allowed on a page

export const secretsOf = (engine) => ({
  // What stands and what is missing here.
  async status() {
    const { crypto } = engine;
    await engine.prepared; // or a first browser would look like one that nobody knows
    const [own, identity, recovery, backup, kept] = await Promise.all([
      crypto.getDeviceVerificationStatus(line.me, line.device),
      crypto.userHasCrossSigningKeys(line.me, true),
      engine.account.getAccountDataFromServer(DEFAULT),
      crypto.getActiveSessionBackupVersion(),
      api("GET", "v3/room_keys/version").then(({ count }) => count, (error) => (error.code === "M_NOT_FOUND" ? 0 : Promise.reject(error))),
    ]);
    return { device: line.device, verified: Boolean(own?.signedByOwner && own.crossSigningVerified), identity, recovery: Boolean(recovery?.key), backup, kept, owed: new Set(engine.kept.owed.map(({ room }) => room)).size };
  },

  // One's own devices as the gateway lists them, with what their keys are worth.
  async devices() {
    const { crypto } = engine;
    await engine.prepared;
    const [{ devices }, keys] = await Promise.all([api("GET", "v3/devices"), crypto.getUserDeviceInfo([line.me], true)]);
    const known = keys.get(line.me) ?? new Map();
    return Promise.all(devices.map(async (device) => {
      const status = known.has(device.device_id) ? await crypto.getDeviceVerificationStatus(line.me, device.device_id) : null;
      return { id: device.device_id, name: device.display_name ?? "", seen: device.last_seen_ts, here: device.device_id === line.device, keys: Boolean(status), verified: Boolean(status?.signedByOwner) };
    }));
  },

  // What is known of somebody else in a room: {verified, changed, devices}.
  async person(id, room) {
    const { crypto } = engine;
    await engine.ready(room);
    const [status, devices] = await Promise.all([crypto.getUserVerificationStatus(id), crypto.getUserDeviceInfo([id], true)]);
    return { verified: status.isCrossSigningVerified(), changed: Boolean(status.needsUserApproval), devices: devices.get(id)?.size ?? 0 };
  },

  // It has been said that somebody's new keys are theirs.
  async believe(id) {
    await engine.crypto.pinCurrentUserIdentity(id);
    engine.tell("trust", id);
  },

  // A new recovery key, as it is written down; the one before opens nothing any more.
  async makeRecovery() {
    const { crypto } = engine;
    await engine.prepared;
    const made = await crypto.createRecoveryKeyFromPassphrase();
    const backup = await crypto.getActiveSessionBackupVersion();
    await crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => made, setupNewSecretStorage: true, setupNewKeyBackup: !backup });
    engine.tell("devices");
    return made.encodedPrivateKey;
  },

  // Everything by the recovery key, or by the phrase that somebody has chosen in another app: {imported, total}.
  async recover(text) {
    const { crypto, sdk } = engine;
    const [id, info] = (await engine.storage.getKey()) ?? [];
    if (!id) throw new Failure(404, "M_NOT_FOUND");
    const key = await keyOf(sdk, text, info);
    if (!key || !(await engine.storage.checkKey(key, info))) throw new Failure(400, "M_WRONG_KEY");
    engine.secrets.set(id, key);
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: allowed });
    if (!(await crypto.getKeyBackupInfo())) {
      await crypto.resetKeyBackup();
      return { imported: 0, total: 0 };
    }
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await crypto.checkKeyBackupAndEnable();
    const { imported, total } = await engine.restore();
    engine.payAll();
    return { imported, total };
  },

  // New keys for the person, where nothing is left that knows the old ones. Whoever has verified them must do it anew. 401
  // until it is allowed on the page.
  async startAnew() {
    const { crypto, storage } = engine;
    const before = await storage.getDefaultKeyId();
    if (before) await storage.setDefaultKeyId(null);
    try {
      await crypto.bootstrapCrossSigning({ setupNewCrossSigning: true, authUploadDeviceSigningKeys: allowed });
    } catch (error) {
      if (before) await storage.setDefaultKeyId(before);
      throw error;
    }
    await crypto.resetKeyBackup();
    engine.tell("devices");
  },

  // Keys that are shared from now on are new ones.
  async discard(room) {
    await engine.crypto.forceDiscardSession(room);
  },
});

async function keyOf(sdk, text, info) {
  try {
    return sdk.decodeRecoveryKey(text);
  } catch {
    const { algorithm, salt, iterations, bits } = info.passphrase ?? {};
    return algorithm === "m.pbkdf2" && iterations <= 5_000_000 ? sdk.deriveRecoveryKeyFromPassphrase(text, salt, iterations, bits) : null;
  }
}

// The first time: keys that sign this person's devices, this one first, and a backup.
export async function prepare({ crypto }) {
  if (!(await crypto.userHasCrossSigningKeys(line.me, true))) {
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: allowed });
    if (!(await crypto.getKeyBackupInfo())) await crypto.resetKeyBackup();
    return;
  }
  const [{ privateKeysCachedLocally: here }, own] = await Promise.all([crypto.getCrossSigningStatus(), crypto.getDeviceVerificationStatus(line.me, line.device)]);
  if (here.selfSigningKey && !own?.signedByOwner) await crypto.crossSignDevice(line.device);
}
