const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object): object => ({ "application/json": { schema } });
const file = { type: "string", format: "binary" } as const;
const text = { type: "string" } as const;

/** Statuses of /tag besides 200, and what they mean. */
const refusals: Readonly<Record<string, string>> = {
  400: "a parameter or the form is not as expected",
  401: "no token, or another one",
  403: "addresses are not fetched here, or a page of another site asks",
  408: "the request did not arrive in time",
  413: "more bytes or images than are taken",
  415: "the content is of another type",
  422: "not an image, or one that is damaged or has too many pixels",
  429: "too many images are waiting; Retry-After says when to try again",
  500: "the model failed",
  503: "not tagged in time, or the service is being stopped; Retry-After says when to try again",
};

const schemas = {
  Tag: {
    type: "object",
    required: ["id", "name", "score", "threshold"],
    properties: {
      id: { ...text, description: "of the class" },
      name: { ...text, description: "of the class, for people" },
      score: { type: "number", description: "from 0 to 1" },
      threshold: { type: "number", description: "the score that it had to exceed" },
    },
  },
  Tags: {
    type: "object",
    required: ["tags"],
    properties: { tags: { type: "array", items: ref("Tag"), description: "best first" } },
  },
  List: {
    type: "object",
    required: ["images"],
    properties: {
      images: {
        type: "array",
        items: {
          type: "object",
          properties: { name: text, tags: { type: "array", items: ref("Tag") }, error: ref("ErrorText") },
        },
        description: "in the order of the request: tags, or the error of an image that cannot be read",
      },
    },
  },
  ErrorText: {
    type: "object",
    required: ["code", "message"],
    properties: {
      code: { ...text, description: "in one word, to decide on" },
      message: { ...text, description: "for people" },
    },
  },
  Error: { type: "object", required: ["error"], properties: { error: ref("ErrorText") } },
};

/** The description of the service by OpenAPI 3.1. */
export function openApi({ token, urls }: { token: boolean; urls: boolean }): object {
  const secured = token ? { security: [{ bearer: [] }] } : {};
  const failures = Object.entries(refusals).map(([status, description]) => [
    status,
    { description, content: json(ref("Error")) },
  ]);
  const list = { type: "object", required: ["urls"], properties: { urls: { type: "array", items: text } } };
  return {
    openapi: "3.1.0",
    info: { title: "csl serve", version: "1", description: "Tags images with one model." },
    paths: {
      "/tag": {
        post: {
          summary: "tags of an image, or of several",
          ...secured,
          parameters: [
            {
              ...{ name: "threshold", in: "query", schema: { type: "number", minimum: 0, maximum: 1 } },
              description: "for every class, in the place of the model's own",
            },
            {
              ...{ name: "top", in: "query", schema: { type: "integer", minimum: 1 } },
              description: "at most so many tags",
            },
          ],
          requestBody: {
            required: true,
            content: {
              "image/*": { schema: file },
              "application/octet-stream": { schema: file },
              "multipart/form-data": {
                schema: { type: "object", properties: { images: { type: "array", items: file } } },
              },
              ...(urls && json(list)),
            },
          },
          responses: {
            200: {
              description: "tags: of the image that was the body, or of each image of a form or list",
              content: json({ oneOf: [ref("Tags"), ref("List")] }),
            },
            ...Object.fromEntries(failures),
          },
        },
      },
      "/health": { get: { summary: "the process is alive", responses: { 200: { description: "it is" } } } },
      "/ready": {
        get: {
          summary: "images are taken",
          responses: { 200: { description: "they are" }, 503: { description: "not now" } },
        },
      },
      "/metrics": {
        get: {
          summary: "numbers for Prometheus",
          ...secured,
          responses: { 200: { description: "as text" } },
        },
      },
    },
    components: {
      schemas,
      ...(token && { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } }),
    },
  };
}
