// The consignment as zod describes it: what the garde attributes of bench/pipeline/src/echo.rs say.
import { z } from 'zod'

const Party = z.strictObject({
  name: z.string().min(1).max(100),
  gstin: z.string().regex(/^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}$/),
  phone: z.string().regex(/^\+91[0-9]{10}$/),
})

const Stop = z.strictObject({
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  address: z.string().min(3).max(200),
  pincode: z.string().regex(/^[1-9][0-9]{5}$/),
  at: z.iso.datetime({ offset: true }),
})

const Item = z.strictObject({
  description: z.string().min(1).max(100),
  quantity: z.int().min(1).max(1000),
  kilograms: z.number().min(0.1).max(40_000),
})

export const Consignment = z.strictObject({
  reference: z.string().regex(/^BK[0-9]{10}$/),
  consignor: Party,
  consignee: Party,
  pickup: Stop,
  drop: Stop,
  material: z.enum(['coal', 'iron_ore', 'limestone', 'fertilizer']),
  tonnes: z.number().min(0.1).max(40),
  items: z.array(Item).min(1).max(20),
  price: z.strictObject({ amount: z.int().min(0).max(1e12), currency: z.string().regex(/^[A-Z]{3}$/) }),
  equipment: z.array(z.string().regex(/^[a-z][a-z-]{1,30}$/)).max(10),
  remarks: z.string().max(500).nullish(),
})
