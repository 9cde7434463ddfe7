/** Makes an event of API Gateway's payload format 2.0, in the form that AWS documents for HTTP APIs. */
export function httpEvent(
  body: string,
  headers: Record<string, string>,
  { base64 }: { readonly base64: boolean },
) {
  const path = '/webhooks/truedy';
  return {
    version: '2.0',
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: '',
    // API Gateway writes all names in lower case.
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body)),
      host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
      'x-amzn-trace-id': 'Root=1-69299f00-0123456789abcdef01234567',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'a1b2c3d4e5',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: '-' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: `POST ${path}`,
      stage: '$default',
      time: '28/Nov/2026:11:00:00 +0000',
      timeEpoch: 1_795_863_600_000,
    },
    body: base64 ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: base64,
  };
}
