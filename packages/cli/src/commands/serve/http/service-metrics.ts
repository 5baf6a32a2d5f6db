import type { ServicePackages } from "./load-packages.js";

/** What Prometheus asks for. */
export interface ServiceMetrics {
  request(status: number, seconds: number): void;
  images(count: number): void;
  text(): Promise<{ type: string; text: string }>;
}

export function serviceMetrics(
  { Registry, Counter, Gauge, Histogram, collectDefaultMetrics }: ServicePackages["metrics"],
  state: { accepted: () => number; replaced: () => { done: number; refused: number } },
): ServiceMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...{
      name: "csl_requests_total",
      help: "Requests to /tag by HTTP status.",
      labelNames: ["status"],
      registers,
    },
  });
  const seconds = new Histogram({
    ...{ name: "csl_request_seconds", help: "Time from a request to its answer.", registers },
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const images = new Counter({ name: "csl_images_total", help: "Images that were tagged.", registers });
  new Gauge({
    ...{ name: "csl_images_waiting", help: "Images that are accepted and not answered.", registers },
    collect() {
      this.set(state.accepted());
    },
  });
  new Gauge({
    ...{ name: "csl_model_replacements", help: "Times that the model's file was replaced.", registers },
    labelNames: ["result"],
    collect() {
      const { done, refused } = state.replaced();
      this.set({ result: "done" }, done);
      this.set({ result: "refused" }, refused);
    },
  });
  return {
    request(status, duration) {
      requests.inc({ status });
      seconds.observe(duration);
    },
    images: (count) => images.inc(count),
    text: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
