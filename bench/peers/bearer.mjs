// Stands for what a Hono application writes to accept our tokens: jose verifies signature, type, issuer, audience and
// expiry of every one; without a good one the answer is 401. With BENCH_REMEMBER_TOKENS it does as our pipeline does: a
// token's signature is verified once, its expiry every time.
import { createMiddleware } from 'hono/factory'
import { importJWK, jwtVerify } from 'jose'

const key = await importJWK(JSON.parse(process.env.BENCH_JWK), 'EdDSA')
const expected = { algorithms: ['EdDSA'], typ: 'at+jwt', issuer: 'https://auth.enver.example', audience: 'enver' }
const remembered = process.env.BENCH_REMEMBER_TOKENS ? new Map() : undefined

export const authenticated = createMiddleware(async (c, next) => {
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme.toLowerCase() !== 'bearer' || !token) return refuse(c)
  try {
    c.set('user', await verified(token))
  } catch {
    return refuse(c)
  }
  await next()
})

async function verified(token) {
  const known = remembered?.get(token)
  if (known && known.exp > Date.now() / 1000) return known
  const { payload } = await jwtVerify(token, key, expected)
  if (remembered?.size >= 10_000) remembered.clear()
  remembered?.set(token, payload)
  return payload
}

function refuse(c) {
  return c.json({ error: { code: 'UNAUTHORIZED', message: 'Log in first.', details: {} } }, 401, {
    'WWW-Authenticate': 'Bearer',
  })
}
