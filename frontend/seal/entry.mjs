// What the messenger in the browser takes of matrix-js-sdk: the keeper of keys over matrix-sdk-crypto-wasm, and what stands
// round it. Not its client, whose sync and store are not ours.

export { initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
export { ConnectionError, MatrixError } from "matrix-js-sdk/lib/http-api/errors.js";
export { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";
export { deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/key-passphrase.js";
export { initRustCrypto } from "matrix-js-sdk/lib/rust-crypto/index.js";
export { ServerSideSecretStorageImpl } from "matrix-js-sdk/lib/secret-storage.js";
