// Stands for the pipeline without storage as a TypeScript team writes it: Hono on Node, zod for the body, jose for the
// token.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { authenticated } from './bearer.mjs'
import { Consignment } from './consignment.mjs'
import { listen } from './listen.mjs'
import { refusal } from './refusal.mjs'

const app = new Hono()
app.post('/bench/v1/echo', authenticated, zValidator('json', Consignment, refusal), (c) => c.json({ data: c.req.valid('json') }))
listen(app, '/bench/v1/echo')
