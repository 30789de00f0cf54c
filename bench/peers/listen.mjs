// A Hono application as a server on a free loopback port, which says where it listens in one line of JSON.
import { serve } from '@hono/node-server'

export function listen(app, path, port = 0) {
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}${path}` }))
  })
}
