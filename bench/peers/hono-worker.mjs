// The same as hono-echo.mjs, as a Worker. esbuild puts the key where bearer.mjs asks the environment for it. With
// BENCH_SECURED it gives each answer an id and the usual header fields of security, as our pipeline does.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { authenticated } from './bearer.mjs'
import { Consignment } from './consignment.mjs'
import { refusal } from './refusal.mjs'

const app = new Hono()
if (process.env.BENCH_SECURED) app.use(requestId(), secureHeaders())
app.post('/bench/v1/echo', authenticated, zValidator('json', Consignment, refusal), (c) => c.json({ data: c.req.valid('json') }))
export default app
