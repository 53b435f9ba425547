/** What a page offers to the test that drives it. */

import { converse } from "./conversation.mjs";
import * as call from "./call.mjs";

Object.assign(globalThis, { converse, call });
