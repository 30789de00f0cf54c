// The Worker's entry: the instance of the program that answers, and a fresh one for who comes after a panic.
import program from './index_bg.wasm'
import { instance } from './instance.js'

/** How many instances that panicked may still be answering. Each has a memory of its own, and a Worker has 128 MB. */
const MOST = 4

/** What the glue of an instance imports. The events come to the entry below, and from there to it. */
const modules = { './index_bg.wasm': program, 'cloudflare:workers': { WorkerEntrypoint: class {} } }

let current = made()

/** Weak, because who hangs up never leaves: such an instance goes when the collector finds it. */
let left = []

function made() {
  const made = { panicked: false, inside: 0 }
  const listen = () => {}
  const glue = instance(name => modules[name], () => { made.panicked = true }, listen)
  made.fetch = glue.default.prototype.fetch
  return made
}

/** Leaves the instance that panicked to those who are in it; who comes while there are too many such joins them. */
function leave() {
  left = left.filter(instance => instance.deref()?.inside > 0)
  if (left.length === MOST) return
  const fresh = made()
  left.push(new WeakRef(current))
  current = fresh
}

export default {
  async fetch(request, env, ctx) {
    if (current.panicked) leave()
    const mine = current
    mine.inside += 1
    try {
      return await mine.fetch.call({ env, ctx }, request)
    } catch (trap) {
      // Nobody caught it, and the glue has given the instance up.
      mine.panicked = true
      throw trap
    } finally {
      mine.inside -= 1
    }
  },
}
