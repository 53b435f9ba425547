// The challenge: the page asks for poses in the order that the server drew, takes a dozen small pictures and one still.
// Nothing here is trusted: the server judges order, time and face.

const form = document.getElementById("selfie");
const camera = form?.querySelector("[data-camera]");
const stage = form?.querySelector("[data-stage]");
const video = form?.querySelector("video");
const say = form?.querySelector("[data-say]");
const start = form?.querySelector("[data-start]");
const SMALL = 320;
const STILL = 640;
const EACH = 700; // ms between two frames
const MOST = 13;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function picture(side, quality) {
  const canvas = document.createElement("canvas");
  const factor = side / Math.max(video.videoWidth, video.videoHeight);
  canvas.width = Math.round(video.videoWidth * factor);
  canvas.height = Math.round(video.videoHeight * factor);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
}

async function draw() {
  const answer = await fetch(form.dataset.challenge, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: "{}",
  });
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.json();
}

async function film(challenge) {
  const frames = [];
  const began = performance.now();
  const last = challenge.seconds * 1000 - 700;
  say.textContent = form.dataset.straight;
  const still = await picture(STILL, 0.9);
  frames.push([0, await picture(SMALL, 0.8)]);
  const share = (last - 900) / challenge.poses.length;
  while (performance.now() - began < last && frames.length < MOST) {
    await wait(EACH);
    const passed = performance.now() - began;
    const pose = challenge.poses[Math.min(challenge.poses.length - 1, Math.max(0, Math.floor((passed - 900) / share)))];
    say.textContent = form.dataset[pose];
    frames.push([Math.round(passed), await picture(SMALL, 0.8)]);
  }
  return { still, frames };
}

async function send(challenge, still, frames) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("do", "picture");
  body.set("nonce", challenge.nonce);
  body.set("still", still, "still.jpg");
  for (const [at, frame] of frames) {
    body.append("at", String(at));
    body.append("frames", frame, "frame.jpg");
  }
  const answer = await fetch(location.href, { method: "POST", body });
  if (answer.ok) location.assign(answer.url);
  else location.reload();
}

start?.addEventListener("click", async () => {
  start.disabled = true;
  stage.hidden = false;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 640 }, audio: false });
    video.srcObject = stream;
    await video.play();
    say.textContent = form.dataset.straight;
    await wait(1500);
    const challenge = await draw();
    const { still, frames } = await film(challenge);
    say.textContent = form.dataset.sending;
    await send(challenge, still, frames);
  } catch (error) {
    say.textContent = error.name === "Error" && error.message ? error.message : form.dataset.failed;
    start.disabled = false;
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
});

if (camera && navigator.mediaDevices?.getUserMedia) camera.hidden = false;
