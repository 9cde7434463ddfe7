/** The door of encryption. */
export {};
