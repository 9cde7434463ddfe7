/** The door of webhooks. */
export {};
