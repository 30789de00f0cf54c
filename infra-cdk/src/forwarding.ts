// The program of an origin: it passes a call on to the service that its path names, and gives header fields back the names
// that Step Functions lets no task send: `x-passed-authorization` goes on as `authorization`.

/** As Lambda takes it inline. `upstreams` says where each service answers. */
export const forwarding = (upstreams: Readonly<Record<string, string>>): string => `
const UPSTREAMS = new Map(Object.entries(${JSON.stringify(upstreams)}));
const PASSED = 'x-passed-';
// What a connection has to itself, and what gateways say of each other.
const OWN = /^(connection|content-length|host|keep-alive|transfer-encoding|forwarded|x-forwarded-.*|x-amzn-.*)$/;
const CHANGED = /^(connection|content-encoding|content-length|set-cookie|transfer-encoding)$/;

exports.handler = async ({ rawPath, rawQueryString, requestContext, headers, body, isBase64Encoded }) => {
  const upstream = UPSTREAMS.get(rawPath.split('/')[1]);
  if (upstream === undefined) return { statusCode: 404 };
  const fields = Object.entries(headers).filter(([name]) => !OWN.test(name));
  const renamed = fields.map(([name, value]) => [name.startsWith(PASSED) ? name.slice(PASSED.length) : name, value]);
  const answer = await fetch(upstream + encodeURI(rawPath) + (rawQueryString ? '?' + rawQueryString : ''), {
    method: requestContext.http.method,
    headers: Object.fromEntries(renamed),
    body: body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    redirect: 'manual',
  });
  return {
    statusCode: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !CHANGED.test(name))),
    cookies: answer.headers.getSetCookie(),
    body: Buffer.from(await answer.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
  };
};
`;
