/** `node in_node.mjs URL '{"user", "password"}' '{...}'`: prints the facts of a conversation as JSON. */

import { converse } from "./conversation.mjs";

const [url, ada, ben] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await converse(url, JSON.parse(ada), JSON.parse(ben))));
process.exit(0); // the SDK's timers would wait on
