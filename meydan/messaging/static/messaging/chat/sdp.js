// What a session's description (RFC 8866) says of voice, changed for slow lines.

const TUNING = { maxaveragebitrate: "8000", maxplaybackrate: "16000", stereo: "0", cbr: "1", usedtx: "1", useinbandfec: "1" };
const FRAME = 120; // milliseconds: six times fewer packets, whose heads weigh more than the voice in them
// What every packet would carry beside the voice: how loud it is, when it left, its number on the way (RFC 8285). Only the
// name of its section stays, which tells voice and picture apart.
const EXTRA = /^a=(?:extmap:(?!\d+ urn:ietf:params:rtp-hdrext:sdes:mid)|rtcp-fb:\d+ transport-cc)/u;

// Opus (RFC 7587) at a constant 8 kbit/s in frames of 120 ms, silence unsent (`bench/call.py` counts it on the wire).
export function slowly(sdp) {
  return sdp
    .split(/(?=^m=)/mu)
    .map((section) => (section.startsWith("m=audio") ? voice(section) : section))
    .join("");
}

// Where voice comes in so large pieces, the next one is to be there when one is lost, or as much again is made up: how long
// the listener's browser holds them, in milliseconds; null where it may decide.
export const patience = (sdp) => (new RegExp(`^a=ptime:${FRAME}\\b`, "mu").test(sdp) ? 3 * FRAME : null);

function voice(section) {
  const opus = /^a=rtpmap:(\d+) opus\/48000/imu.exec(section)?.[1];
  if (!opus) return section;
  const lines = section.split("\r\n").filter((line) => !/^a=(?:max)?ptime:/u.test(line) && !EXTRA.test(line));
  const place = lines.findIndex((line) => line.startsWith(`a=fmtp:${opus} `));
  const known = place < 0 ? [] : lines[place].slice(`a=fmtp:${opus} `.length).split(";").map((one) => one.trim().split("="));
  const tuned = { ...Object.fromEntries(known), ...TUNING };
  const told = `a=fmtp:${opus} ${Object.entries(tuned).map(([name, value]) => `${name}=${value}`).join(";")}`;
  if (place < 0) lines.splice(lines.findIndex((line) => line.startsWith(`a=rtpmap:${opus} `)) + 1, 0, told);
  else lines[place] = told;
  const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  lines.splice(end, 0, `a=ptime:${FRAME}`, `a=maxptime:${FRAME}`);
  return lines.join("\r\n");
}
