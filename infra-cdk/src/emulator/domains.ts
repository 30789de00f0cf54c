// What stands in for the domains of an enver: one origin that passes calls on to the API of the service in their path,
// and shows the messages that a person would get as mails.

import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The messages there were, the latest first; asked for with the fields that they must have. */
export type Messages = (fields: ReadonlyMap<string, string>) => Promise<object[]>;

export class Domains {
  private readonly apis = new Map<string, string>();
  private readonly server: Server;
  private readonly gateway: URL;
  private readonly messages: Messages;

  private constructor(server: Server, gateway: URL, messages: Messages) {
    this.server = server;
    this.gateway = gateway;
    this.messages = messages;
  }

  /** Listens on a free port before the gateway of the emulator. */
  static async listen(gateway: string, messages: Messages): Promise<Domains> {
    const server = createServer();
    const domains = new Domains(server, new URL(gateway), messages);
    server.on('request', (incoming, outgoing) => domains.answer(incoming, outgoing));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return domains;
  }

  /** Where all services of the enver answer. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Passes calls of a service on to this API from now on. */
  route(service: string, api: string): void {
    this.apis.set(service, api);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const [asked = '', query = ''] = (incoming.url ?? '').split('?', 2);
    if (asked === '/_messages') {
      void this.showMessages(query, outgoing);
      return;
    }
    const api = this.apis.get(asked.split('/')[1] ?? '') ?? [...this.apis.values()][0];
    const { hostname: host, port } = this.gateway;
    // By its path: by a host, paths such as /health would be the emulator's own.
    const path = `/_aws/execute-api/${api}/$default${incoming.url}`;
    const options = { host, port, method: incoming.method, path, headers: incoming.headers, agent: false } as const;
    const forwarded = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    incoming.on('aborted', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }

  private async showMessages(query: string, outgoing: ServerResponse): Promise<void> {
    try {
      const data = await this.messages(new Map(new URLSearchParams(query)));
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    } catch (error) {
      outgoing.writeHead(502, { 'content-type': 'text/plain' }).end(String(error));
    }
  }
}
