// A room as the SDK wants it for encrypting: who is to be given its key. The gateway says who is in it, and is asked again
// when somebody came or went, or the last answer is older than `FRESH`.

import { api, room as at } from "../line.js";

const FRESH = 30_000;
const READERS_TO_BE = new Set(["invited", "shared", "world_readable"]);

export class Place {
  constructor(id, config) {
    Object.assign(this, { roomId: id, config, members: [], looked: 0 });
  }

  get people() {
    return this.members.map(({ userId }) => userId);
  }

  forget() {
    this.looked = 0;
  }

  async look() {
    if (Date.now() - this.looked < FRESH) return;
    const [{ chunk }, visibility] = await Promise.all([
      api("GET", at(this.roomId, "/members"), undefined, { query: { not_membership: "leave" } }),
      this.visibility ?? api("GET", at(this.roomId, "/state/m.room.history_visibility/")).then((said) => said.history_visibility, whenNone),
    ]);
    this.visibility = visibility;
    const wanted = this.shouldEncryptForInvitedMembers() ? ["join", "invite"] : ["join"];
    this.members = chunk.filter((one) => wanted.includes(one.content.membership)).map((one) => ({ userId: one.state_key, membership: one.content.membership }));
    this.looked = Date.now();
  }

  // --- what the SDK asks

  getJoinedMembers() {
    return this.members.filter((one) => one.membership === "join");
  }

  async getEncryptionTargetMembers() {
    await this.look();
    return this.members;
  }

  shouldEncryptForInvitedMembers() {
    return READERS_TO_BE.has(this.visibility);
  }

  getHistoryVisibility() {
    return this.visibility ?? "shared";
  }

  getBlacklistUnverifiedDevices() {
    return null;
  }
}

function whenNone(error) {
  if (error.code === "M_NOT_FOUND") return "shared";
  throw error;
}
