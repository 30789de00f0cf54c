// Somebody who books one truck after another, while a new version is deployed.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmulatorError } from './aws.js';

/** What became of the bookings. */
export interface Bookings {
  readonly made: number;
  /** Calls that had to be repeated, because an instance was replaced under them. */
  readonly repeated: number;
}

export class Booker {
  private readonly origin: string;
  readonly token: string;
  private readonly made = new Set<string>();
  private repeated = 0;
  private stopping = false;
  private going: Promise<void> = Promise.resolve();

  private constructor(origin: string, token: string) {
    this.origin = origin;
    this.token = token;
  }

  /** Founds a company, whose administrator this is. */
  static async found(origin: string): Promise<Booker> {
    const name = `booker-${randomUUID().slice(0, 8)}`;
    const admin = { email: `admin@${name}.example`, name: 'Booker', password: randomUUID() };
    const founder = new Booker(origin, '');
    await founder.call('POST', '/auth/v1/tenants', { tenantId: name, name: 'Books all day', admin });
    const { data } = await founder.call('POST', '/auth/v1/login', { tenantId: name, email: admin.email, password: admin.password });
    return new Booker(origin, data.accessToken);
  }

  /** Begins to book; the first booking is made when this is done. */
  async begin(): Promise<void> {
    await this.book();
    this.going = this.goOn();
    // Whoever ends the booking hears of a failure.
    this.going.catch(() => {});
  }

  /** Stops, and looks whether each booking is there, once. */
  async end(): Promise<Bookings> {
    this.stopping = true;
    await this.going;
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await this.call('GET', `/booking/v1/bookings?pageSize=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      found.push(...page.data.map((booking: { bookingId: string }) => booking.bookingId));
      cursor = page.pagination.nextCursor ?? '';
      if (cursor === '') break;
    }
    const lost = [...this.made].filter((id) => !found.includes(id));
    const doubled = found.filter((id) => !this.made.has(id));
    if (lost.length > 0) throw new EmulatorError(`${lost.length} of ${this.made.size} bookings are lost: ${lost.join(', ')}`);
    if (doubled.length > 0) throw new EmulatorError(`bookings that nobody made are there: ${doubled.join(', ')}`);
    return { made: this.made.size, repeated: this.repeated };
  }

  private async goOn(): Promise<void> {
    const PAUSE_MILLIS = 200;
    while (!this.stopping) {
      await this.book();
      await sleep(PAUSE_MILLIS);
    }
  }

  private async book(): Promise<void> {
    const DAY_MILLIS = 86_400_000;
    const pickup = { lat: 17.05, lng: 79.27, address: 'Nalgonda' };
    const drop = { lat: 16.87, lng: 79.56, address: 'Miryalguda' };
    const pickupAt = new Date(Date.now() + DAY_MILLIS).toISOString();
    const quote = await this.call('POST', '/booking/v1/quotes', { pickup, drop, material: 'coal', tonnes: 12.5, pickupAt });
    const booking = await this.call('POST', '/booking/v1/bookings', { quoteToken: quote.data.quoteToken });
    this.made.add(booking.data.bookingId);
  }

  /** A call as a careful client makes it: what was not answered is asked again, under the same key. */
  private async call(method: string, path: string, body?: object): Promise<any> {
    const LONGEST_MILLIS = 300_000;
    const AGAIN_MILLIS = 300;
    const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    if (this.token !== '') headers['authorization'] = `Bearer ${this.token}`;
    const end = Date.now() + LONGEST_MILLIS;
    for (;;) {
      const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await fetch(this.origin + path, sent).catch(() => undefined);
      const text = (await response?.text()) ?? '';
      if (response?.ok) return JSON.parse(text);
      const again = response === undefined || response.status >= 500 || response.status === 429;
      if (!again || Date.now() > end) throw new EmulatorError(`${method} ${path} was answered with ${response?.status}: ${text}`);
      if (response?.status !== 429) this.repeated += 1;
      await sleep(Number(response?.headers.get('retry-after') ?? 0) * 1000 || AGAIN_MILLIS);
    }
  }
}
