// In the place of matrix-js-sdk's client: the one name that the secret storage takes of it.

export const ClientEvent = { AccountData: "accountData" };
