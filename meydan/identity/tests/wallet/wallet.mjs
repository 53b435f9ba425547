// A wallet of others: @openid4vc speaks the protocols, @sd-jwt reads the credentials, jose does the keys. Ours is only
// what a wallet's own app would be: where keys are kept, and which command comes next.
//
//   node wallet.mjs <the city's address> <where it is served now> <command> <its arguments as JSON>
//
// prints one line of JSON.
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { ES256, digest, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import {
  Oauth2Client, clientAuthenticationAnonymous, clientAuthenticationNone, setGlobalConfig,
} from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import * as jose from "jose";

const [city, served, command, given] = process.argv.slice(2);
const asked = JSON.parse(given);
setGlobalConfig({ allowInsecureUrls: true });

const fetchHere = (address, options) => fetch(String(address).replace(city, served), options);
const keys = new Map();

async function newKey() {
  const { privateKey, publicKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const publicJwk = await jose.exportJWK(publicKey);
  keys.set(publicJwk.x, privateKey);
  return { publicJwk, privateJwk: await jose.exportJWK(privateKey) };
}

async function keptKey({ d, ...publicJwk }) {
  keys.set(publicJwk.x, await jose.importJWK({ d, ...publicJwk }, "ES256"));
  return publicJwk;
}

const callbacks = {
  fetch: fetchHere,
  hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
  generateRandom: (length) => randomBytes(length),
  clientAuthentication: asked.client ? clientAuthenticationNone({ clientId: asked.client }) : clientAuthenticationAnonymous(),
  async signJwt(signer, { header, payload }) {
    const jwt = await new jose.SignJWT(payload).setProtectedHeader(header).sign(keys.get(signer.publicJwk.x));
    return { jwt, signerJwk: signer.publicJwk };
  },
  async verifyJwt(signer, { compact }) {
    const key = signer.method === "x5c"
      ? await jose.importX509(new X509Certificate(Buffer.from(signer.x5c[0], "base64")).toString(), "ES256")
      : await jose.importJWK(signer.publicJwk, "ES256");
    try {
      await jose.compactVerify(compact, key, { algorithms: ["ES256"] });
      return { verified: true, signerJwk: await jose.exportJWK(key) };
    } catch {
      return { verified: false };
    }
  },
  async encryptJwe(encryptor, data) {
    const key = await jose.importJWK(encryptor.publicJwk, "ECDH-ES");
    const header = { alg: "ECDH-ES", enc: encryptor.enc, kid: encryptor.publicJwk.kid };
    const jwe = await new jose.CompactEncrypt(new TextEncoder().encode(data)).setProtectedHeader(header).encrypt(key);
    return { jwe, encryptionJwk: encryptor.publicJwk };
  },
  decryptJwe: () => ({ decrypted: false }),
  getX509CertificateMetadata(certificate) {
    const names = new X509Certificate(Buffer.from(certificate, "base64")).subjectAltName ?? "";
    const of = (kind) => names.split(", ").filter((one) => one.startsWith(kind)).map((one) => one.slice(kind.length));
    return { sanDnsNames: of("DNS:"), sanUriNames: of("URI:") };
  },
};
const issuing = new Openid4vciClient({ callbacks });
const presenting = new Openid4vpClient({ callbacks });

// What the city said when it refused, as the library kept it.
const refusal = (error) => error.errorResponse ?? error.response?.credentialErrorResponseResult?.data ?? { error: String(error) };

async function tokens(credentialOffer, issuerMetadata, dpop) {
  const refused = [];
  for (const txCode of asked.wrong ?? []) {
    try {
      await issuing.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode, dpop });
      refused.push("accepted");
    } catch (error) {
      refused.push(refusal(error).error);
    }
  }
  const { accessTokenResponse } = await issuing.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode: asked.txCode, dpop,
  });
  return { accessTokenResponse, refused };
}

async function proofs(issuerMetadata, count) {
  const { c_nonce: nonce } = await issuing.requestNonce({ issuerMetadata });
  const made = [];
  for (let number = 0; number < count; number += 1) {
    const key = await newKey();
    const { jwt } = await issuing.createCredentialRequestJwtProof({
      issuerMetadata, nonce, credentialConfigurationId: "person",
      signer: { method: "jwk", alg: "ES256", publicJwk: key.publicJwk },
    });
    made.push({ jwt, key: key.privateJwk });
  }
  return made;
}

const boundTo = (publicJwk) => ({ signer: { method: "jwk", alg: "ES256", publicJwk } });

async function take(issuerMetadata, accessTokenResponse, binding) {
  const accessToken = accessTokenResponse.access_token;
  const proven = await proofs(issuerMetadata, asked.count ?? 1);
  const { credentialResponse } = await issuing.retrieveCredentials({
    issuerMetadata, accessToken, dpop: binding, credentialConfigurationId: "person",
    proofs: { jwt: proven.map((one) => one.jwt) },
  });
  if (credentialResponse.notification_id) {
    await issuing.sendNotification({
      issuerMetadata, accessToken, dpop: binding,
      notification: { notificationId: credentialResponse.notification_id, event: "credential_accepted" },
    });
  }
  return {
    access: accessToken, refresh: accessTokenResponse.refresh_token, type: accessTokenResponse.token_type,
    transaction: credentialResponse.transaction_id, keys: proven.map((one) => one.key),
    credentials: (credentialResponse.credentials ?? []).map((one) => one.credential),
  };
}

