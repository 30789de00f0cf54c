// All tests in one process, because synthesising the stacks takes longer than looking at them.

import './drift.js';
import './emulator.js';
import './flows.js';
import './house.js';
