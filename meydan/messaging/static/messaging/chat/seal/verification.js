// Comparing emoji: two devices show the same seven when nobody sits between them. The keeper's part of it: requests by their
// number, told as what can be cloned.

import { Failure, line } from "../line.js";

const SAS = "m.sas.v1";
const PHASES = ["", "unsent", "requested", "ready", "started", "cancelled", "done"];
const OTHERS_TURN = 6000; // milliseconds after which who was asked begins, where the other side does not

export const verifying = (engine) => {
  const known = new Map(); // number -> {request, emoji, sas}

  const snapshot = (id) => {
    const { request, emoji, confirmed } = known.get(id);
    const phase = PHASES[request.phase];
    return { id, person: request.otherUserId, device: request.otherDeviceId ?? "", own: request.isSelfVerification, incoming: !request.initiatedByMe, phase, emoji, confirmed };
  };

  function watch(request) {
    const id = request.transactionId;
    if (known.has(id)) return id;
    known.set(id, { request, emoji: null, confirmed: false });
    request.on("change", () => changed(id));
    changed(id);
    return id;
  }

  function changed(id) {
    const one = known.get(id);
    const { request } = one;
    const phase = PHASES[request.phase];
    if (phase === "ready" && !one.begins) {
      one.begins = true;
      if (request.initiatedByMe) begin(id);
      else setTimeout(() => PHASES[request.phase] === "ready" && begin(id), OTHERS_TURN);
    }
    if (phase === "started" && request.verifier && request.verifier !== one.verifier) follow(id, request.verifier);
    engine.tell("verification", snapshot(id));
  }

  function begin(id) {
    const { request } = known.get(id);
    request.startVerification(SAS).catch((error) => error.failure ?? request.cancel().catch(() => undefined));
  }

  function follow(id, verifier) {
    const one = known.get(id);
    one.verifier = verifier;
    const show = (sas) => {
      one.sas = sas;
      one.emoji = sas.sas.emoji ?? null;
      engine.tell("verification", snapshot(id));
    };
    verifier.on("show_sas", show);
    const early = verifier.getShowSasCallbacks();
    if (early) show(early);
    const done = async () => {
      await engine.crypto.onSyncCompleted({}); // what the device asks of the other one now goes at once
      engine.tell("devices");
    };
    verifier.verify().then(done, () => undefined); // that it was broken off, the phase says
  }

  const find = (id) => {
    const one = known.get(id);
    if (!one) throw new Failure(404, "M_NOT_FOUND");
    return one;
  };
  engine.requested = (request) => watch(request);

  return {
    async verifyOwn(device) {
      const { crypto } = engine;
      return snapshot(watch(await (device ? crypto.requestDeviceVerification(line.me, device) : crypto.requestOwnUserVerification())));
    },
    async verifyPerson(person, room) {
      const { crypto } = engine;
      await engine.ready(room);
      return snapshot(watch(await crypto.requestVerificationDM(person, room)));
    },
    async verification(id) {
      return snapshot(find(id) && id);
    },
    async accept(id) {
      await find(id).request.accept();
    },
    async confirm(id) {
      const one = find(id);
      one.confirmed = true;
      await one.sas.confirm();
      engine.tell("verification", snapshot(id));
    },
    async differs(id) {
      find(id).sas.mismatch();
    },
    async refuse(id) {
      await find(id).request.cancel();
    },
  };
};
