// A Worker that does nothing: what it takes until it answers is the runtime's own.
export default { fetch: () => new Response('{}', { headers: { 'content-type': 'application/json' } }) }
