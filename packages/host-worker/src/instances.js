// The Worker's entry: the instance of the program that answers, and a fresh one for who comes after a panic.
import program from './index_bg.wasm'
import { instance } from './instance.js'

/** How many instances that panicked may still be answering. Each has a memory of its own, and a Worker has 128 MB. */
const MOST = 4

/** What the glue of an instance imports. The events come to the entry below, and from there to it. */
const modules = { './index_bg.wasm': program, 'cloudflare:workers': { WorkerEntrypoint: class {} } }

let current = made()

/** Instances that panicked, with somebody inside. Weak, because whom the runtime ends never leaves. */
let left = []

function made() {
  const made = { panicked: false, inside: 0 }
  const imported = name => {
    if (name in modules) return modules[name]
    throw new Error(`The glue imports ${name}, which it is not given.`)
  }
  const { prototype } = instance(imported, () => { made.panicked = true }, () => {}).default
  const handlers = Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor')
  if (String(handlers) !== 'fetch') throw new Error(`The program handles ${handlers}, the entry hands on fetch alone.`)
  made.fetch = prototype.fetch
  return made
}

/** Leaves the instance that panicked to those who are in it; who comes while there are too many such joins them. */
function leave() {
  const occupied = [...left, new WeakRef(current)].filter(instance => instance.deref()?.inside > 0)
  if (occupied.length > MOST) return
  try {
    current = made()
    left = occupied
  } catch (error) {
    console.error('No fresh instance can be made, so the one that panicked answers on:', error)
  }
}

async function answered(instance, request, env, ctx) {
  instance.inside += 1
  try {
    return await instance.fetch.call({ env, ctx }, request)
  } finally {
    instance.inside -= 1
  }
}

export default {
  fetch(request, env, ctx) {
    if (current.panicked) leave()
    const answer = answered(current, request, env, ctx)
    // A caller who hangs up stops nothing: what was begun comes to its end here as on the other hosts.
    ctx.waitUntil(answer)
    return answer
  },
}
