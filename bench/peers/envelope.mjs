// The parts both Hono peers share: a refused body becomes our error envelope, and a server on a free loopback port says
// where it listens, in one line of JSON.
import { serve } from '@hono/node-server'

export function refusal(result, c) {
  if (result.success) return
  const issues = result.error.issues.map(({ path, code, message }) => ({ pointer: '/' + path.join('/'), rule: code, message }))
  return c.json({ error: { code: 'VALIDATION_ERROR', message: 'The request is not valid.', details: { issues } } }, 400)
}

export function listen(app, path, port = 0) {
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}${path}` }))
  })
}
