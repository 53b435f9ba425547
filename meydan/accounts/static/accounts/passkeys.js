// Passkeys (WebAuthn). Each form[data-passkey] appears where the browser can do it, asks it for a credential when sent,
// puts the answer into its field and goes on. data-passkey: "create", "get", or "login" (asks the server for options).

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const key = (one) => ({ ...one, id: bytes(one.id) });

function read(options) {
  const given = options.publicKey;
  const read = { ...given, challenge: bytes(given.challenge) };
  if (given.user) {
    read.user = { ...given.user, id: bytes(given.user.id) };
    // One that the device finds by itself and opens for its owner only: it signs in alone, without name or password.
    const alone = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    read.authenticatorSelection = { ...given.authenticatorSelection, ...alone };
    read.extensions = { ...given.extensions, prf: {} }; // and can lock what a browser keeps (identity/lock.js)
  }
  for (const list of ["excludeCredentials", "allowCredentials"]) if (given[list]) read[list] = given[list].map(key);
  return { publicKey: read };
}

function write(credential) {
  const answer = credential.response;
  const response = { clientDataJSON: text(answer.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (answer[part]) response[part] = text(answer[part]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function optionsFor(form) {
  if (form.dataset.passkey !== "login") return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return (await answer.json()).request_options;
}

async function prove(form) {
  for (const line of form.querySelectorAll("[data-says]")) line.hidden = true;
  try {
    const options = read(await optionsFor(form));
    const credential = await (form.dataset.passkey === "create"
      ? navigator.credentials.create(options)
      : navigator.credentials.get(options));
    form.elements.credential.value = write(credential);
    form.submit();
  } catch (error) {
    const numeric = /^[\d.]+$|^\[/.test(location.hostname);
    form.querySelector(`[data-says=${numeric ? "address" : "failed"}]`).hidden = false;
  }
}

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      prove(form);
    });
  }
