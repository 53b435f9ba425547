// A relying party of others: openid-client speaks the protocol, jose does the keys. Ours is only what a site would add:
// where it keeps what it must remember, and which command comes next.
//
//   node relying.mjs <the city's address> <command> <its arguments as JSON>
//
// prints one line of JSON.
import * as client from "openid-client";
import * as jose from "jose";

const [city, command, given] = process.argv.slice(2);
const asked = JSON.parse(given);

async function configuration() {
  const key = asked.key && { key: await jose.importJWK(asked.key, "ES256") };
  const proof = key ? client.PrivateKeyJwt(key) : asked.secret ? client.ClientSecretBasic(asked.secret) : client.None();
  const metadata = { id_token_signed_response_alg: "ES256" };
  return client.discovery(new URL(city), asked.id, metadata, proof, { execute: [client.allowInsecureRequests] });
}

async function bound(config) {
  if (!asked.dpop) return {};
  const [privateKey, publicKey] = await Promise.all([asked.dpop.privateKey, asked.dpop.publicKey].map(
    (jwk, place) => crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, true, [place ? "verify" : "sign"]),
  ));
  return { DPoP: client.getDPoPHandle(config, { privateKey, publicKey }) };
}

const commands = {
  async key() {
    const { privateKey, publicKey } = await jose.generateKeyPair("ES256", { extractable: true });
    return { privateKey: await jose.exportJWK(privateKey), publicKey: await jose.exportJWK(publicKey) };
  },
  async begin(config) {
    const verifier = client.randomPKCECodeVerifier();
    const kept = { verifier, state: client.randomState(), nonce: client.randomNonce() };
    const said = {
      redirect_uri: asked.back,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: kept.state,
      nonce: kept.nonce,
      ...asked.more,
    };
    const build = asked.push ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
    return { url: (await build(config, said)).href, ...kept };
  },
  async finish(config) {
    const checks = {
      pkceCodeVerifier: asked.verifier, expectedState: asked.state, expectedNonce: asked.nonce, idTokenExpected: true,
      ...(asked.maxAge === undefined ? {} : { maxAge: asked.maxAge }),
    };
    try {
      const tokens = await client.authorizationCodeGrant(config, new URL(asked.url), checks, {}, await bound(config));
      return { tokens, claims: tokens.claims() };
    } catch (error) {
      return { error: error.error ?? error.code };
    }
  },
  async userinfo(config) {
    return client.fetchUserInfo(config, asked.access, asked.sub, await bound(config));
  },
  async renew(config) {
    try {
      const tokens = await client.refreshTokenGrant(config, asked.refresh, {}, await bound(config));
      return { tokens, claims: tokens.claims() };
    } catch (error) {
      return { error: error.error ?? error.code };
    }
  },
  async revoke(config) {
    await client.tokenRevocation(config, asked.token);
    return client.tokenIntrospection(config, asked.token);
  },
  async leave(config) {
    const said = { id_token_hint: asked.hint, post_logout_redirect_uri: asked.back, state: "out" };
    return { url: client.buildEndSessionUrl(config, said).href };
  },
};

const config = command === "key" ? null : await configuration();
console.log(JSON.stringify(await commands[command](config)));
