// What each of our operations does besides its own work, as a TypeScript team adds it to Hono: a request id, security
// headers, a rate limit with its header fields, one log line and one metric line per request.
import { createWriteStream } from 'node:fs'
import { createMiddleware } from 'hono/factory'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'

const lines = createWriteStream(process.env.BENCH_LOG, { flags: 'a' })

export function house(app, { operation, limit, seconds }) {
  app.use(requestId())
  app.use(secureHeaders())
  app.use(written(operation))
  return limited(limit, seconds)
}

// One object per line: the log line, and the metric in CloudWatch's embedded format.
const written = (operation) => createMiddleware(async (c, next) => {
  const begun = performance.now()
  await next()
  const durationMs = performance.now() - begun
  const user = c.get('user')
  const timestamp = new Date()
  const log = {
    level: 'INFO', message: `${operation} answered ${c.res.status}`, timestamp: timestamp.toISOString(), service: 'booking',
    environment: 'dev', requestId: c.get('requestId'), operation, method: c.req.method, route: c.req.path,
    status: c.res.status, durationMs, tenant: user?.tenant_id, principal: user?.sub,
  }
  const metric = {
    _aws: {
      Timestamp: timestamp.getTime(),
      CloudWatchMetrics: [{
        Namespace: 'Bench', Dimensions: [['Service', 'Operation', 'Status']],
        Metrics: [{ Name: 'Duration', Unit: 'Milliseconds' }, { Name: 'Count', Unit: 'Count' }],
      }],
    },
    Service: 'booking', Operation: operation, Status: `${c.res.status}`, Duration: durationMs, Count: 1,
  }
  lines.write(`${JSON.stringify(log)}\n${JSON.stringify(metric)}\n`)
})

// A fixed window per caller, counted in memory as ours is on a laptop.
function limited(limit, seconds) {
  const windows = new Map()
  return createMiddleware(async (c, next) => {
    const now = Math.floor(Date.now() / 1000)
    const { tenant_id, sub } = c.get('user')
    const window = Math.floor(now / seconds)
    const key = `${tenant_id}#${sub}`
    let standing = windows.get(key)
    if (standing?.window !== window) windows.set(key, (standing = { window, calls: 0 }))
    standing.calls += 1
    c.header('X-RateLimit-Limit', `${limit}`)
    c.header('X-RateLimit-Remaining', `${Math.max(0, limit - standing.calls)}`)
    c.header('X-RateLimit-Reset', `${(window + 1) * seconds}`)
    if (standing.calls <= limit) return next()
    return c.json({ error: { code: 'RATE_LIMIT_EXCEEDED', message: 'Too many calls.', details: {} } }, 429)
  })
}