const commands = {
  async receive() {
    const credentialOffer = await issuing.resolveCredentialOffer(asked.offer);
    const issuerMetadata = await issuing.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const binding = asked.dpop ? boundTo((await newKey()).publicJwk) : undefined;
    const { accessTokenResponse, refused } = await tokens(credentialOffer, issuerMetadata, binding);
    return { refused, ...await take(issuerMetadata, accessTokenResponse, binding) };
  },

  // By authorization code: from an offer, or begun in the wallet. What must be remembered until the browser comes back
  // is printed, and given to "finish".
  async begin() {
    const issuerMetadata = await issuing.resolveIssuerMetadata(city);
    const key = asked.dpop ? await newKey() : undefined;
    const said = {
      clientId: asked.client, redirectUri: asked.back, scope: "person", dpop: key && boundTo(key.publicJwk),
    };
    const authorizationServerMetadata = issuerMetadata.authorizationServers[0];
    const begun = asked.offer
      ? await issuing.initiateAuthorization({
        ...said, issuerMetadata, credentialOffer: await issuing.resolveCredentialOffer(asked.offer),
      })
      : await new Oauth2Client({ callbacks }).initiateAuthorization({ ...said, authorizationServerMetadata, resource: city });
    return { url: begun.authorizationRequestUrl, verifier: begun.pkce.codeVerifier, key: key?.privateJwk };
  },

  async finish() {
    const issuerMetadata = await issuing.resolveIssuerMetadata(city);
    const authorizationServerMetadata = issuerMetadata.authorizationServers[0];
    const said = new URL(asked.url).searchParams;
    if (said.get("iss") !== authorizationServerMetadata.issuer) throw new Error("somebody else answers");
    const binding = asked.key && boundTo(await keptKey(asked.key));
    const { accessTokenResponse } = await new Oauth2Client({ callbacks }).retrieveAuthorizationCodeAccessToken({
      authorizationServerMetadata, authorizationCode: said.get("code"), pkceCodeVerifier: asked.verifier,
      redirectUri: asked.back, dpop: binding, resource: city,
    });
    return take(issuerMetadata, accessTokenResponse, binding);
  },

  async deferred() {
    const issuerMetadata = await issuing.resolveIssuerMetadata(city);
    const { deferredCredentialResponse } = await issuing.retrieveDeferredCredentials({
      issuerMetadata, accessToken: asked.access, transactionId: asked.transaction,
    });
    return {
      transaction: deferredCredentialResponse.transaction_id, interval: deferredCredentialResponse.interval,
      credentials: (deferredCredentialResponse.credentials ?? []).map((one) => one.credential),
    };
  },

  async present() {
    const { params } = presenting.parseOpenid4vpAuthorizationRequest({ authorizationRequest: asked.uri });
    const { authorizationRequestPayload, client, dcql } = await presenting.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: params,
    });
    const wanted = dcql.query.credentials[0];
    const names = wanted.claims.map((one) => one.path[0]);
    const holder = await jose.importJWK(asked.key, "ES256");
    const instance = new SDJwtVcInstance({
      hasher: digest, saltGenerator: generateSalt, signAlg: "ES256", hashAlg: "sha-256", kbSignAlg: "ES256",
      kbSigner: async (data) => Buffer.from(
        await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, holder, new TextEncoder().encode(data)),
      ).toString("base64url"),
    });
    const frame = Object.fromEntries(names.map((name) => [name, true]));
    const shown = await instance.present(asked.credential, frame, {
      kb: { payload: {
        iat: Math.floor(Date.now() / 1000), aud: authorizationRequestPayload.client_id, nonce: authorizationRequestPayload.nonce,
      } },
    });
    const isEncrypted = authorizationRequestPayload.response_mode === "direct_post.jwt";
    const answer = await presenting.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload,
      authorizationResponsePayload: { vp_token: { [wanted.id]: [shown] } },
      ...(isEncrypted ? { jarm: {
        encryption: { nonce: randomBytes(8).toString("base64url") },
        serverMetadata: {
          authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ["ECDH-ES"],
          authorization_encryption_enc_values_supported: ["A128GCM", "A256GCM"],
        },
      } } : {}),
    });
    const { response, responseMode } = await presenting.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload, ...answer,
    });
    return {
      names, client: client.prefix ?? client.scheme, name: authorizationRequestPayload.client_metadata.client_name, responseMode,
      status: response.status, body: await response.text(), shown, sent: answer.jarm?.responseJwt ?? "",
    };
  },

  async verify() {
    const { keys: issuerKeys } = (await (await fetchHere(`${city}/.well-known/jwt-vc-issuer`)).json()).jwks;
    const verifier = await ES256.getVerifier(issuerKeys[0]);
    const instance = new SDJwtVcInstance({
      hasher: digest, verifier, statusVerifier: verifier,
      statusListFetcher: async (uri) => (await fetchHere(uri)).text(),
    });
    try {
      const { payload, header } = await instance.verify(asked.credential);
      return { valid: true, payload, header };
    } catch (error) {
      return { valid: false, why: error.message };
    }
  },
};

try {
  console.log(JSON.stringify(await commands[command]()));
} catch (error) {
  console.error(error, JSON.stringify(refusal(error)));
  process.exit(1);
}
