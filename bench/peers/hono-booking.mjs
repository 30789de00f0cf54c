// Stands for `POST /booking/v1/bookings` as a TypeScript team writes it: Hono on Node, zod, jose, the AWS SDK v3 and a
// single table on dynalite, which keeps it on disk. dynalite has no transactions, so the booking is put on condition that
// there is none of its id, and its outbox event and audit entry follow in a batch. With BENCH_ONE_BATCH all three go in
// one batch, which knows no conditions.
import { randomBytes, randomUUID } from 'node:crypto'
import { CreateTableCommand, DynamoDBClient, ResourceInUseException, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { authenticated } from './bearer.mjs'
import { listen } from './listen.mjs'
import { refusal } from './refusal.mjs'
import { house } from './house.mjs'

const TABLE = 'booking'
const pricing = {
  currency: 'INR',
  basePerTonne: 50_000,
  perTonneKilometre: 1_500,
  materialMultipliers: { coal: 1, iron_ore: 1.1, limestone: 0.9, fertilizer: 1.2 },
  vehicleClassMultipliers: { light: 1, medium: 1, heavy: 1, articulated: 1 },
  surgeMultiplier: 1,
  taxBasisPoints: 1_800,
}
const rules = { earliestPickupHours: 1, latestPickupDays: 7, maximumKilometres: 4_000, maximumTonnes: 40 }

const client = new DynamoDBClient({
  endpoint: process.env.BENCH_DYNAMODB,
  region: 'ap-south-1',
  // enver:allow(hardcoded-secret) the stand-in for DynamoDB takes any credentials
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})
const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })

const Place = z.strictObject({
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  address: z.string().min(1).max(200),
})
const Freight = z.strictObject({
  pickup: Place,
  drop: Place,
  material: z.enum(['coal', 'iron_ore', 'limestone', 'fertilizer']),
  tonnes: z.number().min(0.1).max(1000),
  pickupAt: z.iso.datetime({ offset: true }),
  distanceKm: z.number().min(0.1).max(10_000).optional(),
  vehicleClass: z.enum(['light', 'medium', 'heavy', 'articulated']).optional(),
})
const NewBooking = z.strictObject({ freight: Freight })
// What an answer must look like, checked outside production as ours is.
const Amount = z.int().min(0)
const Booked = z.strictObject({
  data: z.strictObject({
    bookingId: z.string().regex(/^BK-[0-9A-F]{16}$/),
    shipperId: z.string().min(1),
    status: z.enum(['created', 'cancelled']),
    freight: Freight,
    price: z.strictObject({
      currency: z.string().regex(/^[A-Z]{3}$/),
      baseAmount: Amount, distanceCharge: Amount, materialSurcharge: z.int(), vehicleSurcharge: z.int(), surgeAmount: z.int(),
      discounts: z.array(z.strictObject({ name: z.string(), amount: Amount })),
      taxes: z.array(z.strictObject({ name: z.string(), basisPoints: Amount, amount: Amount })),
      totalAmount: Amount,
      priceVersion: z.string(),
    }),
    createdAt: z.iso.datetime(),
  }),
})

const shippers = createMiddleware(async (c, next) => {
  if (c.get('user').roles.some((role) => role === 'shipper' || role === 'tenant_admin')) return next()
  return c.json({ error: { code: 'FORBIDDEN', message: 'This is for shippers.', details: {} } }, 403)
})

const app = new Hono()
const limited = house(app, { operation: 'createBooking', limit: 1_000_000_000, seconds: 60 })
app.post('/booking/v1/bookings', authenticated, limited, shippers, zValidator('json', NewBooking, refusal), async (c) => {
  const user = c.get('user')
  const { freight } = c.req.valid('json')
  const now = new Date()
  const rule = broken(freight, now)
  if (rule) return c.json({ error: { code: rule, message: 'A rule refuses this booking.', details: {} } }, 422)

  const booking = {
    bookingId: `BK-${randomBytes(8).toString('hex').toUpperCase()}`,
    shipperId: user.sub,
    status: 'created',
    freight,
    price: price(freight),
    createdAt: now.toISOString(),
  }
  await write(user, booking, c.get('requestId'))
  return c.json(Booked.parse({ data: booking }), 201)
})

