// Stands for a function of a TypeScript team: Hono behind its own adapter for Lambda, zod for the body, and the few lines
// with which a custom runtime takes one event after another.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { Consignment } from './consignment.mjs'
import { refusal } from './refusal.mjs'

const app = new Hono()
app.post('/bench/v1/echo', zValidator('json', Consignment, refusal), (c) => c.json({ data: c.req.valid('json') }))
const handler = handle(app)

const invocations = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`
for (;;) {
  const next = await fetch(`${invocations}/next`)
  const id = next.headers.get('lambda-runtime-aws-request-id')
  const answer = await handler(await next.json(), { awsRequestId: id })
  await fetch(`${invocations}/${id}/response`, { method: 'POST', body: JSON.stringify(answer) })
}
