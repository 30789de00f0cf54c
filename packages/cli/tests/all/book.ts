// Books a truck with nothing but the types that were generated from the published contracts.
import createClient from "openapi-fetch";

import type { paths as Auth } from "./auth.js";
import type { components, paths as Booking } from "./booking.js";

declare const process: { argv: string[] };
declare const console: { log(text: string): void };

const [, , origin = "", password = ""] = process.argv;

const auth = createClient<Auth>({ baseUrl: origin });
const login = await auth.POST("/auth/v1/login", { body: { tenantId: "demo", email: "admin@demo.example", password } });
if (login.error) throw new Error(JSON.stringify(login.error));
const { data } = login.data;
if (!("accessToken" in data)) throw new Error("a second factor is wanted");

const headers = { authorization: `Bearer ${data.accessToken}` };
const booking = createClient<Booking>({ baseUrl: origin, headers });

const freight: components["schemas"]["Freight"] = {
  pickup: { lat: 17.05, lng: 79.27, address: "Nalgonda" },
  drop: { lat: 16.87, lng: 79.56, address: "Miryalguda" },
  material: "coal",
  tonnes: 12.5,
  pickupAt: new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString(),
};
const quote = await booking.POST("/booking/v1/quotes", { body: freight });
if (quote.error) throw new Error(JSON.stringify(quote.error));

const body = { quoteToken: quote.data.data.quoteToken };
const booked = await booking.POST("/booking/v1/bookings", { body });
if (booked.error) throw new Error(JSON.stringify(booked.error));
const status: "created" | string = booked.data.data.status;

// A quote is good for one booking: the code says so, and the type knows the code.
const again = await booking.POST("/booking/v1/bookings", { body });
const expected: "QUOTE_USED" = "QUOTE_USED";

// @ts-expect-error there is no such material
const sand: components["schemas"]["Freight"] = { ...freight, material: "sand" };
const refused = await booking.POST("/booking/v1/quotes", { body: sand });
if (!refused.error) throw new Error("sand was taken");
if (refused.error.error.code === "VALIDATION_ERROR") {
  // Only under this code are there issues.
  const first: string | undefined = refused.error.error.details.issues[0]?.pointer;
  if (first !== "/material") throw new Error(`the issue is at ${first}`);
}

// @ts-expect-error there is no such path
void (() => booking.GET("/booking/v1/trucks"));

console.log(
  JSON.stringify({
    status,
    refused: refused.error.error.code,
    again: again.error?.error.code === expected ? expected : again.error,
  }),
);
