import { createBridgeMetrics } from '../../src/webhook/metrics';
import { DELIVERY_RESULTS } from '../../src/webhook/receive';
import { HTTP_REFUSAL_REASONS } from '../../src/runtime/http-refusal';
import { bridge, ended, headersFor, NOW_MS } from './support/bridge';

/** The bridge with its metrics, and a reader for single series. */
function counted() {
  const metrics = createBridgeMetrics('orders');
  const app = bridge({ onReceived: metrics.received });
  const page = async () => (await metrics.app.request('/metrics')).text();
  const value = async (series: string) => {
    const line = (await page()).split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  const results = async (result: string) =>
    value(`truedy_deliveries{result="${result}",namespace="orders"}`);
  return { ...app, metrics, page, value, results };
}

describe('the metrics of the bridge', () => {
  it.each(DELIVERY_RESULTS)('start at 0 for the result %s', async (fate) => {
    expect(await counted().results(fate)).toBe(0);
  });

  it('count deliveries by result', async () => {
    const { deliver, post, results } = counted();
    await deliver(ended());
    await deliver(ended());
    await post(ended(), headersFor('{}'));
    expect(await results('taken')).toBe(2);
    expect(await results('forged')).toBe(1);
    expect(await results('unmatched')).toBe(0);
  });

  it.each(HTTP_REFUSAL_REASONS)('count requests that are refused as %s', async (reason) => {
    const { metrics, value } = counted();
    const series = `truedy_http_refusals{reason="${reason}",namespace="orders"}`;
    expect(await value(series)).toBe(0);
    metrics.refused({ reason, source: '127.0.0.1' });
    expect(await value(series)).toBe(1);
  });

  it('measure the time from the end of the call until its delivery', async () => {
    const { deliver, value } = counted();
    await deliver(ended({ ended_at: new Date(NOW_MS - 12_000).toISOString() }));
    expect(await value('truedy_webhook_lag_seconds_sum{namespace="orders"}')).toBe(12);
    expect(await value('truedy_webhook_lag_seconds_count{namespace="orders"}')).toBe(1);
  });

  it('measure no lag if the clock of Truedy is ahead', async () => {
    const { deliver, value } = counted();
    await deliver(ended({ ended_at: new Date(NOW_MS + 12_000).toISOString() }));
    expect(await value('truedy_webhook_lag_seconds_sum{namespace="orders"}')).toBe(0);
  });

  it('measure no lag of a delivery without an end time', async () => {
    const { deliver, value } = counted();
    await deliver(ended());
    expect(await value('truedy_webhook_lag_seconds_count{namespace="orders"}')).toBe(0);
  });

  it('measure no lag of a delivery that no run accepted', async () => {
    const metrics = createBridgeMetrics('orders');
    metrics.received({ status: 204, fate: 'unmatched', lagMs: 9_000 });
    expect(await (await metrics.app.request('/metrics')).text()).toContain(
      'truedy_webhook_lag_seconds_count{namespace="orders"} 0',
    );
  });

  it('measure how long Temporal took, if it was asked', async () => {
    const { deliver, post, value } = counted();
    await post(ended(), headersFor('{}'));
    expect(await value('truedy_signal_seconds_count{namespace="orders"}')).toBe(0);
    await deliver(ended());
    expect(await value('truedy_signal_seconds_count{namespace="orders"}')).toBe(1);
  });

  it('measure in seconds, in buckets from less than a second on', async () => {
    const { metrics, page, value } = counted();
    metrics.received({ status: 204, fate: 'taken', tookMs: 250 });
    expect(await value('truedy_signal_seconds_sum{namespace="orders"}')).toBe(0.25);
    const bounds = [...(await page()).matchAll(/truedy_signal_seconds_bucket\{le="([\d.]+)"/g)];
    expect(bounds.map(([, le]) => Number(le)).some((le) => le < 1)).toBe(true);
  });

  it('contain no personal data and no id', async () => {
    const { deliver, page } = counted();
    await deliver(ended({ phone_number: '+14155550101', summary: 'hidden' }));
    expect(await page()).not.toMatch(/5550101|hidden|call_1|crm-1/);
  });

  it('are served on one page, and no other path exists', async () => {
    const { app } = createBridgeMetrics('orders');
    const answer = await app.request('/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect((await app.request('/')).status).toBe(404);
    expect((await app.request('/metrics', { method: 'POST' })).status).toBe(404);
  });

  it('are not served on the port of deliveries', async () => {
    expect((await counted().app.request('/metrics')).status).toBe(404);
  });
});
