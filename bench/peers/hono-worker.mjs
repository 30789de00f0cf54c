// The same as hono-echo.mjs, as a Worker. esbuild puts the key where bearer.mjs asks the environment for it.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { authenticated } from './bearer.mjs'
import { Consignment } from './consignment.mjs'
import { refusal } from './refusal.mjs'

const app = new Hono()
app.post('/bench/v1/echo', authenticated, zValidator('json', Consignment, refusal), (c) => c.json({ data: c.req.valid('json') }))
export default app
