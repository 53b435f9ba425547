// In the place of matrix-js-sdk's event, which brings rooms, threads and the client along: the one name that its keeper of
// keys takes of it. Our own events are in meydan/messaging/static/messaging/chat/seal/event.js.

export const MatrixEventEvent = { Decrypted: "Event.decrypted" };