async function write({ tenant_id: tenant, sub }, booking, requestId) {
  const { bookingId, createdAt } = booking
  const order = `${createdAt}#${bookingId}`
  const record = {
    pk: `${tenant}#booking`, sk: bookingId, version: 1, tenant, view: booking, onCredit: false,
    history: [{ at: createdAt, by: sub, action: 'create', to: 'created' }],
    gsi1pk: `${tenant}#booking`, gsi1sk: order, gsi2pk: `${tenant}#booking#${sub}`, gsi2sk: order,
  }
  const id = randomUUID()
  const event = {
    specversion: '1.0', id, source: '/booking', type: 'booking.created', subject: bookingId, time: createdAt,
    datacontenttype: 'application/json', tenantid: tenant, requestid: requestId,
    data: {
      bookingId, shipperId: sub, totalAmount: booking.price.totalAmount, currency: booking.price.currency,
      pickupAt: booking.freight.pickupAt, to: 'created', onCredit: false,
    },
  }
  const outbox = {
    pk: `${tenant}#outbox`, sk: `${createdAt}#${id}`, outbox: tenant, kind: event.type, event: JSON.stringify(event),
  }
  const audit = {
    pk: `${tenant}#audit#${createdAt.slice(0, 10)}`, sk: `${createdAt}#${requestId}#${randomUUID()}`, version: 1,
    action: 'booking.create', operation: 'createBooking', actor: sub, subject: `booking/${bookingId}`, requestId,
    at: createdAt,
  }
  let items = [record, outbox, audit]
  if (!process.env.BENCH_ONE_BATCH) {
    const ConditionExpression = 'attribute_not_exists(pk)'
    await documents.send(new PutCommand({ TableName: TABLE, Item: record, ConditionExpression }))
    items = [outbox, audit]
  }
  const puts = items.map((Item) => ({ PutRequest: { Item } }))
  const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }))
  if (Object.keys(UnprocessedItems ?? {}).length) throw new Error('dynalite left items unwritten')
}

function kilometres({ pickup, drop, distanceKm }) {
  if (distanceKm) return distanceKm
  const radians = (degrees) => (degrees * Math.PI) / 180
  const halfLat = Math.sin(radians(drop.lat - pickup.lat) / 2)
  const halfLng = Math.sin(radians(drop.lng - pickup.lng) / 2)
  const chord = halfLat ** 2 + Math.cos(radians(pickup.lat)) * Math.cos(radians(drop.lat)) * halfLng ** 2
  return 2 * 6_371 * Math.asin(Math.sqrt(chord))
}

function broken(freight, now) {
  const hoursAhead = (Date.parse(freight.pickupAt) - now.getTime()) / 3_600_000
  if (freight.tonnes > rules.maximumTonnes) return 'TOO_HEAVY'
  if (kilometres(freight) > rules.maximumKilometres) return 'TOO_FAR'
  if (hoursAhead < rules.earliestPickupHours || hoursAhead > rules.latestPickupDays * 24) return 'BOOKING_WINDOW_CLOSED'
}

function price(freight) {
  const { currency, surgeMultiplier, taxBasisPoints } = pricing
  const metres = Math.round(kilometres(freight) * 1000)
  const baseAmount = Math.round(freight.tonnes * pricing.basePerTonne)
  const distanceCharge = Math.round((freight.tonnes * metres * pricing.perTonneKilometre) / 1000)
  const materialSurcharge = Math.round((baseAmount + distanceCharge) * (pricing.materialMultipliers[freight.material] - 1))
  const carried = baseAmount + distanceCharge + materialSurcharge
  const vehicleSurcharge = Math.round(carried * ((pricing.vehicleClassMultipliers[freight.vehicleClass] ?? 1) - 1))
  const surgeAmount = Math.round((carried + vehicleSurcharge) * (surgeMultiplier - 1))
  const net = carried + vehicleSurcharge + surgeAmount
  const tax = Math.round((net * taxBasisPoints) / 10_000)
  return {
    currency, baseAmount, distanceCharge, materialSurcharge, vehicleSurcharge, surgeAmount, discounts: [],
    taxes: [{ name: 'GST', basisPoints: taxBasisPoints, amount: tax }], totalAmount: net + tax, priceVersion: '1-0',
  }
}

async function ensureTable() {
  const key = (hash, range) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ]
  const index = (IndexName, hash, range) => ({ IndexName, KeySchema: key(hash, range), Projection: { ProjectionType: 'ALL' } })
  const names = ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'outbox']
  const table = {
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: key('pk', 'sk'),
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      index('gsi1', 'gsi1pk', 'gsi1sk'), index('gsi2', 'gsi2pk', 'gsi2sk'), index('outbox', 'outbox', 'sk'),
    ],
  }
  try {
    await client.send(new CreateTableCommand(table))
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: TABLE })
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
}

await ensureTable()
listen(app, '/booking/v1/bookings')
